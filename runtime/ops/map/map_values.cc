#include "runtime/ops/map/map_values.h"

#include <algorithm>
#include <utility>

#include "runtime/base/hash.h"
#include "runtime/ops/map/opcode_table.h"

namespace stint {

namespace {

using Value = MapValues::Value;

// Where a kind of value stands among the operands of a commutative function: constants last.
int RankOf(const Value& value) {
  if (value.opcode == MapOpcode::kImmediate) return 2;
  return value.opcode == MapOpcode::kLoad ? 0 : 1;
}

bool ComesBefore(const Value& a, const Value& b) {
  if (RankOf(a) != RankOf(b)) return RankOf(a) < RankOf(b);
  if (a.opcode == MapOpcode::kLoad && b.opcode == MapOpcode::kLoad && a.payload != b.payload) {
    return a.payload < b.payload;
  }
  return a.hash < b.hash;
}

bool IsFloatType(MapType type) { return type == MapType::kF32 || type == MapType::kF64; }

bool IsNonZero(const Value& value) {
  const uint64_t sign = value.type == MapType::kF32 ? uint64_t{1} << 31 : uint64_t{1} << 63;
  return value.opcode == MapOpcode::kImmediate && (value.payload & ~sign) != 0;
}

// Whether a swap of the operands leaves every bit of the result as it is. The minimum and maximum
// of floats tell zeros apart by their place.
bool Commutes(MapOpcode opcode, MapType type, const Value& a, const Value& b) {
  switch (opcode) {
    case MapOpcode::kAdd:
    case MapOpcode::kMul:
    case MapOpcode::kAnd:
    case MapOpcode::kOr:
    case MapOpcode::kXor:
    case MapOpcode::kEqual:
    case MapOpcode::kNotEqual:
      return true;
    case MapOpcode::kMin:
    case MapOpcode::kMax:
      return !IsFloatType(type) || IsNonZero(a) || IsNonZero(b);
    default:
      return false;
  }
}

uint64_t HashOf(const Value& value, const uint64_t* operands) {
  uint8_t bytes[40] = {static_cast<uint8_t>(value.opcode), static_cast<uint8_t>(value.type)};
  const uint64_t words[4] = {value.payload, operands[0], operands[1], operands[2]};
  for (int i = 0; i < 32; ++i) bytes[8 + i] = static_cast<uint8_t>(words[i / 8] >> (8 * (i % 8)));
  return HashBytes(bytes).low;
}

// Puts values in the order of their first use and gives them registers.
class Encoder {
 public:
  Encoder(const Value* values, MapProgram* program) : values_(values), program_(program) {
    std::fill(std::begin(last_use_), std::end(last_use_), -1);
    std::fill(std::begin(placed_), std::end(placed_), false);
  }

  void Place(const MapValues::Output& output, int index) {
    PlaceValue(output.value);
    steps_[step_count_++] = {-1, output, index};
    last_use_[output.value] = step_count_ - 1;
  }

  Status Write() {
    for (int i = 0; i < step_count_; ++i) {
      if (program_->instruction_count == kMapMaxInstructions) return TooLarge("instructions");
      MapInstruction& it = program_->instructions[program_->instruction_count++];
      if (steps_[i].value < 0) {
        const MapValues::Output& output = steps_[i].output;
        it = {MapOpcode::kStore, output.type, static_cast<uint8_t>(steps_[i].index),
              static_cast<uint8_t>(register_of_[output.value]), static_cast<uint8_t>(output.mode)};
        Release(output.value, i);
        continue;
      }
      STINT_TRY(WriteValue(steps_[i].value, i, &it));
    }
    return {};
  }

 private:
  static constexpr int kCapacity = 4 * kMapMaxInstructions;

  struct Step {
    int value = -1;  // -1: a store.
    MapValues::Output output;
    int index = 0;
  };

  static Status TooLarge(const char* what) {
    return Error(Code::kLimit, "map",
                 "found too many %s, allowed %d instructions, %d registers, "
                 "%d constants",
                 what, kMapMaxInstructions, kMapMaxRegisters, kMapMaxConstants);
  }

  void PlaceValue(int value) {
    if (placed_[value]) return;
    placed_[value] = true;
    for (const int operand : values_[value].operands) {
      if (operand >= 0) PlaceValue(operand);
    }
    steps_[step_count_++] = {value, {}, 0};
    for (const int operand : values_[value].operands) {
      if (operand >= 0) last_use_[operand] = step_count_ - 1;
    }
  }

  void Release(int value, int step) {
    if (last_use_[value] == step) used_[register_of_[value]] = false;
  }

  Status WriteValue(int index, int step, MapInstruction* it) {
    const Value& value = values_[index];
    it->opcode = value.opcode;
    it->type = value.type;
    uint8_t* const fields[3] = {&it->a, &it->b, &it->c};
    for (int k = 0; k < 3; ++k) {
      if (value.operands[k] >= 0)
        *fields[k] = static_cast<uint8_t>(register_of_[value.operands[k]]);
    }
    for (const int operand : value.operands) {
      if (operand >= 0) Release(operand, step);
    }
    STINT_TRY(WritePayload(value, it));
    const auto* free = std::find(used_, used_ + kMapMaxRegisters, false);
    if (free == used_ + kMapMaxRegisters) return TooLarge("registers");
    register_of_[index] = static_cast<int>(free - used_);
    used_[register_of_[index]] = true;
    it->result = static_cast<uint8_t>(register_of_[index]);
    return {};
  }

