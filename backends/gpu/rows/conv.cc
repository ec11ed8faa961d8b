// Convolutions as matrix products: tiles of 32 output channels of a group by 32 output pixels of
// all images, a workgroup each.
#include "backends/gpu/kernel_table.h"
#include "backends/gpu/rows/conv_call.h"

namespace stint::gpu::conv {

namespace {

constexpr uint32_t kInvocations = 64;
constexpr uint32_t kGroupBytes = 2 * 144 * 4 * sizeof(float);
constexpr uint64_t kTile = 32;

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo& device) {
  return RejectConv(call, device, false, kInvocations, kGroupBytes);
}

// Tiles that a group does not fill cost as much as full ones.
Work Cost(const KernelCall& call, const DeviceInfo&) {
  const ConvCall conv = MakeConvCall(call);
  const auto rows = static_cast<uint64_t>(conv.out_channels);
  const auto padded = static_cast<double>(CeilDivide(rows, kTile) * kTile);
  return {conv.Operations() * padded / static_cast<double>(rows), BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  const ConvCall conv = MakeConvCall(call);
  const ConvConstants constants = ConstantsOf(conv);
  DispatchPlan plan;
  plan.source = IsHalf(call) ? &sources::conv_f16 : &sources::conv_f32;
  plan.operands = 3;
  plan.constants = constants.values;
  plan.words.Add({conv.images, conv.groups, conv.in_channels, conv.out_channels,
                  call.operands[1].view.strides[0], conv.bias_stride});
  AddWindow(conv.window, &plan.words);
  plan.groups = static_cast<uint64_t>(conv.groups) *
                CeilDivide(static_cast<uint64_t>(conv.out_channels), kTile) *
                CeilDivide(static_cast<uint64_t>(conv.images * conv.window.pixels()), kTile);
  return PrepareDispatch(device, call, plan);
}

Status Record(CommandList& commands, PreparedKernel& kernel, const KernelCall& call,
              const DeviceTensor&) {
  return RecordDispatch(commands, kernel, call);
}

}  // namespace stint::gpu::conv
