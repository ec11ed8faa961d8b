#include "backends/cpu/commands.h"

#include <algorithm>

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

double Now() { return static_cast<double>(MonotonicNanoseconds()) * 1e-9; }

}  // namespace

TensorView Execution::Operand(size_t i) const {
  return i < call.operands.size() ? Addressed(call.operands[i]) : TensorView();
}

TensorView Execution::Result(size_t i) const {
  return i < call.results.size() ? Addressed(call.results[i]) : TensorView();
}

Status CpuCommandList::Reserve(const CommandListOptions& options) {
  timed_ = options.timed;
  if (timed_) STINT_TRY(seconds_.Reserve(options.capacity));
  return commands_.Reserve(options.capacity);
}

Status CpuCommandList::Add(RunFunction run, PreparedKernel& kernel, const KernelCall& call,
                           const DeviceTensor& scratch) {
  ++counters_.recorded;
  if (timed_) STINT_TRY(seconds_.Push(0));
  return commands_.Push({run, &kernel, &call, scratch});
}

Status CpuCommandList::Execute(const Command& command) const {
  std::byte* scratch = nullptr;
  if (command.scratch.buffer != nullptr) {
    scratch = static_cast<std::byte*>(command.scratch.buffer->host()) + command.scratch.offset;
  }
  return command.run({threads_, *command.kernel, *command.call, scratch});
}

Status CpuCommandList::Submit(const RunControl* control) {
  ++counters_.submissions;
  for (size_t i = 0; i < commands_.size(); ++i) {
    if (control != nullptr) STINT_TRY(control->Check());
    const double begin = timed_ ? Now() : 0;
    STINT_TRY(Execute(commands_[i]));
    if (timed_) seconds_[i] = Now() - begin;
  }
  counters_.dispatches += commands_.size();
  return {};
}

Result<bool> CpuCommandList::Wait(uint64_t) { return true; }

Status CpuCommandList::ReadTimes(std::span<double> seconds) {
  if (!timed_ || seconds.size() != seconds_.size()) {
    return Error(Code::kInvalid, "times", "found room for %zu, allowed %zu of a timed list",
                 seconds.size(), seconds_.size());
  }
  std::copy(seconds_.begin(), seconds_.end(), seconds.begin());
  return {};
}

}  // namespace stint::cpu
