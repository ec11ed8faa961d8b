// Golden pairs in a plan: what the model gave for some inputs where the plan was made. Each is a
// function behind the model that takes nothing and runs nothing: its outputs are constants, first
// one for each input of the model that has no default, then one for each of its outputs. So the
// rules of functions are all that a loader checks, and nothing reads a pair unless it is asked for.
#ifndef STINT_RUNTIME_PLAN_GOLDEN_H_
#define STINT_RUNTIME_PLAN_GOLDEN_H_

#include <string_view>

#include "runtime/base/result.h"
#include "runtime/plan/plan.h"

namespace stint {

// The name of pair i is this and i.
inline constexpr std::string_view kGoldenPrefix = "stint.golden.";

// Whether a function that is not the model is a golden pair.
inline bool IsGolden(const PlanFunction& function) {
  return function.name.substr(0, kGoldenPrefix.size()) == kGoldenPrefix &&
         function.inputs.empty() && function.ops.empty();
}

struct GoldenCount {
  uint32_t pairs = 0;
  uint64_t bytes = 0;  // Of constants that only pairs refer to.
};

// kLimit: no memory.
Result<GoldenCount> GoldenOf(const Plan& plan);

}  // namespace stint

#endif  // STINT_RUNTIME_PLAN_GOLDEN_H_