  Status WritePayload(const Value& value, MapInstruction* it) {
    if (value.opcode == MapOpcode::kLoad || value.opcode == MapOpcode::kIota) {
      it->a = static_cast<uint8_t>(value.payload);
    } else if (value.opcode == MapOpcode::kConvert || value.opcode == MapOpcode::kBitcast) {
      it->b = static_cast<uint8_t>(value.payload);
    } else if (value.opcode == MapOpcode::kImmediate) {
      uint64_t* const end = program_->constants + program_->constant_count;
      uint64_t* const constant = std::find(program_->constants, end, value.payload);
      if (constant == end) {
        if (program_->constant_count == kMapMaxConstants) return TooLarge("constants");
        program_->constants[program_->constant_count++] = value.payload;
      }
      it->a = static_cast<uint8_t>(constant - program_->constants);
    }
    return {};
  }

  const Value* values_;
  MapProgram* program_;
  Step steps_[kCapacity + 2 * kMapMaxOutputs];
  int step_count_ = 0;
  bool placed_[kCapacity];
  int last_use_[kCapacity];  // The step that reads the value last.
  int register_of_[kCapacity] = {};
  bool used_[kMapMaxRegisters] = {};
};

}  // namespace

int MapValues::Intern(Value value) {
  uint64_t hashes[3] = {};
  for (int k = 0; k < 3; ++k) {
    if (value.operands[k] >= 0) hashes[k] = values_[value.operands[k]].hash;
  }
  value.hash = HashOf(value, hashes);
  for (int i = 0; i < value_count_; ++i) {
    const Value& other = values_[i];
    if (other.hash == value.hash && other.opcode == value.opcode && other.type == value.type &&
        other.payload == value.payload &&
        std::equal(other.operands, other.operands + 3, value.operands)) {
      return i;
    }
  }
  if (value_count_ == kCapacity) return kNone;
  values_[value_count_] = value;
  return value_count_++;
}

int MapValues::Load(MapType type, int input) {
  return Intern({MapOpcode::kLoad, type, static_cast<uint64_t>(input)});
}

int MapValues::Immediate(MapType type, uint64_t bits) {
  return Intern({MapOpcode::kImmediate, type, bits});
}

int MapValues::Function(MapOpcode opcode, MapType type, int a, int b, int c) {
  const int arity = InfoOf(opcode).arity;
  if (a < 0 || (arity >= 2 && b < 0) || (arity >= 3 && c < 0)) return kNone;
  // One spelling of an ordering.
  if (opcode == MapOpcode::kGreater || opcode == MapOpcode::kGreaterEqual) {
    opcode = opcode == MapOpcode::kGreater ? MapOpcode::kLess : MapOpcode::kLessEqual;
    std::swap(a, b);
  }
  if (arity == 2 && Commutes(opcode, type, values_[a], values_[b]) &&
      ComesBefore(values_[b], values_[a])) {
    std::swap(a, b);
  }
  return Intern({opcode, type, 0, {a, b, c}});
}

int MapValues::Convert(MapType from, MapType to, int a) {
  if (a < 0 || from == to) return a;
  return Intern({MapOpcode::kConvert, to, static_cast<uint64_t>(from), {a, kNone, kNone}});
}

int MapValues::ImportInstruction(const MapInstruction& it, const MapProgram& program,
                                 const int* registers) {
  const int a = registers[it.a % kMapMaxRegisters];
  switch (it.opcode) {
    case MapOpcode::kImmediate:
      return Immediate(it.type, program.constants[it.a]);
    case MapOpcode::kIota:
      return Intern({it.opcode, it.type, it.a});
    case MapOpcode::kConvert:
    case MapOpcode::kBitcast:
      if (a < 0) return kNone;
      return Intern({it.opcode, it.type, it.b, {a, kNone, kNone}});
    default: {
      const int arity = InfoOf(it.opcode).arity;
      return Function(it.opcode, it.type, a, arity >= 2 ? registers[it.b] : kNone,
                      arity >= 3 ? registers[it.c] : kNone);
    }
  }
}

void MapValues::AddOutput(const Output& output) {
  // One beyond the limit is kept for Encode to report.
  if (output_count_ < kMaxOutputs) outputs_[output_count_++] = output;
}

Result<MapProgram> MapValues::Encode(int input_count, const DType* inputs) const {
  if (input_count > kMapMaxInputs || output_count_ > kMapMaxOutputs) {
    return Error(Code::kLimit, "map", "found %d inputs and %d outputs, allowed %d and %d",
                 input_count, output_count_, kMapMaxInputs, kMapMaxOutputs);
  }
  MapProgram program;
  program.input_count = static_cast<uint8_t>(input_count);
  program.output_count = static_cast<uint8_t>(output_count_);
  std::copy(inputs, inputs + input_count, program.inputs);
  Encoder encoder(values_, &program);
  for (int i = 0; i < output_count_; ++i) {
    if (outputs_[i].value < 0) {
      return Error(Code::kLimit, "map", "found more values than fit, allowed %d", kCapacity);
    }
    program.outputs[i] = outputs_[i].dtype;
    encoder.Place(outputs_[i], i);
  }
  STINT_TRY(encoder.Write());
  STINT_TRY(VerifyMap(program, "map"));
  return program;
}

}  // namespace stint
