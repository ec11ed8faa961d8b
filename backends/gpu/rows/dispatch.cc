#include "backends/gpu/rows/dispatch.h"

#include <algorithm>

namespace stint::gpu {

namespace {

constexpr uint64_t kMaxGroups = 65535;  // Along one axis, on every device.

class DispatchKernel final : public PreparedKernel {
 public:
  const DeviceInfo* device = nullptr;
  Pipeline* pipeline = nullptr;
  ProgramLink link;
  uint32_t operands = 0;
  uint32_t words = 0;  // Parameters of the kernel itself.
  Array<uint32_t> parameters;
  Array<Binding> bindings;
  uint32_t groups[3] = {1, 1, 1};
};

// Absent and empty operands are bound to the result, of which the kernel reads nothing.
const DeviceTensor& TensorAt(const KernelCall& call, uint32_t slot, uint32_t operands) {
  const bool is_operand =
      slot < operands && HasOperand(call, slot) && ElementCount(call.operands[slot].view) > 0;
  return is_operand ? call.operands[slot] : call.results[0];
}

Status SetParameters(const DispatchPlan& plan, DispatchKernel* kernel) {
  const uint32_t bases = plan.operands + 1;
  kernel->operands = plan.operands;
  kernel->words = bases + plan.words.count;
  STINT_TRY(kernel->parameters.Reserve(kernel->words + kernel->link.parameter_count()));
  STINT_TRY(kernel->bindings.Reserve(bases + kernel->link.binding_count()));
  STINT_TRY(kernel->parameters.Resize(kernel->words));
  std::copy_n(plan.words.values, plan.words.count, kernel->parameters.begin() + bases);
  FoldGroups(plan.groups, kernel->groups);
  return {};
}

}  // namespace

void FoldGroups(uint64_t count, uint32_t* groups) {
  const uint64_t rows = std::max<uint64_t>(CeilDivide(count, kMaxGroups), 1);
  groups[0] = static_cast<uint32_t>(CeilDivide(count, rows));
  groups[1] = static_cast<uint32_t>(rows);
  groups[2] = 1;
}

Result<std::unique_ptr<PreparedKernel>> PrepareDispatch(Device& device, const KernelCall& call,
                                                        const DispatchPlan& plan) {
  STINT_ASSIGN(auto kernel, Make<DispatchKernel>());
  auto& gpu = static_cast<GpuDevice&>(device);
  kernel->device = &gpu.info();
  const MapProgram* const epilogue = EpilogueOf(*call.op, call.attributes);
  if (epilogue != nullptr && epilogue->present()) {
    kernel->link.InitEpilogue(call, plan.operands + 1 + plan.words.count);
  }
  PipelineDescription description;
  description.source = plan.source;
  for (const uint32_t constant : plan.constants) {
    description.constants[description.constant_count++] = constant;
  }
  description.linked = kernel->link.program();
  STINT_ASSIGN(kernel->pipeline, gpu.FindPipeline(description));
  STINT_TRY(SetParameters(plan, kernel.get()));
  kernel->held_bytes = kernel->parameters.size() * sizeof(uint32_t);
  return std::unique_ptr<PreparedKernel>(std::move(kernel));
}

Status RecordDispatch(CommandList& commands, PreparedKernel& prepared, const KernelCall& call) {
  auto& kernel = static_cast<DispatchKernel&>(prepared);
  STINT_TRY(kernel.parameters.Resize(kernel.words));
  kernel.bindings.Clear();
  for (uint32_t slot = 0; slot <= kernel.operands; ++slot) {
    STINT_TRY(kernel.bindings.Push(BindTensor(TensorAt(call, slot, kernel.operands), *kernel.device,
                                              slot == kernel.operands, &kernel.parameters[slot])));
  }
  if (kernel.link.program().program.present()) {
    STINT_TRY(kernel.link.Append(call, *kernel.device, &kernel.parameters, &kernel.bindings));
  }
  Dispatch dispatch;
  dispatch.pipeline = kernel.pipeline;
  dispatch.parameters = kernel.parameters.span();
  dispatch.bindings = kernel.bindings.span();
  std::copy_n(kernel.groups, 3, dispatch.groups);
  return static_cast<GpuCommandList&>(commands).Add(dispatch);
}

const char* RejectDevice(const DeviceInfo& device, const Demands& demands, DType dtype) {
  const auto bytes = BytesOf(dtype);
  if (bytes == 1 && (device.features & kFeatureStorage8) == 0) return "needs 8-bit storage";
  if (bytes == 2 && (device.features & kFeatureStorage16) == 0) return "needs 16-bit storage";
  if (device.max_group_invocations < demands.invocations) return "needs larger workgroups";
  if (device.max_group_bytes < demands.group_bytes) return "needs more memory in a workgroup";
  return device.max_bindings < demands.bindings ? "needs more bindings" : nullptr;
}

const char* RejectView(const TensorView& view, DType dtype, const DeviceInfo& device) {
  if (!view.present()) return nullptr;
  if (view.dtype != dtype) return "needs operands and result of one type";
  return RejectTensor(view, device);
}

const char* RejectFloats(const KernelCall& call, const DeviceInfo& device, uint32_t operands,
                         uint32_t invocations, uint32_t group_bytes) {
  const DType dtype = call.results[0].view.dtype;
  if (dtype != DType::kFloat32 && dtype != DType::kFloat16) return "needs float32 or float16";
  const char* reason = RejectDevice(device, {operands + 2, invocations, group_bytes}, dtype);
  if (reason != nullptr) return reason;
  for (uint32_t i = operands; i < static_cast<uint32_t>(call.op->core_operands); ++i) {
    if (HasOperand(call, i)) return "needs no zero points";
  }
  for (uint32_t i = 0; i < operands && i < call.operands.size(); ++i) {
    reason = RejectView(call.operands[i].view, dtype, device);
    if (reason != nullptr) return reason;
  }
  reason = RejectView(call.results[0].view, dtype, device);
  if (reason != nullptr) return reason;
  return ProgramLink::RejectEpilogue(call, device, operands + 2);
}

double BytesMoved(const KernelCall& call) {
  double bytes = 0;
  const auto add = [&](std::span<const DeviceTensor> tensors) {
    for (const DeviceTensor& tensor : tensors) {
      if (!tensor.view.present()) continue;
      bytes += static_cast<double>(ElementCount(tensor.view) * BytesOf(tensor.view.dtype));
    }
  };
  add(call.operands);
  add(call.results);
  return bytes;
}

}  // namespace stint::gpu
