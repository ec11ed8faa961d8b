// Map programs in the text form.
#include "tools/compiler/graph/print.h"
#include "tools/compiler/graph/text_numbers.h"

namespace stint::compiler {

namespace {

constexpr const char* kStoreModes[] = {"", " saturate", " up", " down", " nearest"};

std::string DTypeList(const DType* dtypes, int count) {
  std::string text = "(";
  for (int i = 0; i < count; ++i) {
    if (i > 0) text += ", ";
    text += NameOf(dtypes[i]);
  }
  return text + ")";
}

// Whether the constants are those of the `imm` instructions, one each, in their order.
bool HasConstantsInOrder(const MapProgram& program) {
  int next = 0;
  for (int i = 0; i < program.instruction_count; ++i) {
    const MapInstruction& instruction = program.instructions[i];
    if (instruction.opcode == MapOpcode::kImmediate && instruction.a != next++) return false;
  }
  return next == program.constant_count;
}

std::string Register(int number) { return "r" + std::to_string(number); }

std::string OperandsText(const MapProgram& program, const MapInstruction& instruction,
                         bool inline_constants) {
  switch (instruction.opcode) {
    case MapOpcode::kLoad:
      return "in" + std::to_string(instruction.a);
    case MapOpcode::kImmediate:
      return inline_constants ? MapConstantText(instruction.type, program.constants[instruction.a])
                              : "constant" + std::to_string(instruction.a);
    case MapOpcode::kIota:
      return "axis" + std::to_string(instruction.a);
    case MapOpcode::kStore:
      return Register(instruction.a) + kStoreModes[instruction.b];
    case MapOpcode::kConvert:
    case MapOpcode::kBitcast:
      return Register(instruction.a) + " from " + NameOf(static_cast<MapType>(instruction.b));
    default:
      break;
  }
  const uint8_t registers[] = {instruction.a, instruction.b, instruction.c};
  std::string text;
  for (int i = 0; i < InfoOf(instruction.opcode).arity; ++i) {
    if (i > 0) text += ", ";
    text += Register(registers[i]);
  }
  return text;
}

}  // namespace

std::string PrintProgram(const MapProgram& program, const std::string& indent) {
  std::string text = "map" + DTypeList(program.inputs, program.input_count) + " -> " +
                     DTypeList(program.outputs, program.output_count) + " {\n";
  const bool inline_constants = HasConstantsInOrder(program);
  if (!inline_constants) {
    text += indent + "  constants";
    for (int i = 0; i < program.constant_count; ++i) {
      text += (i > 0 ? ", " : " ") + MapConstantText(MapType::kU64, program.constants[i]);
    }
    text += '\n';
  }
  for (int i = 0; i < program.instruction_count; ++i) {
    const MapInstruction& instruction = program.instructions[i];
    const bool store = instruction.opcode == MapOpcode::kStore;
    text += indent + "  " +
            (store ? "out" + std::to_string(instruction.result) : Register(instruction.result));
    text += std::string(" = ") + InfoOf(instruction.opcode).name + "." + NameOf(instruction.type) +
            " " + OperandsText(program, instruction, inline_constants) + "\n";
  }
  return text + indent + "}";
}

}  // namespace stint::compiler
