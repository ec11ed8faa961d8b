// What the float32 rows of Conv share: the geometry of a call with one to three spatial axes.
#ifndef STINT_BACKENDS_CPU_KERNELS_CONV_CALL_H_
#define STINT_BACKENDS_CPU_KERNELS_CONV_CALL_H_

#include "backends/cpu/kernels/float_call.h"
#include "backends/cpu/kernels/plane_window.h"
#include "runtime/ops/conv.h"

namespace stint::cpu {

struct ConvCall {
  PlaneWindow window;
  DepthWindow across;
  int64_t batch = 0;
  int64_t group = 1;
  int64_t in_channels = 0;   // Of one group.
  int64_t out_channels = 0;  // Of one group.

  int64_t taps() const { return across.kernel * window.kernel_height * window.kernel_width; }
  int64_t in_elements() const { return across.depth * window.in_elements(); }
  int64_t out_elements() const { return across.out_depth * window.out_elements(); }
};

inline ConvCall MakeConvCall(const KernelCall& call) {
  const auto& attributes = call.as<ConvAttributes>();
  const TensorView& x = call.operands[0].view;
  const TensorView& y = call.results[0].view;
  ConvCall conv;
  const int64_t* const kernel = call.operands[1].view.extents + 2;
  conv.window =
      MakePlaneWindow(x, y, kernel, attributes.strides, attributes.dilations, attributes.pads);
  conv.across =
      MakeDepthWindow(x, y, kernel, attributes.strides, attributes.dilations, attributes.pads);
  conv.batch = x.extents[0];
  conv.group = attributes.group;
  conv.in_channels = x.extents[1] / conv.group;
  conv.out_channels = y.extents[1] / conv.group;
  return conv;
}

// nullptr: a float32 call with up to so many spatial axes, 2 or 3.
inline const char* RejectConv(const KernelCall& call, bool transposed, int spatial = 2) {
  constexpr size_t kCoreOperands = 5;
  if (!IsFloat32(call, kCoreOperands)) return "needs float32";
  if ((call.as<ConvAttributes>().transposed != 0) != transposed) {
    return transposed ? "needs a transposed convolution" : "needs a forward convolution";
  }
  if (call.operands[0].view.rank > spatial + 2) {
    return spatial == 2 ? "needs one or two spatial axes" : "needs one to three spatial axes";
  }
  if (!IsDense(call.operands[0].view) || !IsDense(call.results[0].view)) {
    return "needs channels first";
  }
  return nullptr;
}

// Multiply-accumulates of a forward convolution.
inline double ConvOperations(const ConvCall& conv) {
  return static_cast<double>(conv.batch * conv.group * conv.out_channels) *
         static_cast<double>(conv.out_elements()) *
         static_cast<double>(conv.in_channels * conv.taps());
}

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_KERNELS_CONV_CALL_H_
