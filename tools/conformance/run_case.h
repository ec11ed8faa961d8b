// One case: compile, run each of its data sets, compare.
#ifndef STINT_TOOLS_CONFORMANCE_RUN_CASE_H_
#define STINT_TOOLS_CONFORMANCE_RUN_CASE_H_

#include <string>

#include "tools/conformance/cases.h"
#include "tools/conformance/executor.h"
#include "tools/stint/console.h"

namespace stint::conformance {

inline constexpr const char* kPass = "PASS";
inline constexpr const char* kUnsupported = "UNSUPPORTED";
inline constexpr const char* kExpectedFailure = "EXPECTED FAILURE";
inline constexpr const char* kFail = "FAIL";

// What was seen of a case:
//   "verdict": kPass, kUnsupported or kFail; "detail": why not PASS, else empty;
//   "unsupported": {"domain", "op", "version", "operands", "reason"} of the first node, if so;
//   "operators": see OperatorsOf; "outputs": [{"name", "dtype", "ulp"}], the largest over all data
//   sets; "ulp" is null where the dtype has none. Where `truth`, a folder, has SUITE/CASE/SET/FILE
//   for an output's FILE of the case, "ulp" is the distance from that float64 tensor, and
//   "stored_ulp" that from the case's own.
// Outputs must have the dtype and shape of the expected ones and agree by ONNX's own tolerance:
// |actual - expected| <= 1e-7 + 1e-3 * |expected|, NaN equal to NaN; integers and bools exactly.
cli::Json RunCase(const TestCase& test_case, const std::string& truth, Executor& executor);

}  // namespace stint::conformance

#endif  // STINT_TOOLS_CONFORMANCE_RUN_CASE_H_
