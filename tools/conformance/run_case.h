// One case: compile, run each of its data sets, compare.
#ifndef STINT_TOOLS_CONFORMANCE_RUN_CASE_H_
#define STINT_TOOLS_CONFORMANCE_RUN_CASE_H_

#include "runtime/base/result.h"
#include "tools/conformance/cases.h"
#include "tools/stint/console.h"
#include "tools/stint/device_choice.h"

namespace stint::conformance {

inline constexpr const char* kPass = "PASS";
inline constexpr const char* kUnsupported = "UNSUPPORTED";
inline constexpr const char* kExpectedFailure = "EXPECTED FAILURE";
inline constexpr const char* kFail = "FAIL";

// How plans get from the compiler to a session: its bytes in memory, or a file that is opened.
enum class Via : uint8_t { kOnnx, kPlan };

// What was seen of a case:
//   "verdict": kPass, kUnsupported or kFail; "detail": why not PASS, else empty;
//   "unsupported": {"domain", "op", "version", "operands", "reason"} of the first node, if so;
//   "operators": see OperatorsOf; "outputs": [{"name", "dtype", "ulp"}], the largest over all data
//   sets; "ulp" is null where the dtype has none. Where `truth`, a folder, has SUITE/CASE/SET/FILE
//   for an output's FILE of the case, "ulp" is the distance from that float64 tensor, and
//   "stored_ulp" that from the case's own.
// Outputs must have the dtype and shape of the expected ones and agree by ONNX's own tolerance:
// |actual - expected| <= 1e-7 + 1e-3 * |expected|, NaN equal to NaN; integers and bools exactly.
cli::Json RunCase(const TestCase& test_case, Via via, const std::string& truth,
                  const cli::DeviceSet& devices, const cli::DeviceArguments& arguments);

}  // namespace stint::conformance

#endif  // STINT_TOOLS_CONFORMANCE_RUN_CASE_H_
