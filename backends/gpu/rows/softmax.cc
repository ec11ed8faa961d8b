// Softmax along one axis: a workgroup a row, or an invocation a row where rows are short, or
// neighbouring rows lie beside each other.
#include "runtime/ops/softmax.h"

#include "backends/gpu/kernel_table.h"
#include "backends/gpu/rows/axes.h"
#include "backends/gpu/rows/dispatch.h"

namespace stint::gpu::softmax {

namespace {

constexpr uint32_t kInvocations = 64;

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo& device) {
  return RejectFloats(call, device, 1, kInvocations, kInvocations * sizeof(float));
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  return {20 * static_cast<double>(ElementCount(call.results[0].view)), BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  const auto& attributes = call.as<SoftmaxAttributes>();
  const TensorView& x = call.operands[0].view;
  const TensorView& y = call.results[0].view;
  const auto axis = static_cast<int>(attributes.axis);
  Axes others;
  int64_t rows = 1;
  int64_t inner = 1;
  for (int i = 0; i < x.rank; ++i) {
    if (i == axis) continue;
    others.Add(x.extents[i], x.strides[i], y.strides[i]);
    rows *= x.extents[i];
    if (i > axis) inner *= x.extents[i];
  }
  const bool alone = x.extents[axis] <= 16 || (inner >= kInvocations && rows >= 1024);
  const uint32_t lanes = alone ? 1 : kInvocations;
  DispatchPlan plan;
  plan.source = IsHalf(call) ? &sources::softmax_f16 : &sources::softmax_f32;
  plan.operands = 1;
  plan.words.Add({rows, x.extents[axis], x.strides[axis], y.strides[axis], inner});
  plan.words.AddList(others.extents, others.rank, kMaxRank);
  plan.words.AddList(others.strides[0], others.rank, kMaxRank);
  plan.words.AddList(others.strides[1], others.rank, kMaxRank);
  plan.groups = CeilDivide(static_cast<uint64_t>(rows) * lanes, kInvocations);
  const uint32_t constants[] = {attributes.log != 0 ? 1u : 0u, lanes,
                                static_cast<uint32_t>(others.rank)};
  plan.constants = constants;
  return PrepareDispatch(device, call, plan);
}

Status Record(CommandList& commands, PreparedKernel& kernel, const KernelCall& call,
              const DeviceTensor&) {
  return RecordDispatch(commands, kernel, call);
}

}  // namespace stint::gpu::softmax
