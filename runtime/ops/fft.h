// Fft: discrete Fourier transforms along one axis, of any length (ONNX DFT, STFT).
//
// Errors in ULP of the largest result of a line, on normal numbers and lengths 64 to 65536, primes
// among them: 0.5 for real float32 signals, 2 for complex float32 ones, 4.1 for float64.
#ifndef STINT_RUNTIME_OPS_FFT_H_
#define STINT_RUNTIME_OPS_FFT_H_

#include "runtime/ops/attributes.h"

namespace stint {

// Bounds what one command may take: a run ends between commands only.
inline constexpr int64_t kMaxFftLength = int64_t{1} << 22;

// Operand: X of floats, rank 2 and more; the last axis holds 1 (real) or 2 numbers (re, im).
// Result: as X with the transformed axis and 2 numbers, or 1 for the real result of inverse and
// onesided together. Real signals are computed in float64, complex ones in X's type (float16 and
// bfloat16 in float32).
struct FftAttributes {
  DimList axis = {1, {-2}};  // One, not the last; negative from the end. An expression if computed.
  DimList length;            // One, from 1 to kMaxFftLength: the axis is cut or filled with zeros.
  int64_t inverse = 0;       // Conjugate, divided by the length.
  int64_t onesided = 0;      // Forward: bins 0 to length / 2. Inverse: of those, the others follow.
};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_FFT_H_
