// Reductions of floats over any axes.
#include "backends/gpu/kernel_table.h"
#include "backends/gpu/rows/reduce_call.h"

namespace stint::gpu::reduce {

const char* Reject(const KernelCall& call, const DeviceInfo& device) {
  if (ReducesToPositions(call)) return "needs values, not their positions";
  return RejectFloats(call, device, 1, kReduceInvocations, kReduceInvocations * sizeof(float));
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  return {static_cast<double>(ElementCount(call.operands[0].view)), BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  const ReduceCall reduce = MakeReduceCall(call);
  const uint32_t constants[] = {static_cast<uint32_t>(call.as<ReduceAttributes>().kind),
                                reduce.lanes(), static_cast<uint32_t>(reduce.kept.rank),
                                static_cast<uint32_t>(reduce.reduced.rank)};
  DispatchPlan plan = PlanOf(reduce);
  plan.source = IsHalf(call) ? &sources::reduce_f16 : &sources::reduce_f32;
  plan.constants = constants;
  return PrepareDispatch(device, call, plan);
}

Status Record(CommandList& commands, PreparedKernel& kernel, const KernelCall& call,
              const DeviceTensor&) {
  return RecordDispatch(commands, kernel, call);
}

}  // namespace stint::gpu::reduce
