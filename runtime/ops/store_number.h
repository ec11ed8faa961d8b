// Stores what was computed in floats into a tensor of any dtype: integers are truncated towards 0
// and saturated, NaN gives 0.
#ifndef STINT_RUNTIME_OPS_STORE_NUMBER_H_
#define STINT_RUNTIME_OPS_STORE_NUMBER_H_

#include <cstdint>

#include "runtime/ops/elements.h"

namespace stint {

// C: float or double.
template <typename C>
void StoreNumber(C value, const TensorView& y, int64_t offset) {
  const double number = static_cast<double>(value);
  switch (ComputeClassOf(y.dtype)) {
    case ComputeClass::kSigned: {
      const auto low = static_cast<double>(LowestOf<int64_t>(y.dtype));
      const auto highest = HighestOf<int64_t>(y.dtype);
      const int64_t clamped = number >= static_cast<double>(highest) ? highest
                              : number > low                         ? static_cast<int64_t>(number)
                              : number <= low                        ? LowestOf<int64_t>(y.dtype)
                                                                     : 0;
      return Store(clamped, y, offset);
    }
    case ComputeClass::kUnsigned: {
      const auto highest = HighestOf<uint64_t>(y.dtype);
      const uint64_t clamped = number >= static_cast<double>(highest) ? highest
                               : number > 0 ? static_cast<uint64_t>(number)
                                            : 0;
      return Store(clamped, y, offset);
    }
    default:
      return Store(value, y, offset);
  }
}

// Whether elements of this type are computed with in double where others take float: float64 and
// integers that float cannot hold.
inline bool NeedsDouble(DType dtype) {
  return BytesOf(dtype) > 4 || dtype == DType::kInt32 || dtype == DType::kUInt32;
}

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_STORE_NUMBER_H_
