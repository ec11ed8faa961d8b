// Softmax: exp(x - max) / sum along one axis, or its logarithm. Computes in f32 (f64 for float64).
#ifndef STINT_RUNTIME_OPS_SOFTMAX_H_
#define STINT_RUNTIME_OPS_SOFTMAX_H_

#include "runtime/ops/attributes.h"

namespace stint {

// Operand: X, any float. (Old ONNX versions that normalise several axes flatten them by a view.)
struct SoftmaxAttributes {
  int64_t axis = 0;  // From 0.
  int64_t log = 0;   // 1: the logarithm.
  MapProgram prologue;
  MapProgram epilogue;
};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_SOFTMAX_H_
