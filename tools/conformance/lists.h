// Lists of what is known of cases, with reasons: `SUITE/CASE: reason`, both shell patterns; empty
// lines and lines that begin with '#' say nothing.
#ifndef STINT_TOOLS_CONFORMANCE_LISTS_H_
#define STINT_TOOLS_CONFORMANCE_LISTS_H_

#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "tools/conformance/cases.h"

namespace stint::conformance {

class KnownCases {
 public:
  // An empty path is a list without entries. kIo: no such file; kInvalid: a line of another form.
  static Result<KnownCases> Read(const std::string& path);

  // The reason of the first entry that matches; nullptr when none does.
  const std::string* ReasonOf(const std::string& id) const;

  // The patterns that match no case of a suite which they name: one line each, with the suite.
  std::vector<std::string> Stale(const std::vector<TestCase>& cases) const;

  const std::string& path() const { return path_; }

 private:
  struct Entry {
    std::string suite;
    std::string pattern;
    std::string reason;
  };

  std::string path_;
  std::vector<Entry> entries_;
};

}  // namespace stint::conformance

#endif  // STINT_TOOLS_CONFORMANCE_LISTS_H_
