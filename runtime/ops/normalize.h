// Normalize: x / sqrt(mean of squares + epsilon) over the last axes, after the mean is taken away
// or not. Statistics are float64 whatever the type, in two passes. Scales and biases are its
// epilogue.
#ifndef STINT_RUNTIME_OPS_NORMALIZE_H_
#define STINT_RUNTIME_OPS_NORMALIZE_H_

#include "runtime/ops/attributes.h"

namespace stint {

enum class NormalizeKind : int64_t {
  kStandard,  // (x - mean) / sqrt(variance + epsilon)
  kRms,       // x / sqrt(mean of x^2 + epsilon)
};

// Operand: X, any float. The result has its type and shape. (Other axes are made the last by
// views.)
struct NormalizeAttributes {
  NormalizeKind kind = NormalizeKind::kStandard;
  int64_t axis = 0;  // The first of the normalised axes, from 0 to the rank: none.
  double epsilon = 0;
  MapProgram epilogue;
};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_NORMALIZE_H_
