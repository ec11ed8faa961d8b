// Gather: picks elements, rows or slices by index tensors (ONNX Gather, GatherElements, GatherND).
// Indices are int32 or int64, negative ones count from the end, others out of range are an error.
#ifndef STINT_RUNTIME_OPS_GATHER_H_
#define STINT_RUNTIME_OPS_GATHER_H_

#include "runtime/ops/attributes.h"

namespace stint {

enum class GatherMode : int64_t {
  kAxis = 0,      // data[:axis] + indices + data[axis+1:]
  kElements = 1,  // The shape of indices, one index an element along axis.
  kNd = 2,        // indices[..., k] address slices data[batch, i0, ..., ik-1].
};

// Operands: data, indices. `axis` counts from 0; batch_dims is for kNd only, whose indices have a
// constant last extent.
struct GatherAttributes {
  GatherMode mode = GatherMode::kAxis;
  int64_t axis = 0;
  int64_t batch_dims = 0;
  MapProgram epilogue;
};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_GATHER_H_
