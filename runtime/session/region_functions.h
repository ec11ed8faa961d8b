// The regions of a function as functions of one region each, so that what binds and runs one region
// knows nothing of others.
//
// Inputs of a region are the function's, in their order, then the values that it reads and earlier
// regions write; outputs are what later regions read, of the last region the function's own.
// Values, views and expressions keep their numbers. A symbol that an earlier region computes is an
// element of an input.
#ifndef STINT_RUNTIME_SESSION_REGION_FUNCTIONS_H_
#define STINT_RUNTIME_SESSION_REGION_FUNCTIONS_H_

#include <cstdint>

#include "runtime/base/array.h"
#include "runtime/base/result.h"
#include "runtime/plan/plan.h"

namespace stint {

// Where an input of a region that is none of the function's comes from.
struct CarriedInput {
  uint32_t region = 0;
  uint32_t output = 0;  // Of that region.
};

struct RegionFunction {
  PlanFunction function;
  Array<CarriedInput> carried;  // Inputs from function.inputs.size() - carried.size() on.
  uint32_t first_op = 0;        // In the whole function.
};

// `function` has several regions and outlives the result. kLimit: what the regions take together is
// beyond `most_bytes`.
Result<Array<RegionFunction>> MakeRegionFunctions(const PlanFunction& function,
                                                  uint64_t most_bytes);

}  // namespace stint

#endif  // STINT_RUNTIME_SESSION_REGION_FUNCTIONS_H_
