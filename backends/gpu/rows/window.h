// What Conv and Pool share: tensors with one or two spatial axes as planes of rows, and the words
// of kernels/window.glsl.
#ifndef STINT_BACKENDS_GPU_ROWS_WINDOW_H_
#define STINT_BACKENDS_GPU_ROWS_WINDOW_H_

#include <cstdint>

#include "backends/gpu/rows/dispatch.h"
#include "runtime/ops/attributes.h"

namespace stint::gpu {

// Index 0 is down, 1 is along a row; of one spatial axis, down is 1 and unpadded.
struct PlaneWindow {
  int64_t in[2] = {1, 1};
  int64_t out[2] = {1, 1};
  int64_t kernel[2] = {1, 1};
  int64_t strides[2] = {1, 1};
  int64_t dilations[2] = {1, 1};
  int64_t pads_begin[2] = {0, 0};
  int64_t pads_end[2] = {0, 0};
  int64_t x_batch = 0, x_channel = 0;
  int64_t x_strides[2] = {0, 0};  // Of the spatial axes.
  int64_t y_batch = 0, y_channel = 0;
  int64_t y_strides[2] = {0, 0};

  int64_t taps() const { return kernel[0] * kernel[1]; }
  int64_t pixels() const { return out[0] * out[1]; }
};

// `kernel` has one extent a spatial axis. The rank is 3 or 4.
PlaneWindow MakePlaneWindow(const TensorView& x, const TensorView& y, const int64_t* kernel,
                            const IntList& strides, const IntList& dilations,
                            const LongDimList& pads);

// nullptr: x and y have one or two spatial axes.
const char* RejectRank(const KernelCall& call);
// nullptr: positions of all taps, and spread ones of a transposed convolution, fit 31 bits.
const char* RejectPositions(const PlaneWindow& window);

// Appends the words of kernels/window.glsl.
void AddWindow(const PlaneWindow& window, Words* words);

}  // namespace stint::gpu

#endif  // STINT_BACKENDS_GPU_ROWS_WINDOW_H_
