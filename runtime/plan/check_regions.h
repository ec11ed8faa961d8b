// What regions of a function may know: extents and attributes of a region's ops follow from the
// inputs and from values that earlier regions computed, and a value is written by one region.
#ifndef STINT_RUNTIME_PLAN_CHECK_REGIONS_H_
#define STINT_RUNTIME_PLAN_CHECK_REGIONS_H_

#include "runtime/plan/path.h"
#include "runtime/plan/plan.h"

namespace stint {

// Fills value_regions and expression_regions of a function that is read otherwise, where it has
// several regions. kInvalid: a symbol that no earlier region computes, a dim that is used before
// it is known, a value that two regions write.
Status CheckRegions(const Path& path, PlanFunction* function);

}  // namespace stint

#endif  // STINT_RUNTIME_PLAN_CHECK_REGIONS_H_
