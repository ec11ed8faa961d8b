// Whether a result is what was expected.
#ifndef STINT_TOOLS_STINT_COMPARE_H_
#define STINT_TOOLS_STINT_COMPARE_H_

#include <optional>
#include <string>

#include "runtime/ops/tensor.h"

namespace stint::cli {

// |actual - expected| <= absolute + relative * |expected|. NaN equals NaN, infinities equal
// themselves only. Integers and bools must be equal unless `on_integers`.
struct Tolerance {
  double absolute = 1e-5;
  double relative = 1e-3;
  bool on_integers = false;
};

// nullopt when dtype, shape and all elements agree; else "found ..., allowed ..." with how many
// elements differ, and the index and both values of the worst. Both tensors are dense.
std::optional<std::string> FindDifference(const TensorView& actual, const TensorView& expected,
                                          const Tolerance& tolerance);

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_COMPARE_H_
