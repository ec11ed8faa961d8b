#include "runtime/plan/program_bytes.h"

namespace stint {

namespace {

enum : size_t { kCounts = 4, kInstructionBytes = 8, kConstantBytes = 8 };

size_t BytesOf(const MapProgram& program) {
  return kCounts + program.input_count + program.output_count +
         kInstructionBytes * program.instruction_count + kConstantBytes * program.constant_count;
}

}  // namespace

size_t EncodeProgram(const MapProgram& program, std::span<uint8_t, kMaxProgramBytes> out) {
  uint8_t* at = out.data();
  *at++ = program.instruction_count;
  *at++ = program.input_count;
  *at++ = program.output_count;
  *at++ = program.constant_count;
  for (int i = 0; i < program.input_count; ++i) *at++ = static_cast<uint8_t>(program.inputs[i]);
  for (int i = 0; i < program.output_count; ++i) *at++ = static_cast<uint8_t>(program.outputs[i]);
  for (int i = 0; i < program.instruction_count; ++i) {
    const MapInstruction& instruction = program.instructions[i];
    *at++ = static_cast<uint8_t>(instruction.opcode);
    *at++ = static_cast<uint8_t>(instruction.type);
    *at++ = instruction.result;
    *at++ = instruction.a;
    *at++ = instruction.b;
    *at++ = instruction.c;
    *at++ = static_cast<uint8_t>(instruction.zero);
    *at++ = static_cast<uint8_t>(instruction.zero >> 8);
  }
  for (int i = 0; i < program.constant_count; ++i) {
    for (int byte = 0; byte < 8; ++byte) {
      *at++ = static_cast<uint8_t>(program.constants[i] >> (8 * byte));
    }
  }
  return static_cast<size_t>(at - out.data());
}

Status DecodeProgram(std::span<const uint8_t> bytes, const Path& path, MapProgram* program) {
  *program = MapProgram();
  STINT_TRY(CheckCount(path / "bytes", bytes.size(), kCounts, kMaxProgramBytes));
  STINT_TRY(CheckCount(path / "instructions", bytes[0], 1, kMapMaxInstructions));
  STINT_TRY(CheckCount(path / "inputs", bytes[1], 0, kMapMaxInputs));
  STINT_TRY(CheckCount(path / "outputs", bytes[2], 0, kMapMaxOutputs));
  STINT_TRY(CheckCount(path / "constants", bytes[3], 0, kMapMaxConstants));
  program->instruction_count = bytes[0];
  program->input_count = bytes[1];
  program->output_count = bytes[2];
  program->constant_count = bytes[3];
  STINT_TRY(CheckCount(path / "bytes", bytes.size(), BytesOf(*program), BytesOf(*program)));
  const uint8_t* at = bytes.data() + kCounts;
  for (int i = 0; i < program->input_count; ++i) program->inputs[i] = static_cast<DType>(*at++);
  for (int i = 0; i < program->output_count; ++i) program->outputs[i] = static_cast<DType>(*at++);
  for (int i = 0; i < program->instruction_count; ++i, at += kInstructionBytes) {
    MapInstruction& instruction = program->instructions[i];
    instruction.opcode = static_cast<MapOpcode>(at[0]);
    instruction.type = static_cast<MapType>(at[1]);
    instruction.result = at[2];
    instruction.a = at[3];
    instruction.b = at[4];
    instruction.c = at[5];
    instruction.zero = static_cast<uint16_t>(at[6] | (at[7] << 8));
  }
  for (int i = 0; i < program->constant_count; ++i) {
    for (int byte = 0; byte < 8; ++byte) program->constants[i] |= uint64_t{*at++} << (8 * byte);
  }
  return {};
}

}  // namespace stint
