// Map programs for the tests of linking.
#ifndef STINT_TESTS_GPU_LINK_TESTING_H_
#define STINT_TESTS_GPU_LINK_TESTING_H_

#include <random>
#include <vector>

#include "backends/gpu/kernel_sources.h"
#include "runtime/ops/map/opcode_table.h"

namespace stint::gpu::testing {

inline constexpr MapType kTypes[] = {MapType::kF32, MapType::kI32, MapType::kU32, MapType::kBool};

inline DType DTypeOf(MapType type) {
  if (type == MapType::kF32) return DType::kFloat32;
  if (type == MapType::kI32) return DType::kInt32;
  return type == MapType::kU32 ? DType::kUInt32 : DType::kBool;
}

// Appends instructions to a program, with a register of its own for each value.
class Writer {
 public:
  MapProgram program;

  int Load(DType dtype, MapType type) {
    program.inputs[program.input_count] = dtype;
    return Add({MapOpcode::kLoad, type, 0, program.input_count++});
  }
  int Immediate(MapType type, uint64_t bits) {
    program.constants[program.constant_count] = bits;
    return Add({MapOpcode::kImmediate, type, 0, program.constant_count++});
  }
  int Add(MapInstruction instruction) {
    instruction.result = static_cast<uint8_t>(registers_);
    program.instructions[program.instruction_count++] = instruction;
    return registers_++;
  }
  int Apply(MapOpcode opcode, MapType type, int a, int b = 0, int c = 0) {
    return Add({opcode, type, 0, static_cast<uint8_t>(a), static_cast<uint8_t>(b),
                static_cast<uint8_t>(c)});
  }
  void Store(int value, MapType type, DType dtype, MapStoreMode mode = MapStoreMode::kWrap) {
    program.outputs[program.output_count] = dtype;
    program.instructions[program.instruction_count++] = {
        MapOpcode::kStore, type, program.output_count++, static_cast<uint8_t>(value),
        static_cast<uint8_t>(mode)};
  }

 private:
  int registers_ = 0;
};

// Loads as many inputs as the opcode has operands, computes it once, stores the result.
inline MapProgram ProgramOf(MapOpcode opcode, MapType type) {
  const MapOpcodeInfo& info = InfoOf(opcode);
  Writer writer;
  int operands[3] = {};
  for (int i = 0; i < info.arity; ++i) {
    const bool condition = opcode == MapOpcode::kSelect && i == 0;
    const MapType loaded = condition ? MapType::kBool : type;
    operands[i] = writer.Load(DTypeOf(loaded), loaded);
  }
  const int result = writer.Apply(opcode, type, operands[0], operands[1], operands[2]);
  const MapType stored = info.makes_bool ? MapType::kBool : type;
  writer.Store(result, stored, DTypeOf(stored));
  return writer.program;
}

// A straight-line program over all types and functions.
inline MapProgram RandomProgram(std::mt19937& random) {
  Writer writer;
  std::vector<int> values[4];  // Of each of kTypes.
  const auto pick = [&](size_t type) { return values[type][random() % values[type].size()]; };
  for (size_t type = 0; type < 4; ++type) {
    const int loaded = writer.Load(DTypeOf(kTypes[type]), kTypes[type]);
    values[type] = {loaded, writer.Immediate(kTypes[type], random() % 2)};
  }
  while (writer.program.instruction_count < 28) {
    const size_t type = random() % 4;
    const auto opcode = static_cast<MapOpcode>(random() % kMapOpcodeLimit);
    const MapOpcodeInfo& info = InfoOf(opcode);
    if (info.name == nullptr || (info.types & BitOf(kTypes[type])) == 0) continue;
    if (opcode == MapOpcode::kSelect) {
      values[type].push_back(writer.Apply(opcode, kTypes[type], pick(3), pick(type), pick(type)));
    } else if (opcode == MapOpcode::kConvert) {
      const size_t from = random() % 4;
      values[type].push_back(
          writer.Apply(opcode, kTypes[type], pick(from), static_cast<int>(kTypes[from])));
    } else if (opcode == MapOpcode::kBitcast) {
      const size_t from = random() % 3;
      values[type].push_back(
          writer.Apply(opcode, kTypes[type], pick(from), static_cast<int>(kTypes[from])));
    } else if (IsMapFunction(opcode)) {
      const int result =
          writer.Apply(opcode, kTypes[type], pick(type), info.arity > 1 ? pick(type) : 0,
                       info.arity > 2 ? pick(type) : 0);
      values[info.makes_bool ? 3 : type].push_back(result);
    }
  }
  for (size_t type = 0; type < 4; ++type) {
    writer.Store(values[type].back(), kTypes[type], DTypeOf(kTypes[type]));
  }
  return writer.program;
}

// The pipeline of a Map whose tensors are all dense.
inline PipelineDescription MapPipeline(const MapProgram& program) {
  PipelineDescription description;
  description.source = &sources::map;
  description.linked.program = program;
  description.linked.first_parameter = 1;
  return description;
}

}  // namespace stint::gpu::testing

#endif  // STINT_TESTS_GPU_LINK_TESTING_H_
