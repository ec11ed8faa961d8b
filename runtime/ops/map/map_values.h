// A Map program as a graph of values: what programs are taken apart into to be composed and brought
// into canonical form. Equal computations are one value, so a program has one graph however its
// registers, constants and the operands of commutative functions were ordered.
#ifndef STINT_RUNTIME_OPS_MAP_MAP_VALUES_H_
#define STINT_RUNTIME_OPS_MAP_MAP_VALUES_H_

#include <cstdint>

#include "runtime/base/result.h"
#include "runtime/ops/map/program.h"

namespace stint {

class MapValues {
 public:
  // A computed value. `payload`: the input of a load, the bits of an immediate, the axis of an
  // iota, the source type of a conversion.
  struct Value {
    MapOpcode opcode = {};
    MapType type = MapType::kF32;  // The instruction's.
    uint64_t payload = 0;
    int operands[3] = {-1, -1, -1};
    uint64_t hash = 0;  // Of the whole computation; the same on every machine.
  };
  struct Output {
    int value = -1;
    MapType type = MapType::kF32;
    DType dtype = DType::kNone;
    MapStoreMode mode = MapStoreMode::kWrap;
  };

  static constexpr int kNone = -1;  // No more room; Encode reports it.

  // Values are numbers from 0; the same computation gives the same number. Operands that are kNone
  // give kNone.
  int Load(MapType type, int input);
  int Immediate(MapType type, uint64_t bits);
  int Function(MapOpcode opcode, MapType type, int a, int b = kNone, int c = kNone);
  // The value itself when it has the type already.
  int Convert(MapType from, MapType to, int a);

  // Adds the values of a program that passed VerifyMap, with `load(input, type)` giving the values
  // of its inputs, and writes its outputs to `outputs`, one an entry of the program's.
  template <typename LoadValue>
  void Import(const MapProgram& program, LoadValue&& load, Output* outputs);

  void AddOutput(const Output& output);
  const Value& operator[](int value) const { return values_[value]; }

  // The program that computes the outputs: values in the order of their first use, registers given
  // in that order, nothing that no output needs. kLimit when it does not fit.
  Result<MapProgram> Encode(int input_count, const DType* inputs) const;

 private:
  static constexpr int kCapacity = 4 * kMapMaxInstructions;
  static constexpr int kMaxOutputs = 2 * kMapMaxOutputs;

  int Intern(Value value);
  int ImportInstruction(const MapInstruction& it, const MapProgram& program, const int* registers);

  Value values_[kCapacity];
  Output outputs_[kMaxOutputs];
  int value_count_ = 0;
  int output_count_ = 0;
};

template <typename LoadValue>
void MapValues::Import(const MapProgram& program, LoadValue&& load, Output* outputs) {
  int registers[kMapMaxRegisters] = {};
  for (int i = 0; i < program.instruction_count; ++i) {
    const MapInstruction& it = program.instructions[i];
    if (it.opcode == MapOpcode::kStore) {
      outputs[it.result] = {registers[it.a], it.type, program.outputs[it.result],
                            static_cast<MapStoreMode>(it.b)};
    } else if (it.opcode == MapOpcode::kLoad) {
      registers[it.result] = load(int{it.a}, it.type);
    } else {
      registers[it.result] = ImportInstruction(it, program, registers);
    }
  }
}

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_MAP_MAP_VALUES_H_
