// Prefix: running sums or products along one axis, added in serial order (ONNX CumSum, CumProd).
#ifndef STINT_RUNTIME_OPS_PREFIX_H_
#define STINT_RUNTIME_OPS_PREFIX_H_

#include "runtime/ops/attributes.h"

namespace stint {

enum class PrefixKind : int64_t {
  kSum = 0,
  kProduct = 1,
};

// Operand: X, floats (f16 and bf16 accumulate in f32) or integers, which wrap. Result: as X.
struct PrefixAttributes {
  PrefixKind kind = PrefixKind::kSum;
  DimList axis;           // One, from 0 or negative from the end; an expression if computed.
  int64_t exclusive = 0;  // Element i combines those before i: starts at 0 or 1.
  int64_t reverse = 0;    // From the end.
  MapProgram prologue;
  MapProgram epilogue;
};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_PREFIX_H_
