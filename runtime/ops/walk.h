// Walks over the coordinates of strided tensors: the one loop of all reference kernels.
#ifndef STINT_RUNTIME_OPS_WALK_H_
#define STINT_RUNTIME_OPS_WALK_H_

#include <array>
#include <cstdint>

#include "runtime/ops/tensor.h"

namespace stint {

// Visits all coordinates below `extents` in row-major order and keeps the element offset of each
// of kViews stride lists. Nothing is visited when an extent is 0; rank 0 has one coordinate.
//   for (Walk<2> walk(rank, extents, {a.strides, b.strides}); !walk.done(); walk.Next()) ...
template <int kViews>
class Walk {
 public:
  static constexpr int kCapacity = kMaxRank + 1;  // An op may add one axis of its own.

  Walk(int rank, const int64_t* extents, const std::array<const int64_t*, kViews>& strides)
      : rank_(rank), extents_(extents), strides_(strides) {
    for (int axis = 0; axis < rank; ++axis) done_ = done_ || extents[axis] <= 0;
  }

  bool done() const { return done_; }
  int64_t offset(int view) const { return offsets_[view]; }
  const int64_t* coordinates() const { return coordinates_; }

  // From the first coordinate to the `index`th, which is one that is visited.
  void Seek(int64_t index) {
    for (int axis = rank_ - 1; axis >= 0; --axis) {
      coordinates_[axis] = index % extents_[axis];
      index /= extents_[axis];
      for (int view = 0; view < kViews; ++view) {
        offsets_[view] += coordinates_[axis] * strides_[view][axis];
      }
    }
  }

  void Next() {
    for (int axis = rank_ - 1; axis >= 0; --axis) {
      if (++coordinates_[axis] < extents_[axis]) {
        for (int view = 0; view < kViews; ++view) offsets_[view] += strides_[view][axis];
        return;
      }
      for (int view = 0; view < kViews; ++view) {
        offsets_[view] -= strides_[view][axis] * (extents_[axis] - 1);
      }
      coordinates_[axis] = 0;
    }
    done_ = true;
  }

 private:
  int rank_;
  const int64_t* extents_;
  std::array<const int64_t*, kViews> strides_;
  int64_t coordinates_[kCapacity] = {};
  int64_t offsets_[kViews] = {};
  bool done_ = false;
};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_WALK_H_
