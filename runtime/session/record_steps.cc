// Last stage of a bind: tensors get buffers and offsets, and steps become phases: a command list
// for each run of steps on one device, transfers in between.
#include "runtime/session/binder.h"

namespace stint {

// Constants that steps on `device` read, where it does not see host memory.
Status Binder::BringConstants(uint32_t device) {
  Array<uint8_t> wanted;
  STINT_TRY(wanted.Resize(plan_.constants().size()));
  bool any = false;
  for (const Step& step : binding_->steps) {
    if (step.device != device) continue;
    for (const uint32_t value : step.call.operand_values) {
      if (value == kNoIndex || binding_->values[value].home != Home::kConstant) continue;
      wanted[function_.values[value].constant] = 1;
      any = true;
    }
  }
  if (!any) return {};
  return Blame(device, buffers_.constants[device].Bring(*devices_[device], plan_, buffers_.unpacked,
                                                        wanted.span()));
}

void Binder::Locate(DeviceTensor* tensor, uint32_t value, uint32_t device) const {
  if (value == kNoIndex) return;
  const BoundValue& bound = binding_->values[value];
  if (bound.home == Home::kConstant) {
    if (HasHostMemory(device)) return;
    const ConstantStore::Place& place =
        buffers_.constants[device][function_.values[value].constant];
    tensor->buffer = place.buffer;
    tensor->offset += place.offset;
  } else if (bound.home == Home::kInput) {
    // A transfer reads it from where the caller has it.
    tensor->buffer = buffers_.inputs[device * function_.inputs.size() + bound.input].get();
  } else {
    tensor->buffer = buffers_.arenas[bound.arena()].get();
    tensor->offset += bound.offset;
  }
}

Status Binder::RecordRun(uint32_t first, uint32_t end) {
  const uint32_t device = binding_->steps[first].device;
  uint32_t commands = 0;
  for (uint32_t i = first; i < end; ++i) commands += binding_->steps[i].prepared->commands;
  Phase phase;
  auto list = devices_[device]->CreateCommandList(
      {.capacity = commands, .timed = options_.timed && devices_[device]->info().timestamps});
  if (!list.ok()) return Blame(device, list.TakeStatus());
  phase.commands = std::move(*list);
  phase.device = device;
  phase.first_step = first;
  phase.end_step = end;
  for (uint32_t i = first; i < end; ++i) {
    Step& step = binding_->steps[i];
    DeviceTensor scratch;
    if (step.prepared->scratch_bytes > 0) {
      scratch.buffer = buffers_.arenas[ArenaIndex(device, false)].get();
      scratch.offset = step.scratch_offset;
    }
    const uint32_t before = phase.commands->size();
    STINT_TRY(Blame(device,
                    step.kernel->record(*phase.commands, *step.prepared, step.recorded, scratch)));
    step.commands = phase.commands->size() - before;
  }
  return binding_->phases.Push(std::move(phase));
}

Status Binder::RecordSteps() {
  auto& steps = binding_->steps;
  for (uint32_t device = 0; device < devices_.size(); ++device) {
    if (!HasHostMemory(device)) STINT_TRY(BringConstants(device));
  }
  for (Step& step : steps) {
    for (size_t i = 0; i < step.call.operands.size(); ++i) {
      Locate(&step.call.operands[i], step.call.operand_values[i], step.device);
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
