// Convolutions whose groups have one input channel, any number of output channels: an invocation a
// result.
#include "backends/gpu/kernel_table.h"
#include "backends/gpu/rows/conv_call.h"

namespace stint::gpu::conv_depthwise {

namespace {

constexpr uint32_t kInvocations = 256;

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo& device) {
  const char* const reason = RejectConv(call, device, false, kInvocations, 0);
  if (reason != nullptr) return reason;
  return MakeConvCall(call).in_channels == 1 ? nullptr : "needs one input channel a group";
}

// A result reads all that it needs by itself: twice the work of a tile's.
Work Cost(const KernelCall& call, const DeviceInfo&) {
  return {2 * MakeConvCall(call).Operations(), BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  const ConvCall conv = MakeConvCall(call);
  const ConvConstants constants = ConstantsOf(conv);
  const TensorView& y = call.results[0].view;
  DispatchPlan plan;
  plan.source = IsHalf(call) ? &sources::conv_depthwise_f16 : &sources::conv_depthwise_f32;
  plan.operands = 3;
  plan.constants = constants.values;
  plan.words.Add({ElementCount(y), y.extents[1], conv.out_channels,
                  call.operands[1].view.strides[0], conv.bias_stride});
  AddWindow(conv.window, &plan.words);
  plan.groups = CeilDivide(static_cast<uint64_t>(ElementCount(y)), kInvocations);
  return PrepareDispatch(device, call, plan);
}

Status Record(CommandList& commands, PreparedKernel& kernel, const KernelCall& call,
              const DeviceTensor&) {
  return RecordDispatch(commands, kernel, call);
}

}  // namespace stint::gpu::conv_depthwise
