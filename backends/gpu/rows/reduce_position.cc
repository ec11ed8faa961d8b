// Positions of extremes of floats, as int64.
#include "backends/gpu/kernel_table.h"
#include "backends/gpu/rows/reduce_call.h"

namespace stint::gpu::reduce_position {

namespace {

constexpr uint32_t kGroupBytes = kReduceInvocations * 2 * sizeof(uint32_t);

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo& device) {
  const TensorView& x = call.operands[0].view;
  if (!ReducesToPositions(call)) return "needs positions, not values";
  if (x.dtype != DType::kFloat32 && x.dtype != DType::kFloat16) return "needs float32 or float16";
  const char* reason = RejectDevice(device, {3, kReduceInvocations, kGroupBytes}, x.dtype);
  if (reason != nullptr) return reason;
  reason = RejectView(x, x.dtype, device);
  if (reason != nullptr) return reason;
  return RejectView(call.results[0].view, DType::kInt64, device);
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  return {static_cast<double>(ElementCount(call.operands[0].view)), BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  const auto& attributes = call.as<ReduceAttributes>();
  const ReduceCall reduce = MakeReduceCall(call);
  const uint32_t constants[] = {attributes.kind == ReduceKind::kArgMin ? 1u : 0u, reduce.lanes(),
                                static_cast<uint32_t>(reduce.kept.rank),
                                static_cast<uint32_t>(reduce.reduced.rank),
                                attributes.select_last != 0 ? 1u : 0u};
  const bool half = call.operands[0].view.dtype == DType::kFloat16;
  DispatchPlan plan = PlanOf(reduce);
  plan.source = half ? &sources::reduce_position_f16 : &sources::reduce_position_f32;
  plan.constants = constants;
  return PrepareDispatch(device, call, plan);
}

Status Record(CommandList& commands, PreparedKernel& kernel, const KernelCall& call,
              const DeviceTensor&) {
  return RecordDispatch(commands, kernel, call);
}

}  // namespace stint::gpu::reduce_position
