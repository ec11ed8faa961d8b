// The cases of ONNX backend-test folders: DIR/CASE/model.onnx with DIR/CASE/test_data_set_*/.
#ifndef STINT_TOOLS_CONFORMANCE_CASES_H_
#define STINT_TOOLS_CONFORMANCE_CASES_H_

#include <string>
#include <vector>

#include "runtime/base/result.h"

namespace stint::conformance {

struct TestCase {
  std::string suite;
  std::string name;
  std::string folder;

  // "SUITE/CASE": what lists and filters match.
  std::string id() const { return suite + "/" + name; }
};

// Whether `id` matches a shell pattern; '*' also matches '/'.
bool Matches(const std::string& pattern, const std::string& id);

// The cases of all suites, sorted by name within each. A suite is given as NAME=DIR or as DIR,
// which is then named like the folder. `filter` matches case names, or SUITE/CASE when it holds a
// '/'; empty: all. kIo: no such folder; kInvalid: a suite twice or without a case.
Result<std::vector<TestCase>> FindCases(const std::vector<std::string>& suites,
                                        const std::string& filter);

// The folders test_data_set_* of a case, sorted.
std::vector<std::string> DataSetsOf(const TestCase& test_case);

}  // namespace stint::conformance

#endif  // STINT_TOOLS_CONFORMANCE_CASES_H_
