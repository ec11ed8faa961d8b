// The tap tables of Resample: which source elements each output position of an axis combines.
#ifndef STINT_RUNTIME_OPS_RESAMPLE_TAPS_H_
#define STINT_RUNTIME_OPS_RESAMPLE_TAPS_H_

#include <cstdint>
#include <span>

#include "runtime/ops/resample.h"
#include "runtime/ops/scratch.h"

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
  ResampleTable() = default;
  // Takes the table's memory. `source` must be at least 1 and the attributes accepted by the shape
  // function.
  ResampleTable(const ResampleAttributes& attributes, int axis, int64_t source, int64_t result,
                Scratch& memory);
  // Computes the table.
  void Fill(const ResampleAttributes& attributes, int axis);

  // Empty: the position lies outside a region, its value is `extrapolation`.
  std::span<const ResampleTap> taps(int64_t position) const {
    const auto begin = static_cast<size_t>(starts_[static_cast<size_t>(position)]);
    const auto end = static_cast<size_t>(starts_[static_cast<size_t>(position) + 1]);
    return taps_.subspan(begin, end - begin);
  }
  // Whether every position has one tap, itself, of weight 1.
  bool is_identity() const { return is_identity_; }

 private:
  void AddTaps(const ResampleAttributes& attributes, const ResizeAxis& axis, double position);
  void Add(int64_t index, double weight) { taps_[count_++] = {index, weight}; }

  int64_t source_ = 1;
  int64_t result_ = 0;
  std::span<int64_t> starts_;
  std::span<ResampleTap> taps_;
  size_t count_ = 0;  // Of taps that were added.
  bool is_identity_ = false;
};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_RESAMPLE_TAPS_H_
