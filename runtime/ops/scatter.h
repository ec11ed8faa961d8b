// Scatter: data with elements or slices replaced, or combined with, updates at indexed places (ONNX
// ScatterElements, ScatterND). Indices are as Gather's. Updates apply in row-major order of the
// indices: of duplicates the last one wins, and sums are added in that order.
#ifndef STINT_RUNTIME_OPS_SCATTER_H_
#define STINT_RUNTIME_OPS_SCATTER_H_

#include "runtime/ops/attributes.h"

namespace stint {

enum class ScatterMode : int64_t {
  kElements = 0,  // updates has the shape of indices, one index an element along axis.
  kNd = 1,        // updates[..., slice] goes to data[i0, ..., ik-1, slice].
};

enum class ScatterReduction : int64_t {
  kNone = 0,
  kAdd = 1,
  kMultiply = 2,
  kMax = 3,  // NaN wins.
  kMin = 4,
};

// Operands: data, indices, updates. Result: the shape of data; it may lie where data lies. The
// dtype is any with kNone, else a number (bool: add is or, multiply is and).
struct ScatterAttributes {
  ScatterMode mode = ScatterMode::kElements;
  int64_t axis = 0;  // kElements only; from 0.
  ScatterReduction reduction = ScatterReduction::kNone;
};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_SCATTER_H_
