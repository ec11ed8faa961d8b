// Walks over the coordinates of strided tensors, the one loop of all reference kernels, and the
// place in them that has a number, from which a thread begins.
#ifndef STINT_RUNTIME_OPS_WALK_H_
#define STINT_RUNTIME_OPS_WALK_H_

#include <array>
#include <cstddef>
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

// Calls each(axis, coordinate), from the last axis to the first, for the coordinates below
// `extents` that come `index`-th in row-major order. Axis `but` is left out.
template <typename Each>
void ForCoordinates(int64_t index, int rank, const int64_t* extents, int but, const Each& each) {
  for (int axis = rank - 1; axis >= 0; --axis) {
    if (axis == but) continue;
    each(axis, index % extents[axis]);
    index /= extents[axis];
  }
}

// The element offsets of those coordinates, of each of kViews stride lists.
//   const auto [x_offset, y_offset] = OffsetsAt<2>(row, rank, extents, {x.strides, y.strides});
template <int kViews>
std::array<int64_t, kViews> OffsetsAt(int64_t index, int rank, const int64_t* extents,
                                      const std::array<const int64_t*, kViews>& strides,
                                      int but = -1) {
  std::array<int64_t, kViews> offsets = {};
  ForCoordinates(index, rank, extents, but, [&](int axis, int64_t at) {
    for (size_t view = 0; view < kViews; ++view) offsets[view] += at * strides[view][axis];
  });
  return offsets;
}

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_WALK_H_
