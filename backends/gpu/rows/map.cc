// Whole Map ops: a kernel of one invocation an element, into which the program is linked.
#include "runtime/ops/map.h"

#include "backends/gpu/kernel_table.h"
#include "backends/gpu/rows/dispatch.h"

namespace stint::gpu::map {

namespace {

constexpr uint32_t kInvocations = 256;
constexpr uint32_t kOwnParameters = 1;  // The count of elements.

class MapKernel final : public PreparedKernel {
 public:
  const DeviceInfo* device = nullptr;
  Pipeline* pipeline = nullptr;
  ProgramLink link;
  uint32_t elements = 0;
  // The kernel's own come first, then the program's.
  Array<uint32_t> parameters;
  Array<Binding> bindings;
};

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo& device) {
  if (device.max_group_invocations < kInvocations) return "needs larger workgroups";
  return ProgramLink::RejectMap(call, device, sources::map.bindings);
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  const auto& program = call.as<MapAttributes>().program;
  const auto elements = static_cast<double>(ElementCount(call.results[0].view));
  return {elements * program.instruction_count, BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  auto& gpu = static_cast<GpuDevice&>(device);
  STINT_ASSIGN(auto kernel, Make<MapKernel>());
  kernel->device = &gpu.info();
  kernel->elements = static_cast<uint32_t>(ElementCount(call.results[0].view));
  kernel->link.InitMap(call, kOwnParameters);
  PipelineDescription description;
  description.source = &sources::map;
  description.linked = kernel->link.program();
  STINT_ASSIGN(kernel->pipeline, gpu.FindPipeline(description));
  STINT_TRY(kernel->parameters.Reserve(kOwnParameters + kernel->link.parameter_count()));
  STINT_TRY(kernel->bindings.Reserve(kernel->link.binding_count()));
  kernel->held_bytes = (kOwnParameters + kernel->link.parameter_count()) * sizeof(uint32_t) +
                       kernel->link.binding_count() * sizeof(Binding);
  return std::unique_ptr<PreparedKernel>(std::move(kernel));
}

Status Record(CommandList& commands, PreparedKernel& prepared, const KernelCall& call,
              const DeviceTensor&) {
  auto& kernel = static_cast<MapKernel&>(prepared);
  if (kernel.elements == 0) return {};
  kernel.parameters.Clear();
  kernel.bindings.Clear();
  STINT_TRY(kernel.parameters.Push(kernel.elements));
  STINT_TRY(kernel.link.Append(call, *kernel.device, &kernel.parameters, &kernel.bindings));
  Dispatch dispatch;
  dispatch.pipeline = kernel.pipeline;
  dispatch.parameters = kernel.parameters.span();
  dispatch.bindings = kernel.bindings.span();
  FoldGroups(CeilDivide(kernel.elements, kInvocations), dispatch.groups);
  return static_cast<GpuCommandList&>(commands).Add(dispatch);
}

}  // namespace stint::gpu::map
