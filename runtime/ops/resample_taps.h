// The tap tables of Resample: which source elements each output position of an axis combines.
#ifndef STINT_RUNTIME_OPS_RESAMPLE_TAPS_H_
#define STINT_RUNTIME_OPS_RESAMPLE_TAPS_H_

#include <cstdint>
#include <span>

#include "runtime/base/array.h"
#include "runtime/ops/resample.h"

namespace stint {

// The scale of an axis: the attribute, or the quotient of the extents.
double ScaleOf(const ResampleAttributes& attributes, int axis, int64_t source, int64_t result);

struct ResampleTap {
  int64_t index;
  double weight;
};

// The taps of output positions 0 .. result extent - 1 of one axis.
class ResampleTable {
 public:
  // `source` must be at least 1 and the attributes accepted by the shape function. kLimit: memory.
  Status Build(const ResampleAttributes& attributes, int axis, int64_t source, int64_t result);

  // Empty: the position lies outside a region, its value is `extrapolation`.
  std::span<const ResampleTap> taps(int64_t position) const {
    const auto begin = static_cast<size_t>(starts_[static_cast<size_t>(position)]);
    const auto end = static_cast<size_t>(starts_[static_cast<size_t>(position) + 1]);
    return taps_.span().subspan(begin, end - begin);
  }
  // Whether every position has one tap, itself, of weight 1.
  bool is_identity() const { return is_identity_; }

 private:
  Status AddTaps(const ResampleAttributes& attributes, const ResizeAxis& axis, double position);

  Array<int64_t> starts_;
  Array<ResampleTap> taps_;
  bool is_identity_ = false;
};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_RESAMPLE_TAPS_H_
