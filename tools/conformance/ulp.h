// How far a result is from what is expected, in units in the last place.
#ifndef STINT_TOOLS_CONFORMANCE_ULP_H_
#define STINT_TOOLS_CONFORMANCE_ULP_H_

#include <optional>

#include "runtime/ops/tensor.h"

namespace stint::conformance {

// The largest distance of two elements in units in the last place that the expected one has in the
// dtype of `actual`. Elements that are at most one epsilon of it apart count as equal, as do equal
// infinities and NaNs; a finite number is infinitely far from what is not. Both tensors are dense
// and of the same shape; `expected` may be of a wider dtype. nullopt: `actual` has a dtype other
// than float16, bfloat16, float32, float64 and complex ones.
std::optional<double> LargestUlp(const TensorView& actual, const TensorView& expected);

}  // namespace stint::conformance

#endif  // STINT_TOOLS_CONFORMANCE_ULP_H_
