#include "backends/gpu/rows/conv_call.h"

namespace stint::gpu {

namespace {

// Whether elements from axis `first` on lie in row-major order without gaps.
bool IsDenseFrom(TensorView view, int first) {
  for (int axis = 0; axis < first; ++axis) view.extents[axis] = 1;
  return IsDense(view);
}

}  // namespace

double ConvCall::Operations() const {
  return static_cast<double>(images * groups * out_channels) *
         static_cast<double>(window.pixels()) * static_cast<double>(in_channels * window.taps());
}

ConvCall MakeConvCall(const KernelCall& call) {
  const auto& attributes = call.as<ConvAttributes>();
  const TensorView& x = call.operands[0].view;
  const TensorView& y = call.results[0].view;
  ConvCall conv;
  conv.window = MakePlaneWindow(x, y, call.operands[1].view.extents + 2, attributes.strides,
                                attributes.dilations, attributes.pads);
  conv.images = x.extents[0];
  conv.groups = attributes.group;
  conv.in_channels = x.extents[1] / conv.groups;
  conv.out_channels = y.extents[1] / conv.groups;
  conv.has_bias = HasOperand(call, 2);
  if (conv.has_bias) conv.bias_stride = call.operands[2].view.strides[0];
  return conv;
}

const char* RejectConv(const KernelCall& call, const DeviceInfo& device, bool transposed,
                       uint32_t invocations, uint32_t group_bytes) {
  if ((call.as<ConvAttributes>().transposed != 0) != transposed) {
    return transposed ? "needs a transposed convolution" : "needs a forward convolution";
  }
  const char* reason = RejectRank(call);
  if (reason != nullptr) return reason;
  reason = RejectFloats(call, device, 3, invocations, group_bytes);
  if (reason != nullptr) return reason;
  if (!IsDenseFrom(call.operands[1].view, transposed ? 2 : 1)) return "needs dense weights";
  return RejectPositions(MakeConvCall(call).window);
}

ConvConstants ConstantsOf(const ConvCall& conv) {
  return {{static_cast<uint32_t>(conv.window.kernel[0]),
           static_cast<uint32_t>(conv.window.kernel[1]), conv.has_bias ? 1u : 0u}};
}

}  // namespace stint::gpu
