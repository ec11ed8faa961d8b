#include "backends/cpu/commands.h"

namespace stint::cpu {

namespace {

TensorView Addressed(const DeviceTensor& tensor) {
  TensorView view = tensor.view;
  if (tensor.constant != nullptr) {
    view.data = const_cast<void*>(tensor.constant);  // Views have no const form.
  } else if (tensor.buffer != nullptr) {
    view.data = static_cast<std::byte*>(tensor.buffer->host()) + tensor.offset;
  }
  return view;
}

}  // namespace

TensorView Execution::Operand(size_t i) const {
  return i < call.operands.size() ? Addressed(call.operands[i]) : TensorView();
}

TensorView Execution::Result(size_t i) const {
  return i < call.results.size() ? Addressed(call.results[i]) : TensorView();
}

Status CpuCommandList::Add(RunFunction run, PreparedKernel& kernel, const KernelCall& call,
                           const DeviceTensor& scratch) {
  return commands_.Push({run, &kernel, &call, scratch});
}

Status CpuCommandList::Run() {
  for (const Command& command : commands_) {
    std::byte* scratch = nullptr;
    if (command.scratch.buffer != nullptr) {
      scratch = static_cast<std::byte*>(command.scratch.buffer->host()) + command.scratch.offset;
    }
    STINT_TRY(command.run({threads_, *command.kernel, *command.call, scratch}));
  }
  return {};
}

}  // namespace stint::cpu
