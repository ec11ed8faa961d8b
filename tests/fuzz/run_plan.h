// Binds and runs a plan as a host would, with inputs that come from its bytes.
#ifndef STINT_TESTS_FUZZ_RUN_PLAN_H_
#define STINT_TESTS_FUZZ_RUN_PLAN_H_

#include "runtime/plan/plan.h"

namespace stint::fuzz {

// What the fuzz target lets a plan spend.
Limits TinyLimits();

// Binds the plan to the CPU device and runs it twice, unless its tensors are so large that it would
// only cost time. Any error but kInternal is fine.
void RunPlan(const Plan& plan);

// Traps on what no input may ever cause: an error that says nothing, or a bug of Stint.
void CheckStatus(const Status& status);

}  // namespace stint::fuzz

#endif  // STINT_TESTS_FUZZ_RUN_PLAN_H_
