// The Map program: a straight-line typed program that computes each output element from the input
// elements at the same (broadcast) coordinates. It is the whole of elementwise ONNX, and the
// prologue and epilogue of other ops. It is plain data: fixed capacity, no pointers, checked by
// VerifyMap before anything runs it.
#ifndef STINT_RUNTIME_OPS_MAP_PROGRAM_H_
#define STINT_RUNTIME_OPS_MAP_PROGRAM_H_

#include <cstdint>

#include "runtime/base/dtype.h"
#include "runtime/base/status.h"

namespace stint {

inline constexpr int kMapMaxInstructions = 64;
inline constexpr int kMapMaxRegisters = 32;
inline constexpr int kMapMaxInputs = 16;
inline constexpr int kMapMaxOutputs = 4;
inline constexpr int kMapMaxConstants = 32;

// What an instruction computes in. Narrower integers are computed in 32 bits and wrapped by
// `wrap8`/`wrap16`; f16, bf16 and the 8- and 4-bit floats in f32. Stored in plans.
enum class MapType : uint8_t {
  kF32 = 0,
  kF64 = 1,
  kI32 = 2,
  kI64 = 3,
  kU32 = 4,
  kU64 = 5,
  kBool = 6
};
inline constexpr int kMapTypeCount = 7;

// The opcodes are one list, with their names, arities and admitted types: see opcodes.inc.
enum class MapOpcode : uint8_t {
#define STINT_MAP_OPCODE(id, Name, text, arity, types) k##Name = id,
#include "runtime/ops/map/opcodes.inc"
#undef STINT_MAP_OPCODE
};

// What `st` does with a value that the output type cannot hold.
enum class MapStoreMode : uint8_t {
  kWrap = 0,          // Integers keep their low bits; floats go to +-inf (lowering: Cast).
  kSaturate = 1,      // Clamp to the type's range: float8 with saturate=1, quantised outputs.
  kRoundUp = 2,       // float8e8m0 only: next power of two; saturates.
  kRoundDown = 3,     // float8e8m0 only; saturates.
  kRoundNearest = 4,  // float8e8m0 only; ties up; saturates.
};

struct MapInstruction {
  MapOpcode opcode = {};
  MapType type = MapType::kF32;  // Of the operands; see opcodes.inc for the result's type.
  uint8_t result = 0;            // Register; for `st` the output's index.
  uint8_t a = 0;  // Register; for `ld` the input, `imm` the constant, `iota` the axis.
  uint8_t b =
      0;  // Register; for `cvt` and `bitcast` the source's MapType; for `st` the MapStoreMode.
  uint8_t c = 0;      // Register of `sel` and `fma`.
  uint16_t zero = 0;  // Reserved.

  friend bool operator==(const MapInstruction&, const MapInstruction&) = default;
};

struct MapProgram {
  uint8_t instruction_count = 0;  // 0: no program (an absent prologue or epilogue).
  uint8_t input_count = 0;
  uint8_t output_count = 0;
  uint8_t constant_count = 0;
  DType inputs[kMapMaxInputs] = {};
  DType outputs[kMapMaxOutputs] = {};
  MapInstruction instructions[kMapMaxInstructions] = {};
  uint64_t constants[kMapMaxConstants] = {};  // Bits: f32 in the low half, f64, integers extended.

  bool present() const { return instruction_count != 0; }
  friend bool operator==(const MapProgram&, const MapProgram&) = default;
};

struct MapOpcodeInfo {
  const char* name;  // nullptr: the number is no opcode.
  int arity;         // How many of the registers a, b, c it reads.
  uint8_t types;     // Bit i: MapType i is admitted.
  bool makes_bool;   // The result is bool whatever the operands' type (comparisons).
};

// `opcode` may be any byte.
const MapOpcodeInfo& InfoOf(MapOpcode opcode);
const char* NameOf(MapType type);

// Whether elements of `dtype` are loaded into registers of `type` without conversion rules of
// their own: f16 -> f32, int8 -> i32, uint8 -> u32 or i32, bool -> bool, string -> u32.
MapType NaturalMapType(DType dtype);

// Checks everything: counts, opcodes, types, registers written before they are read with the type
// that they are read with, inputs and outputs of known numeric type, each output stored exactly
// once, reserved bytes zero. `where` names the field in the error.
Status VerifyMap(const MapProgram& program, const char* where);

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_MAP_PROGRAM_H_
