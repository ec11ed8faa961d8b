// Sixth stage of a bind: lifetimes, what is computed in place, and where in the arenas everything
// lies, scratch included.
#include <algorithm>

#include "runtime/memory/planner.h"
#include "runtime/ops/map.h"
#include "runtime/session/binder.h"

namespace stint {

namespace {

// Whether the program has read `input` for good before it writes anything.
bool LoadsBeforeStores(const MapProgram& program, size_t input) {
  bool stored = false;
  for (int i = 0; i < program.instruction_count; ++i) {
    const MapInstruction& instruction = program.instructions[i];
    if (instruction.opcode == MapOpcode::kStore) stored = true;
    if (stored && instruction.opcode == MapOpcode::kLoad && instruction.a == input) return false;
  }
  return true;
}

// Whether both see each element of memory at the same coordinates.
bool SeesTheSame(const TensorView& a, const TensorView& b) {
  if (a.rank != b.rank) return false;
  for (int axis = 0; axis < a.rank; ++axis) {
    if (a.extents[axis] != b.extents[axis]) return false;
    if (a.extents[axis] > 1 && a.strides[axis] != b.strides[axis]) return false;
  }
  return true;
}

}  // namespace

void Binder::CountUses() {
  auto& values = binding_->values;
  for (uint32_t i = 0; i < binding_->steps.size(); ++i) {
    const BoundCall& call = binding_->steps[i].call;
    for (const uint32_t value : call.operand_values) {
      if (value != kNoIndex) values[value].Touch(i);
    }
    for (const uint32_t value : call.result_values) {
      if (value == kNoIndex) continue;
      values[value].Touch(i);
      ++values[value].writers;
    }
  }
  const auto end = static_cast<uint32_t>(binding_->steps.size());
  for (const BoundOutput& output : binding_->outputs) values[output.value].Touch(end);
}

// Lets a Map write over an operand that nothing reads later.
void Binder::ShareStep(uint32_t index) {
  const BoundCall& call = binding_->steps[index].call;
  const auto& map = *static_cast<const MapAttributes*>(call.attributes);
  auto& values = binding_->values;
  for (size_t r = 0; r < call.results.size(); ++r) {
    if (call.result_values[r] == kNoIndex) continue;
    BoundValue& result = values[call.result_values[r]];
    if (result.writers != 1 || result.bytes == 0 || !IsWhole(call.results[r], result)) continue;
    if (result.placed != kNoIndex) continue;
    for (size_t i = 0; i < call.operands.size(); ++i) {
      if (call.operand_values[i] == kNoIndex) continue;
      BoundValue& operand = values[call.operand_values[i]];
      const uint32_t storage = operand.storage;
      if (operand.home != Home::kArena || operand.arena() != result.arena()) continue;
      if (values[storage].last_use != index || operand.bytes != result.bytes) continue;
      bool fits = true;
      for (size_t k = 0; k < r; ++k) {  // No two results may take the same memory.
        const uint32_t other = call.result_values[k];
        fits = fits && (other == kNoIndex || values[other].storage != storage);
      }
      for (size_t k = 0; fits && k < call.operands.size(); ++k) {
        if (call.operand_values[k] == kNoIndex) continue;
        if (values[call.operand_values[k]].storage != storage) continue;
        fits = IsWhole(call.operands[k], operand) && LoadsBeforeStores(map.program, k) &&
               SeesTheSame(call.operands[k].view, call.results[r].view);
      }
      if (!fits) continue;
      result.storage = storage;
      values[storage].last_use = result.last_use;
      break;
    }
  }
}

void Binder::ShareInPlace() {
  for (uint32_t i = 0; i < binding_->steps.size(); ++i) {
    const Step& step = binding_->steps[i];
    if (step.kernel != nullptr && step.call.op->kind == OpKind::kMap) ShareStep(i);
  }
}

Status Binder::PlaceOn(uint32_t device, bool shared, uint64_t* limit_left) {
  Array<MemoryBlock> blocks;
  auto& values = binding_->values;
  const uint32_t arena = ArenaIndex(device, shared);
  const auto placed = [&](uint32_t i) {
    return values[i].home == Home::kArena && values[i].device == device &&
           values[i].shared == shared && values[i].storage == i &&
           values[i].first_use != kNoIndex && values[i].placed == kNoIndex;
  };
  const auto has_scratch = [&](const Step& step) {
    return !shared && step.device == device && step.prepared != nullptr && step.group == kNoIndex;
  };
  const auto has_group = [&](const Group& group) {
    return !shared && binding_->steps[group.first_step].device == device;
  };
  for (uint32_t i = 0; i < values.size(); ++i) {
    if (!placed(i)) continue;
    STINT_TRY(blocks.Push({values[i].bytes, values[i].first_use, values[i].last_use, 0}));
  }
  const size_t value_blocks = blocks.size();
  for (uint32_t i = 0; i < binding_->steps.size(); ++i) {
    const Step& step = binding_->steps[i];
    if (!has_scratch(step)) continue;
    STINT_TRY(blocks.Push({step.prepared->scratch_bytes, i, i, 0}));
  }
  for (const Group& group : binding_->groups) {
    if (!has_group(group)) continue;
    STINT_TRY(blocks.Push(
        {group.fused.prepared->scratch_bytes, group.first_step, group.end_step - 1, 0}));
  }
  STINT_ASSIGN(binding_->live_set_bytes[arena], LiveSetBytes(blocks.span()));
  STINT_ASSIGN(binding_->arena_bytes[arena], PlanMemory(blocks.span(), *limit_left));
  *limit_left -= binding_->arena_bytes[arena];
  size_t next = 0;
  for (uint32_t i = 0; i < values.size(); ++i) {
    if (placed(i)) values[i].offset = blocks[next++].offset;
  }
  next = value_blocks;
  for (Step& step : binding_->steps) {
    if (!has_scratch(step)) continue;
    step.scratch_offset = blocks[next++].offset;
  }
  for (Group& group : binding_->groups) {
    if (has_group(group)) group.scratch_offset = blocks[next++].offset;
  }
  return {};
}

Status Binder::PlaceValues() {
  ShareInPlace();
  uint64_t limit_left = std::min(plan_.limits().arena_bytes, options_.arena_bytes);
  for (uint32_t device = 0; device < devices_.size(); ++device) {
    for (const bool shared : {false, true}) STINT_TRY(PlaceOn(device, shared, &limit_left));
  }
  for (BoundValue& value : binding_->values) value.offset = binding_->values[value.storage].offset;
  return {};
}

}  // namespace stint
