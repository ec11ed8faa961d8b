// The rows that refuse nothing: an op's reference kernel on one thread, in scratch of the arena.
// The session splits prologues and epilogues off.
#include "backends/cpu/kernel_table.h"

namespace stint::cpu::reference {

namespace {

// Any other row is to be preferred.
constexpr double kOperationsPerElement = 1e6;

class ReferenceKernel final : public PreparedKernel {
 public:
  Array<TensorView> operands;
  Array<TensorView> results;
};

}  // namespace

const char* Reject(const KernelCall&, const DeviceInfo&) { return nullptr; }

Work Cost(const KernelCall& call, const DeviceInfo&) {
  Work work;
  for (const DeviceTensor& tensor : call.operands) {
    if (tensor.view.present()) work.operations += static_cast<double>(ElementCount(tensor.view));
  }
  for (const DeviceTensor& tensor : call.results) {
    if (tensor.view.present()) work.operations += static_cast<double>(ElementCount(tensor.view));
  }
  work.operations *= kOperationsPerElement;
  return work;
}

// Operands and results that are not given stand as absent ones, as reference kernels expect.
Result<std::unique_ptr<PreparedKernel>> Prepare(Device&, const KernelCall& call) {
  STINT_ASSIGN(auto kernel, Make<ReferenceKernel>());
  const OpInfo& op = *call.op;
  const auto operands = op.variadic ? call.operands.size() : static_cast<size_t>(op.core_operands);
  STINT_TRY(kernel->operands.Resize(operands));
  STINT_TRY(kernel->results.Resize(static_cast<size_t>(op.core_results)));
  const auto view = [](std::span<const DeviceTensor> tensors, size_t i) {
    return i < tensors.size() ? tensors[i].view : TensorView();
  };
  for (size_t i = 0; i < operands; ++i) kernel->operands[i] = view(call.operands, i);
  for (size_t i = 0; i < kernel->results.size(); ++i) kernel->results[i] = view(call.results, i);
  kernel->scratch_bytes =
      ScratchBytes(op, {call.attributes, kernel->operands.span(), kernel->results.span()});
  if (kernel->scratch_bytes == UINT64_MAX) return OutOfMemory(op.name, UINT64_MAX);
  return std::unique_ptr<PreparedKernel>(std::move(kernel));
}

Status Run(const Execution& execution) {
  auto& kernel = static_cast<ReferenceKernel&>(execution.kernel);
  for (size_t i = 0; i < kernel.operands.size(); ++i) kernel.operands[i] = execution.Operand(i);
  for (size_t i = 0; i < kernel.results.size(); ++i) kernel.results[i] = execution.Result(i);
  const OpInfo& op = *execution.call.op;
  Status status = op.reference({execution.call.attributes,
                                kernel.operands.span(),
                                kernel.results.span(),
                                {execution.scratch, static_cast<size_t>(kernel.scratch_bytes)}});
  return status.ok() ? Status() : std::move(status).At(op.name);
}

}  // namespace stint::cpu::reference
