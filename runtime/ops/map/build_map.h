// Writes Map programs: values instead of registers, one call an instruction.
#ifndef STINT_RUNTIME_OPS_MAP_BUILD_MAP_H_
#define STINT_RUNTIME_OPS_MAP_BUILD_MAP_H_

#include <cstdint>

#include "runtime/base/result.h"
#include "runtime/ops/map/program.h"

namespace stint {

// A value is the number that a call returned. Mistakes (too many instructions, types that do not
// agree) are kept and reported by Finish, so that formulas need no checks in between.
class MapBuilder {
 public:
  // The next input, loaded as NaturalMapType(dtype).
  int Load(DType dtype);
  // A number of `type`; numbers that it cannot hold follow the Cast rules.
  int Constant(MapType type, double number);
  int ConstantInt(MapType type, int64_t number);
  // The output's coordinate along `axis`, i64.
  int Iota(int axis);

  int Unary(MapOpcode opcode, int a);
  // Arithmetic between values of 8- and 16-bit inputs wraps to their width at once.
  int Binary(MapOpcode opcode, int a, int b);
  int Select(int condition, int yes, int no);
  int Convert(int a, MapType type);
  int Bitcast(int a, MapType type);
  // The next output.
  void Store(int a, DType dtype, MapStoreMode mode = MapStoreMode::kWrap);

  MapType TypeOf(int value) const;

  // The program, with registers given to values in order and reused when they are no longer read;
  // verified. kLimit: it does not fit; kInternal: a mistake of the caller.
  Result<MapProgram> Finish() const;

 private:
  // An instruction whose result is the value of its index and whose operands are values.
  struct Step {
    MapInstruction instruction;
    int operands[3] = {-1, -1, -1};
    MapType type = MapType::kF32;  // Of the result.
    uint8_t narrow = 0;            // Bits of an 8- or 16-bit integer value; 0: none.
  };
  static constexpr int kCapacity = 4 * kMapMaxInstructions;

  int Add(MapOpcode opcode, MapType type, int a = -1, int b = -1, int c = -1);
  int AddConstant(MapType type, uint64_t bits);
  int Narrowed(int value, int like);
  bool Has(int value) const { return value >= 0 && value < count_; }
  int Mistake(const char* what);

  Step steps_[kCapacity];
  int count_ = 0;
  DType inputs_[kMapMaxInputs] = {};
  DType outputs_[kMapMaxOutputs] = {};
  uint64_t constants_[kMapMaxConstants] = {};
  int input_count_ = 0;
  int output_count_ = 0;
  int constant_count_ = 0;
  const char* mistake_ = nullptr;
  bool overflow_ = false;
};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_MAP_BUILD_MAP_H_
