#include "runtime/ops/map/build_map.h"

#include <bit>

#include "runtime/ops/map/convert.h"

namespace stint {

namespace {

// The width that arithmetic wraps to; 0: that of the register.
uint8_t WrapBits(DType dtype) {
  return IsInteger(dtype) && BytesOf(dtype) <= 2 ? static_cast<uint8_t>(8 * BytesOf(dtype)) : 0;
}

// Operations whose result may leave the range of their narrow operands.
bool MayLeaveRange(MapOpcode opcode) {
  switch (opcode) {
    case MapOpcode::kAdd:
    case MapOpcode::kSub:
    case MapOpcode::kMul:
    case MapOpcode::kDiv:
    case MapOpcode::kPow:
    case MapOpcode::kNeg:
    case MapOpcode::kAbs:
    case MapOpcode::kShiftLeft:
    case MapOpcode::kNot:
      return true;
    default:
      return false;
  }
}

// Gives registers to values: each is free again after its last reader.
class RegisterFile {
 public:
  // -1: none is free.
  int Take() {
    for (int i = 0; i < kMapMaxRegisters; ++i) {
      if (used_[i]) continue;
      used_[i] = true;
      return i;
    }
    return -1;
  }
  void Free(int reg) { used_[reg] = false; }

 private:
  bool used_[kMapMaxRegisters] = {};
};

}  // namespace

int MapBuilder::Mistake(const char* what) {
  if (mistake_ == nullptr) mistake_ = what;
  return -1;
}

int MapBuilder::Add(MapOpcode opcode, MapType type, int a, int b, int c) {
  if (count_ == kCapacity) {
    overflow_ = true;
    return -1;
  }
  Step& step = steps_[count_];
  step.instruction.opcode = opcode;
  step.instruction.type = type;
  step.operands[0] = a;
  step.operands[1] = b;
  step.operands[2] = c;
  step.type = InfoOf(opcode).makes_bool ? MapType::kBool : type;
  return count_++;
}

int MapBuilder::Load(DType dtype) {
  if (input_count_ == kMapMaxInputs) {
    overflow_ = true;
    return -1;
  }
  const int value = Add(MapOpcode::kLoad, NaturalMapType(dtype));
  if (value < 0) return value;
  steps_[value].instruction.a = static_cast<uint8_t>(input_count_);
  steps_[value].narrow = WrapBits(dtype);
  inputs_[input_count_++] = dtype;
  return value;
}

int MapBuilder::AddConstant(MapType type, uint64_t bits) {
  int index = 0;
  while (index < constant_count_ && constants_[index] != bits) ++index;
  if (index == kMapMaxConstants) {
    overflow_ = true;
    return -1;
  }
  if (index == constant_count_) constants_[constant_count_++] = bits;
  for (int i = 0; i < count_; ++i) {
    const MapInstruction& earlier = steps_[i].instruction;
    if (earlier.opcode == MapOpcode::kImmediate && earlier.type == type && earlier.a == index)
      return i;
  }
  const int value = Add(MapOpcode::kImmediate, type);
  if (value >= 0) steps_[value].instruction.a = static_cast<uint8_t>(index);
  return value;
}

int MapBuilder::Constant(MapType type, double number) {
  switch (type) {
    case MapType::kF32:
      return AddConstant(type, std::bit_cast<uint32_t>(static_cast<float>(number)));
    case MapType::kF64:
      return AddConstant(type, std::bit_cast<uint64_t>(number));
    default:
      return ConstantInt(type, ConvertValue<int64_t, ConvertRule::kCast>(number));
  }
}

int MapBuilder::ConstantInt(MapType type, int64_t number) {
  switch (type) {
    case MapType::kF32:
    case MapType::kF64:
      return Constant(type, static_cast<double>(number));
    case MapType::kI32:
      return AddConstant(type, static_cast<uint64_t>(int64_t{static_cast<int32_t>(number)}));
    case MapType::kU32:
      return AddConstant(type, static_cast<uint32_t>(number));
    case MapType::kBool:
      return AddConstant(type, number != 0 ? 1 : 0);
    default:
      return AddConstant(type, static_cast<uint64_t>(number));
  }
}

int MapBuilder::Iota(int axis) {
  const int value = Add(MapOpcode::kIota, MapType::kI64);
  if (value >= 0) steps_[value].instruction.a = static_cast<uint8_t>(axis);
  return value;
}

// The value wrapped to the width of `like`, where that is narrow.
int MapBuilder::Narrowed(int value, int like) {
  const uint8_t bits = steps_[like].narrow;
  if (value < 0 || bits == 0) return value;
  if (MayLeaveRange(steps_[value].instruction.opcode)) {
    const MapOpcode wrap = bits == 8 ? MapOpcode::kWrap8 : MapOpcode::kWrap16;
    value = Add(wrap, steps_[value].type, value);
  }
  if (value >= 0 && steps_[value].type != MapType::kBool) steps_[value].narrow = bits;
  return value;
}

int MapBuilder::Unary(MapOpcode opcode, int a) {
  if (overflow_ || !Has(a)) return Mistake("an operand that is no value");
  return Narrowed(Add(opcode, steps_[a].type, a), a);
}

int MapBuilder::Binary(MapOpcode opcode, int a, int b) {
  if (overflow_ || !Has(a) || !Has(b)) return Mistake("an operand that is no value");
  if (steps_[a].type != steps_[b].type) return Mistake("operands of two types");
  return Narrowed(Add(opcode, steps_[a].type, a, b), steps_[a].narrow != 0 ? a : b);
}

int MapBuilder::Select(int condition, int yes, int no) {
  if (overflow_ || !Has(condition) || !Has(yes) || !Has(no)) {
    return Mistake("an operand that is no value");
  }
  if (steps_[condition].type != MapType::kBool || steps_[yes].type != steps_[no].type) {
    return Mistake("a select of wrong types");
  }
  return Narrowed(Add(MapOpcode::kSelect, steps_[yes].type, condition, yes, no),
                  steps_[yes].narrow != 0 ? yes : no);
}

int MapBuilder::Convert(int a, MapType type) {
  if (overflow_ || !Has(a)) return Mistake("an operand that is no value");
  if (steps_[a].type == type) return a;
  const int value = Add(MapOpcode::kConvert, type, a);
  if (value >= 0) steps_[value].instruction.b = static_cast<uint8_t>(steps_[a].type);
  return value;
}

int MapBuilder::Bitcast(int a, MapType type) {
  if (overflow_ || !Has(a)) return Mistake("an operand that is no value");
  if (steps_[a].type == type) return a;
  const int value = Add(MapOpcode::kBitcast, type, a);
  if (value >= 0) steps_[value].instruction.b = static_cast<uint8_t>(steps_[a].type);
  return value;
}

void MapBuilder::Store(int a, DType dtype, MapStoreMode mode) {
  if (overflow_) return;
  if (!Has(a)) {
    Mistake("an operand that is no value");
    return;
  }
  if (output_count_ == kMapMaxOutputs) {
    overflow_ = true;
    return;
  }
  const int value = Add(MapOpcode::kStore, steps_[a].type, a);
  if (value < 0) return;
  steps_[value].instruction.result = static_cast<uint8_t>(output_count_);
  steps_[value].instruction.b = static_cast<uint8_t>(mode);
  outputs_[output_count_++] = dtype;
}

MapType MapBuilder::TypeOf(int value) const {
  return Has(value) ? steps_[value].type : MapType::kF32;
}

Result<MapProgram> MapBuilder::Finish() const {
  if (overflow_) {
    return Error(Code::kLimit, "map", "found more instructions than fit, allowed %d",
                 kMapMaxInstructions);
  }
  if (mistake_ != nullptr) {
    return Error(Code::kInternal, "map", "found %s, allowed well-formed programs", mistake_);
  }
  int last_reader[kCapacity];
  for (int i = 0; i < count_; ++i) last_reader[i] = -1;
  for (int i = count_ - 1; i >= 0; --i) {
    const bool live = last_reader[i] >= 0 || steps_[i].instruction.opcode == MapOpcode::kStore;
    for (const int operand : steps_[i].operands) {
      if (live && operand >= 0 && last_reader[operand] < 0) last_reader[operand] = i;
    }
  }
  MapProgram program;
  RegisterFile registers;
  int register_of[kCapacity];
  for (int i = 0; i < count_; ++i) {
    const Step& step = steps_[i];
    const bool is_store = step.instruction.opcode == MapOpcode::kStore;
    if (!is_store && last_reader[i] < 0) continue;
    MapInstruction instruction = step.instruction;
    uint8_t* const fields[3] = {&instruction.a, &instruction.b, &instruction.c};
    for (int k = 0; k < 3; ++k) {
      if (step.operands[k] >= 0) *fields[k] = static_cast<uint8_t>(register_of[step.operands[k]]);
    }
    for (const int operand : step.operands) {
      if (operand >= 0 && last_reader[operand] == i) registers.Free(register_of[operand]);
    }
    if (!is_store) {
      register_of[i] = registers.Take();
      instruction.result = static_cast<uint8_t>(register_of[i]);
    }
    if (program.instruction_count == kMapMaxInstructions || (!is_store && register_of[i] < 0)) {
      return Error(Code::kLimit, "map",
                   "found a program that does not fit, allowed %d instructions "
                   "over %d registers",
                   kMapMaxInstructions, kMapMaxRegisters);
    }
    program.instructions[program.instruction_count++] = instruction;
  }
  program.input_count = static_cast<uint8_t>(input_count_);
  program.output_count = static_cast<uint8_t>(output_count_);
  program.constant_count = static_cast<uint8_t>(constant_count_);
  for (int i = 0; i < input_count_; ++i) program.inputs[i] = inputs_[i];
  for (int i = 0; i < output_count_; ++i) program.outputs[i] = outputs_[i];
  for (int i = 0; i < constant_count_; ++i) program.constants[i] = constants_[i];
  STINT_TRY(VerifyMap(program, "map"));
  return program;
}

}  // namespace stint
