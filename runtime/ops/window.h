// Sliding windows, as Conv and Pool have them: their attributes and which taps meet the tensor.
#ifndef STINT_RUNTIME_OPS_WINDOW_H_
#define STINT_RUNTIME_OPS_WINDOW_H_

#include <cstdint>

#include "runtime/ops/attributes.h"
#include "runtime/ops/tensor.h"

namespace stint {

// Strides, dilations, kernels and pads stay below this, so that sums of a few products with
// extents cannot overflow.
inline constexpr int64_t kMaxWindow = INT32_MAX;

// One stride and dilation and two pads for each of the spatial axes.
Status CheckWindow(int spatial, const IntList& strides, const IntList& dilations,
                   const LongDimList& pads);

// How far a dilated kernel reaches: (kernel - 1) * dilation + 1.
Dim WindowSpan(Dim kernel, int64_t dilation, DimContext& dims);

// The taps of one window along one axis that lie inside the tensor: `count` of them, the first at
// `input` in the tensor and `kernel` in the kernel, and the steps from one to the next.
struct Taps {
  int64_t count = 0;
  int64_t input = 0;
  int64_t input_step = 0;
  int64_t kernel = 0;
  int64_t kernel_step = 0;
};

// Output `output` of a window with `kernel` taps over `extent` elements behind `pad` positions of
// padding.
Taps ForwardTaps(int64_t output, int64_t stride, int64_t dilation, int64_t pad, int64_t kernel,
                 int64_t extent);

// The taps of a transposed convolution: input i adds to outputs i * stride - pad + k * dilation.
Taps TransposedTaps(int64_t output, int64_t stride, int64_t dilation, int64_t pad, int64_t kernel,
                    int64_t extent);

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_WINDOW_H_
