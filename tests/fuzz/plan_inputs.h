// Inputs for a run of a plan that nobody wrote by hand.
#ifndef STINT_TESTS_FUZZ_PLAN_INPUTS_H_
#define STINT_TESTS_FUZZ_PLAN_INPUTS_H_

#include <cstdint>
#include <vector>

#include "runtime/ops/tensor.h"
#include "runtime/plan/plan.h"

namespace stint::fuzz {

// Dense host tensors for the inputs of a function; their bytes are small numbers.
struct PlanInputs {
  // False: an input would be large.
  bool Make(const PlanFunction& function);

  std::vector<std::vector<uint64_t>> storage;
  std::vector<TensorView> views;

 private:
  bool Add(const PlanValue& value);
};

// Whether all values and views have few elements, so that no op can take long.
bool IsCheap(const PlanFunction& function, const PlanInputs& inputs);

}  // namespace stint::fuzz

#endif  // STINT_TESTS_FUZZ_PLAN_INPUTS_H_
