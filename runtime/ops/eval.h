// Eval: a small tensor whose elements are Dims: extents and what shape programs compute from them,
// when an op needs them as data. Host only.
#ifndef STINT_RUNTIME_OPS_EVAL_H_
#define STINT_RUNTIME_OPS_EVAL_H_

#include "runtime/ops/attributes.h"

namespace stint {

// No operands. The result is dense; `values` are its elements in row-major order.
struct EvalAttributes {
  int64_t dtype = static_cast<int64_t>(DType::kInt64);  // int64, int32 or bool.
  DimList extents;                                      // Constants.
  LongDimList values;
};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_EVAL_H_
