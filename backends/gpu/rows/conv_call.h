// What the rows of Conv share: what they take, and the geometry of a call.
#ifndef STINT_BACKENDS_GPU_ROWS_CONV_CALL_H_
#define STINT_BACKENDS_GPU_ROWS_CONV_CALL_H_

#include "backends/gpu/rows/window.h"
#include "runtime/ops/conv.h"

namespace stint::gpu {

struct ConvCall {
  PlaneWindow window;
  int64_t images = 0;
  int64_t groups = 1;
  int64_t in_channels = 0;   // Of one group.
  int64_t out_channels = 0;  // Of one group.
  int64_t bias_stride = 0;
  bool has_bias = false;

  // Multiply-accumulates, of a forward convolution or nearly.
  double Operations() const;
};

// For calls of at most two spatial axes.
ConvCall MakeConvCall(const KernelCall& call);

// nullptr: floats, one or two spatial axes, weights whose taps lie densely (and whose input
// channels do, unless transposed).
const char* RejectConv(const KernelCall& call, const DeviceInfo& device, bool transposed,
                       uint32_t invocations, uint32_t group_bytes);

// The specialisation constants of all conv kernels.
struct ConvConstants {
  uint32_t values[3];
};
ConvConstants ConstantsOf(const ConvCall& conv);

}  // namespace stint::gpu

#endif  // STINT_BACKENDS_GPU_ROWS_CONV_CALL_H_
