// What softmax, normalisation and interpolation do with one row of float32 that lies without gaps.
// Compiled once an instruction set from one source (rows_impl.h), like the kernels of tiles.h. Rows
// are summed in blocks, each in a fixed number of partial sums, so that errors hardly grow with the
// row; a row's bits depend on its numbers and the instruction set only.
#ifndef STINT_BACKENDS_CPU_MICRO_ROWS_H_
#define STINT_BACKENDS_CPU_MICRO_ROWS_H_

#include <stdint.h>

namespace stint::cpu {

// The mean is `mean` + `rest`: what its float lost is summed with the squares.
struct RowMoments {
  float mean;
  float rest;
  float variance;
};

// `count` is 1 and above; a row that is written may be exactly the one that is read.
struct RowKernels {
  // The largest element; NaN if there is one.
  float (*largest)(const float* from, int64_t count);
  // The sum of exp(x - largest), which is stored to `to` too unless that is nullptr. Elements are
  // `largest` at most, infinities or NaN. Each power within 2 ULP (simd/functions.h), or 0 below
  // 2^-125.
  float (*exp_sum)(const float* from, int64_t count, float largest, float* to);
  // to[i] = from[i] * factor
  void (*scale)(const float* from, int64_t count, float factor, float* to);
  // to[i] = (from[i] - first) - second
  void (*lower)(const float* from, int64_t count, float first, float second, float* to);
  // to[i] = weights[0] * rows[0][i] + weights[1] * rows[1][i] + ..., `taps` of them, 1 and above.
  void (*blend)(const float* const* rows, const float* weights, int taps, int64_t count, float* to);
  // Mean and variance, or with `centred` false zeros and the mean of the squares. Each sum within
  // 2 ULP of the sum of magnitudes; squares overflow as float does.
  void (*moments)(const float* from, int64_t count, bool centred, RowMoments* moments);
  // to[i] = ((from[i] - mean) - rest) * factor
  void (*standardize)(const float* from, int64_t count, const RowMoments& moments, float factor,
                      float* to);
};

extern const RowKernels kBaselineRowKernels;
#if defined(__x86_64__)
extern const RowKernels kAvx2RowKernels;
extern const RowKernels kAvx512RowKernels;
#endif

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_MICRO_ROWS_H_
