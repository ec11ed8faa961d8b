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
  } else if (bound.placed != kNoIndex) {
    tensor->buffer = buffers_.outputs[device * buffers_.placed.size() + bound.placed].get();
  } else {
    tensor->buffer = buffers_.arenas[bound.arena()].get();
    tensor->offset += bound.offset;
  }
}

// How many commands a step appends at most; a group's first step those of the group.
uint32_t Binder::CommandsOf(uint32_t index) const {
  const Step& step = binding_->steps[index];
  if (step.group == kNoIndex) return step.prepared->commands;
  const Group& group = binding_->groups[step.group];
  return group.first_step == index ? group.fused.prepared->commands : 0;
}

DeviceTensor Binder::Scratch(uint32_t device, uint64_t bytes, uint64_t offset) const {
  DeviceTensor scratch;
  if (bytes == 0) return scratch;
  scratch.buffer = buffers_.arenas[ArenaIndex(device, false)].get();
  scratch.offset = offset;
  return scratch;
}

Status Binder::RecordGroup(const Group& group, CommandList& commands) {
  const uint32_t device = binding_->steps[group.first_step].device;
  PreparedKernel& prepared = *group.fused.prepared;
  Array<const KernelCall*> calls;
  STINT_TRY(calls.Reserve(group.end_step - group.first_step));
  for (uint32_t i = group.first_step; i < group.end_step; ++i) {
    STINT_TRY(calls.Push(&binding_->steps[i].recorded));
  }
  return group.fused.record(commands, prepared, calls.span(),
                            Scratch(device, prepared.scratch_bytes, group.scratch_offset));
}

Status Binder::RecordRun(uint32_t first, uint32_t end) {
  const uint32_t device = binding_->steps[first].device;
  uint32_t commands = 0;
  for (uint32_t i = first; i < end; ++i) commands += CommandsOf(i);
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
    const uint32_t before = phase.commands->size();
    if (step.group == kNoIndex) {
      const DeviceTensor scratch =
          Scratch(device, step.prepared->scratch_bytes, step.scratch_offset);
      STINT_TRY(Blame(
          device, step.kernel->record(*phase.commands, *step.prepared, step.recorded, scratch)));
    } else if (binding_->groups[step.group].first_step == i) {
      STINT_TRY(Blame(device, RecordGroup(binding_->groups[step.group], *phase.commands)));
    }
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
