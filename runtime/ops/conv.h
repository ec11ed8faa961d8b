// Conv: convolution and transposed convolution of any number of spatial axes. Operands are always
// N, C, spatial; their strides say how they lie in memory.
#ifndef STINT_RUNTIME_OPS_CONV_H_
#define STINT_RUNTIME_OPS_CONV_H_

#include "runtime/ops/attributes.h"

namespace stint {

// Operands: X [N, C, D...], W [M, C/group, k...] (transposed: [C, M/group, k...]), bias [M]
// (optional: the accumulator's start), zero points of X (scalar) and W (scalar or [M]; optional,
// 8-bit operands only; padding adds nothing).
// f32, f16, bf16 accumulate in f32, f64 in f64; int8/uint8 give int32.
struct ConvAttributes {
  IntList strides;    // One a spatial axis, at least 1.
  IntList dilations;  // One a spatial axis, at least 1.
  // begin..., end...: 2 a spatial axis, expressions when auto_pad meets dynamic extents. Negative
  // pads crop.
  LongDimList pads;
  IntList output_padding;  // Transposed only: one a spatial axis; empty: zeros.
  int64_t group = 1;
  int64_t transposed = 0;
  MapProgram epilogue;
};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_CONV_H_
