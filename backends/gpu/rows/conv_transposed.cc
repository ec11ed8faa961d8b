// Transposed convolutions: an invocation a result gathers what was spread to it.
#include "backends/gpu/kernel_table.h"
#include "backends/gpu/rows/conv_call.h"

namespace stint::gpu::conv_transposed {

namespace {

constexpr uint32_t kInvocations = 256;

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo& device) {
  return RejectConv(call, device, true, kInvocations, 0);
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  return {2 * MakeConvCall(call).Operations(), BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  const ConvCall conv = MakeConvCall(call);
  const ConvConstants constants = ConstantsOf(conv);
  const TensorView& w = call.operands[1].view;
  const TensorView& y = call.results[0].view;
  DispatchPlan plan;
  plan.source = IsHalf(call) ? &sources::conv_transposed_f16 : &sources::conv_transposed_f32;
  plan.operands = 3;
  plan.constants = constants.values;
  plan.words.Add({ElementCount(y), y.extents[1], conv.out_channels, conv.in_channels, w.strides[0],
                  w.strides[1], conv.bias_stride});
  AddWindow(conv.window, &plan.words);
  plan.groups = CeilDivide(static_cast<uint64_t>(ElementCount(y)), kInvocations);
  return PrepareDispatch(device, call, plan);
}

Status Record(CommandList& commands, PreparedKernel& kernel, const KernelCall& call,
              const DeviceTensor&) {
  return RecordDispatch(commands, kernel, call);
}

}  // namespace stint::gpu::conv_transposed
