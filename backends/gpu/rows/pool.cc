// Pools over one or two spatial axes: an invocation a result.
#include "runtime/ops/pool.h"

#include "backends/gpu/kernel_table.h"
#include "backends/gpu/rows/window.h"

namespace stint::gpu::pool {

namespace {

constexpr uint32_t kInvocations = 256;

PlaneWindow WindowOf(const KernelCall& call) {
  const auto& attributes = call.as<PoolAttributes>();
  return MakePlaneWindow(call.operands[0].view, call.results[0].view, attributes.kernel.values,
                         attributes.strides, attributes.dilations, attributes.pads);
}

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo& device) {
  if (call.as<PoolAttributes>().with_indices != 0) return "needs a pool without indices";
  const char* reason = RejectRank(call);
  if (reason != nullptr) return reason;
  reason = RejectFloats(call, device, 1, kInvocations, 0);
  if (reason != nullptr) return reason;
  return RejectPositions(WindowOf(call));
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  const auto taps = static_cast<double>(WindowOf(call).taps());
  return {static_cast<double>(ElementCount(call.results[0].view)) * taps, BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  const auto& attributes = call.as<PoolAttributes>();
  const PlaneWindow window = WindowOf(call);
  const TensorView& y = call.results[0].view;
  const bool counts_padding =
      attributes.kind == PoolKind::kAverage && attributes.count_include_pad != 0;
  const uint32_t constants[] = {static_cast<uint32_t>(attributes.kind), counts_padding ? 1u : 0u};
  DispatchPlan plan;
  plan.source = IsHalf(call) ? &sources::pool_f16 : &sources::pool_f32;
  plan.operands = 1;
  plan.constants = constants;
  plan.words.Add({ElementCount(y), y.extents[1], window.kernel[0], window.kernel[1],
                  window.in[0] + window.pads_end[0], window.in[1] + window.pads_end[1]});
  AddWindow(window, &plan.words);
  plan.groups = CeilDivide(static_cast<uint64_t>(ElementCount(y)), kInvocations);
  return PrepareDispatch(device, call, plan);
}

Status Record(CommandList& commands, PreparedKernel& kernel, const KernelCall& call,
              const DeviceTensor&) {
  return RecordDispatch(commands, kernel, call);
}

}  // namespace stint::gpu::pool
