// Depthwise convolutions, pools and Winograd convolutions over channels-last pixels, without
// threads: what is computed is given as ranges of the result, and how it is cut into ranges changes
// no bit. Extents are in elements, distances in floats; lines of a result follow each other without
// a gap.
#ifndef STINT_BACKENDS_CPU_NHWC_WINDOWS_H_
#define STINT_BACKENDS_CPU_NHWC_WINDOWS_H_

#include "backends/cpu/nhwc/conv.h"

namespace stint::cpu {

// Kernels of depthwise convolutions and pools have at most so many rows.
inline constexpr int kMaxKernelRows = 64;

struct WindowData {
  const float* x = nullptr;
  int64_t x_ring = 0;               // Lines that x is a ring of; 0: it is an image.
  const float* weights = nullptr;   // Depthwise: kDepthwise16.
  const Finish* finish = nullptr;   // Depthwise.
  const float* residual = nullptr;  // Depthwise: laid out as the result; must not be y.
  int64_t residual_pixel = 0;
  float* y = nullptr;
  int64_t first_line = 0;  // Of the result, that y and the residual begin with.
};

// Of a ConvShape with out_channels = channels and kernel_height up to kMaxKernelRows, computes
// lines [lines) of the result for the channels of panels [panels): 16 channels each, from 0 to
// ceil(channels / 16).
void DepthwiseNhwc(const SpatialKernels& kernels, const ConvShape& shape, const WindowData& data,
                   IndexRange lines, IndexRange panels);

struct PoolShape {
  ConvShape window;  // out_channels = channels; kernel_height up to kMaxKernelRows.
  bool maximum = true;
  // Average: padding counts, up to these pads (what lies beyond never does).
  bool count_include_pad = false;
  int64_t pad_bottom = 0, pad_right = 0;
};

// Maximum (NaN wins, nothing gives -inf) or average (nothing gives 0); ranges as DepthwiseNhwc.
void PoolNhwc(const SpatialKernels& kernels, const PoolShape& shape, const WindowData& data,
              IndexRange lines, IndexRange panels);

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_NHWC_WINDOWS_H_
