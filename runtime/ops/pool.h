// Pool: maximum or sum over windows of the spatial axes (ONNX MaxPool, AveragePool, LpPool, LRN).
#ifndef STINT_RUNTIME_OPS_POOL_H_
#define STINT_RUNTIME_OPS_POOL_H_

#include "runtime/ops/attributes.h"

namespace stint {

enum class PoolKind : int64_t {
  kMax = 0,      // NaN wins; padding never does.
  kAverage = 1,  // Sum / count.
  kSum = 2,
};

// Operand: X [N, C, D...]; kMax: any number, kAverage: floats, kSum: floats or integers of up to 32
// bits, whose sums are int32. Result 0: [N, C, O...]. Result 1 (with_indices, kMax only): int64
// flat index of each first maximum in X, -1 where a window holds padding only. The maximum of
// nothing is -inf or the lowest integer, the average 0.
struct PoolAttributes {
  PoolKind kind = PoolKind::kMax;
  IntList kernel;
  IntList strides;
  IntList dilations;
  LongDimList pads;       // begin..., end...
  int64_t ceil_mode = 0;  // Round the output extent up; no window starts in the end padding.
  int64_t count_include_pad = 0;  // kAverage: padding counts, positions beyond it never do.
  int64_t with_indices = 0;       // kMax: also gives result 1.
  int64_t column_major = 0;       // ONNX storage_order of the indices.
  MapProgram prologue;
  MapProgram epilogue;
};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_POOL_H_
