// Axes of strided tensors, as few as tell the elements apart: axes of extent 1 are left out, and
// neighbours that all tensors cross in one step are one.
#ifndef STINT_BACKENDS_GPU_ROWS_AXES_H_
#define STINT_BACKENDS_GPU_ROWS_AXES_H_

#include <cstdint>

#include "runtime/ops/tensor.h"

namespace stint::gpu {

struct Axes {
  int rank = 0;
  int64_t extents[kMaxRank] = {};
  int64_t strides[3][kMaxRank] = {};  // Of up to three tensors.

  // Adds an axis inside those that are there; kMaxRank times at most.
  void Add(int64_t extent, int64_t first, int64_t second = 0, int64_t third = 0) {
    if (extent == 1) return;
    const bool joins = rank > 0 && strides[0][rank - 1] == extent * first &&
                       strides[1][rank - 1] == extent * second &&
                       strides[2][rank - 1] == extent * third;
    if (!joins) extents[rank++] = 1;
    extents[rank - 1] *= extent;
    strides[0][rank - 1] = first;
    strides[1][rank - 1] = second;
    strides[2][rank - 1] = third;
  }
};

}  // namespace stint::gpu

#endif  // STINT_BACKENDS_GPU_ROWS_AXES_H_
