// Last stage of a bind: tensors get buffers and offsets, and steps become phases: a command list
// for each run of steps on one device, transfers in between.
#include "runtime/session/binder.h"

namespace stint {

void Binder::Locate(DeviceTensor* tensor, uint32_t value, uint32_t device) const {
  if (value == kNoIndex) return;
  const BoundValue& bound = binding_->values[value];
  if (bound.home == Home::kConstant) return;
  if (bound.home == Home::kInput) {
    tensor->buffer = buffers_.inputs[device * function_.inputs.size() + bound.input].get();
    return;
  }
  tensor->buffer = buffers_.arenas[bound.device].get();
  tensor->offset += bound.offset;
}

Status Binder::RecordRun(uint32_t first, uint32_t end) {
  const uint32_t device = binding_->steps[first].device;
  uint32_t commands = 0;
  for (uint32_t i = first; i < end; ++i) commands += binding_->steps[i].prepared->commands;
  Phase phase;
  STINT_ASSIGN(phase.commands, devices_[device]->CreateCommandList(commands));
  for (uint32_t i = first; i < end; ++i) {
    Step& step = binding_->steps[i];
    DeviceTensor scratch;
    if (step.prepared->scratch_bytes > 0) {
      scratch.buffer = buffers_.arenas[device].get();
      scratch.offset = step.scratch_offset;
    }
    STINT_TRY(step.kernel->record(*phase.commands, *step.prepared, step.recorded, scratch));
  }
  return binding_->phases.Push(std::move(phase));
}

Status Binder::RecordSteps() {
  auto& steps = binding_->steps;
  for (Step& step : steps) {
    // A transfer reads inputs where the host sees them.
    const uint32_t reader = step.kernel != nullptr ? step.device : HostDevice();
    for (size_t i = 0; i < step.call.operands.size(); ++i) {
      Locate(&step.call.operands[i], step.call.operand_values[i], reader);
    }
    for (size_t i = 0; i < step.call.results.size(); ++i) {
      Locate(&step.call.results[i], step.call.result_values[i], step.device);
    }
    step.recorded = step.call.Call();
  }
  for (uint32_t first = 0; first < steps.size();) {
    uint32_t end = first;
    while (end < steps.size() && steps[end].kernel != nullptr &&
           steps[end].device == steps[first].device) {
      ++end;
    }
    if (end > first) {
      STINT_TRY(RecordRun(first, end));
      first = end;
      continue;
    }
    Phase transfer;
    transfer.transfer = first++;
    STINT_TRY(binding_->phases.Push(std::move(transfer)));
  }
  return {};
}

}  // namespace stint
