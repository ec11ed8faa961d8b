// Det: determinants of the square matrices in the last two axes (ONNX Det), by Gaussian elimination
// with partial pivoting in float64. Has no attributes.
#ifndef STINT_RUNTIME_OPS_DET_H_
#define STINT_RUNTIME_OPS_DET_H_

namespace stint {

// Operand: X of floats, rank 2 and more. Result: X's dtype and leading axes.
struct DetAttributes {};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_DET_H_
