#include "tools/compiler/passes/map_edits.h"

#include <algorithm>
#include <span>

#include "runtime/ops/map.h"
#include "tools/compiler/passes/queries.h"

namespace stint::compiler {

namespace {

std::span<MapInstruction> InstructionsOf(MapProgram& program) {
  return {program.instructions, program.instruction_count};
}

std::span<const MapInstruction> InstructionsOf(const MapProgram& program) {
  return {program.instructions, program.instruction_count};
}

}  // namespace

void RedirectLoads(MapProgram& program, int from, int to) {
  for (MapInstruction& instruction : InstructionsOf(program)) {
    if (instruction.opcode == MapOpcode::kLoad && instruction.a == from) {
      instruction.a = static_cast<uint8_t>(to);
    }
  }
}

void ReplaceLoads(MapProgram& program, int input, uint64_t bits) {
  uint8_t constant = 0;
  while (constant < program.constant_count && program.constants[constant] != bits) ++constant;
  if (constant == kMapMaxConstants) return;
  if (constant == program.constant_count) program.constants[program.constant_count++] = bits;
  for (MapInstruction& instruction : InstructionsOf(program)) {
    if (instruction.opcode != MapOpcode::kLoad || instruction.a != input) continue;
    instruction.opcode = MapOpcode::kImmediate;
    instruction.a = constant;
  }
}

void DropUnreadOperands(Node& node) {
  auto& program = node.attributes.as<MapAttributes>().program;
  for (int i = program.input_count - 1; i >= 0; --i) {
    const auto reads = [i](const MapInstruction& instruction) {
      return instruction.opcode == MapOpcode::kLoad && instruction.a == i;
    };
    const auto instructions = InstructionsOf(program);
    if (std::any_of(instructions.begin(), instructions.end(), reads)) continue;
    for (MapInstruction& instruction : instructions) {
      if (instruction.opcode == MapOpcode::kLoad && instruction.a > i) --instruction.a;
    }
    std::copy(program.inputs + i + 1, program.inputs + program.input_count, program.inputs + i);
    program.inputs[--program.input_count] = DType::kNone;
    node.operands.erase(node.operands.begin() + i);
  }
}

void KeepExtents(const std::vector<Dim>& extents, Function& function, Node& node) {
  auto& attributes = node.attributes.as<MapAttributes>();
  attributes.has_extents = 0;
  attributes.extents = {};
  std::vector<TensorShape> shapes;
  for (const View& operand : node.operands) shapes.push_back(ShapeOf(operand, function));
  TensorShape results[kMapMaxOutputs];
  const Status status = InferOp(*node.op, node.attributes.data(), shapes, function.dims, results);
  const bool same = status.ok() && std::equal(extents.begin(), extents.end(), results[0].extents,
                                              results[0].extents + results[0].rank);
  if (same) return;
  attributes.has_extents = 1;
  for (const Dim extent : extents) attributes.extents.Push(extent);
}

MapProgram WithFirstInput(const MapProgram& program, int input) {
  MapProgram ordered = program;
  for (MapInstruction& instruction : InstructionsOf(ordered)) {
    if (instruction.opcode != MapOpcode::kLoad || instruction.a > input) continue;
    instruction.a = instruction.a == input ? uint8_t{0} : static_cast<uint8_t>(instruction.a + 1);
  }
  std::rotate(ordered.inputs, ordered.inputs + input, ordered.inputs + input + 1);
  return ordered;
}

int ComputingInstructions(const MapProgram& program) {
  const auto instructions = InstructionsOf(program);
  return static_cast<int>(
      std::count_if(instructions.begin(), instructions.end(), [](const MapInstruction& one) {
        return one.opcode != MapOpcode::kLoad && one.opcode != MapOpcode::kStore &&
               one.opcode != MapOpcode::kImmediate;
      }));
}

bool ReadsCoordinates(const MapProgram& program) {
  const auto instructions = InstructionsOf(program);
  return std::any_of(instructions.begin(), instructions.end(),
                     [](const MapInstruction& one) { return one.opcode == MapOpcode::kIota; });
}

}  // namespace stint::compiler
