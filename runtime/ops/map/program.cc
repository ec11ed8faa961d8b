// Names, natural types and the verifier of Map programs. After VerifyMap an executor may index and
// dispatch without further checks.
#include "runtime/ops/map/program.h"

#include "runtime/base/text.h"
#include "runtime/ops/map/convert.h"
#include "runtime/ops/map/opcode_table.h"
#include "runtime/ops/tensor.h"

namespace stint {

namespace {

constexpr const char* kTypeNames[kMapTypeCount] = {"f32", "f64", "i32", "i64",
                                                   "u32", "u64", "bool"};
constexpr MapOpcodeInfo kNoOpcode = {nullptr, 0, 0, false};
constexpr int kModeCount = 5;

bool IsLoadable(DType dtype) {
  const auto kind = InfoOf(dtype).kind;
  return kind != DTypeClass::kNone && kind != DTypeClass::kComplex;
}

bool IsUnsigned16(DType dtype) {
  return InfoOf(dtype).kind == DTypeClass::kUnsigned && WorkTypeOf(dtype) == MapType::kI32;
}

bool ModeFits(MapStoreMode mode, DType dtype) {
  switch (mode) {
    case MapStoreMode::kWrap:
      return true;
    case MapStoreMode::kSaturate:
      return IsInteger(dtype) || (IsFloat(dtype) && InfoOf(dtype).bits <= 8);
    default:
      return dtype == DType::kFloat8E8M0;
  }
}

// One instruction at a time, with what is known of the registers.
class Verifier {
 public:
  Verifier(const MapProgram& program, const char* where) : program_(program), where_(where) {
    for (int8_t& type : types_) type = kUnwritten;
  }

  Status Run() {
    STINT_TRY(CheckCounts());
    STINT_TRY(CheckUnused());
    STINT_TRY(CheckOperandTypes());
    for (index_ = 0; index_ < program_.instruction_count; ++index_) {
      Status status = CheckInstruction(program_.instructions[index_]);
      if (!status.ok()) return std::move(status).At(where_);
    }
    for (int i = 0; i < program_.output_count; ++i) {
      if (!stored_[i]) {
        return Error(Code::kInvalid, where_, "found no store to output %d, allowed exactly one", i);
      }
    }
    return {};
  }

 private:
  static constexpr int8_t kUnwritten = -1;

  Status CheckCount(const char* what, int found, int least, int most) const {
    if (found >= least && found <= most) return {};
    return Error(Code::kInvalid, where_, "found %d %s, allowed %d to %d", found, what, least, most);
  }

  Status CheckCounts() const {
    STINT_TRY(CheckCount("instructions", program_.instruction_count, 1, kMapMaxInstructions));
    STINT_TRY(CheckCount("inputs", program_.input_count, 0, kMapMaxInputs));
    STINT_TRY(CheckCount("outputs", program_.output_count, 1, kMapMaxOutputs));
    return CheckCount("constants", program_.constant_count, 0, kMapMaxConstants);
  }

  // Equal programs have equal bytes.
  Status CheckUnused() const {
    bool clean = true;
    for (int i = program_.instruction_count; i < kMapMaxInstructions; ++i) {
      clean &= program_.instructions[i] == MapInstruction{};
    }
    for (int i = program_.input_count; i < kMapMaxInputs; ++i) {
      clean &= program_.inputs[i] == DType::kNone;
    }
    for (int i = program_.output_count; i < kMapMaxOutputs; ++i) {
      clean &= program_.outputs[i] == DType::kNone;
    }
    for (int i = program_.constant_count; i < kMapMaxConstants; ++i) {
      clean &= program_.constants[i] == 0;
    }
    if (clean) return {};
    return Error(Code::kInvalid, where_, "found entries beyond the counts, allowed zeros");
  }

  Status CheckOperandTypes() const {
    for (int i = 0; i < program_.input_count + program_.output_count; ++i) {
      const bool is_input = i < program_.input_count;
      const DType dtype =
          is_input ? program_.inputs[i] : program_.outputs[i - program_.input_count];
      if (IsLoadable(dtype)) continue;
      return Error(Code::kInvalid, where_,
                   "found element type %d of %s, allowed numbers, bool and string",
                   static_cast<int>(dtype), is_input ? "an input" : "an output");
    }
    return {};
  }

  template <typename... Arguments>
  Status Fail(const char* format, Arguments... arguments) const {
    return Error(Code::kInvalid, Formatted<>("instruction %d", index_).c_str(), format,
                 arguments...);
  }

  Status CheckInstruction(const MapInstruction& instruction) {
    const MapOpcodeInfo& info = InfoOf(instruction.opcode);
    if (info.name == nullptr) {
      return Fail("found opcode %d, allowed those of the list",
                  static_cast<int>(instruction.opcode));
    }
    if (static_cast<int>(instruction.type) >= kMapTypeCount ||
        (info.types & BitOf(instruction.type)) == 0) {
      return Fail("found type %s for %s, allowed the types that it admits",
                  NameOf(instruction.type), info.name);
    }
    STINT_TRY(CheckFields(instruction, info.arity));
    switch (instruction.opcode) {
      case MapOpcode::kLoad:
        STINT_TRY(CheckLoad(instruction));
        break;
      case MapOpcode::kImmediate:
        STINT_TRY(CheckImmediate(instruction));
        break;
      case MapOpcode::kIota:
        if (instruction.a >= kMaxRank) {
          return Fail("found axis %d, allowed 0 to %d", instruction.a, kMaxRank - 1);
        }
        break;
      case MapOpcode::kStore:
        return CheckStore(instruction);
      case MapOpcode::kSelect:
        STINT_TRY(CheckRead(instruction.a, MapType::kBool));
        STINT_TRY(CheckRead(instruction.b, instruction.type));
        STINT_TRY(CheckRead(instruction.c, instruction.type));
        break;
      case MapOpcode::kConvert:
      case MapOpcode::kBitcast:
        STINT_TRY(CheckConversion(instruction));
        break;
      default:
        STINT_TRY(CheckOperands(instruction, info.arity));
    }
    return Write(instruction, info.makes_bool ? MapType::kBool : instruction.type);
  }

  // What the instruction has no use for is zero.
  Status CheckFields(const MapInstruction& instruction, int arity) const {
    const bool has_b = arity >= 2 || instruction.opcode == MapOpcode::kStore ||
                       instruction.opcode == MapOpcode::kConvert ||
                       instruction.opcode == MapOpcode::kBitcast;
    if (instruction.zero == 0 && (has_b || instruction.b == 0) &&
        (arity == 3 || instruction.c == 0)) {
      return {};
    }
    return Fail("found bits in unused fields of %s, allowed zeros",
                InfoOf(instruction.opcode).name);
  }

  Status CheckLoad(const MapInstruction& instruction) const {
    if (instruction.a >= program_.input_count) {
      return Fail("found input %d, allowed below %d", instruction.a, program_.input_count);
    }
    const DType dtype = program_.inputs[instruction.a];
    const bool as_signed = IsUnsigned16(dtype) && instruction.type == MapType::kI32;
    if (instruction.type == NaturalMapType(dtype) || as_signed) return {};
    return Fail("found %s loaded as %s, allowed %s", NameOf(dtype), NameOf(instruction.type),
                NameOf(NaturalMapType(dtype)));
  }

  Status CheckImmediate(const MapInstruction& instruction) const {
    if (instruction.a >= program_.constant_count) {
      return Fail("found constant %d, allowed below %d", instruction.a, program_.constant_count);
    }
    const uint64_t bits = program_.constants[instruction.a];
    bool fits = true;
    if (instruction.type == MapType::kBool) fits = bits <= 1;
    if (instruction.type == MapType::kF32 || instruction.type == MapType::kU32) {
      fits = bits <= UINT32_MAX;
    }
    if (instruction.type == MapType::kI32) {
      fits = static_cast<uint64_t>(int64_t{static_cast<int32_t>(bits)}) == bits;
    }
    if (fits) return {};
    return Fail("found constant %llx as %s, allowed bits of that type",
                static_cast<unsigned long long>(bits), NameOf(instruction.type));
  }

  Status CheckStore(const MapInstruction& instruction) {
    STINT_TRY(CheckRead(instruction.a, instruction.type));
    if (instruction.result >= program_.output_count) {
      return Fail("found output %d, allowed below %d", instruction.result, program_.output_count);
    }
    if (stored_[instruction.result]) {
      return Fail("found a second store to output %d, allowed exactly one", instruction.result);
    }
    stored_[instruction.result] = true;
    const DType dtype = program_.outputs[instruction.result];
    if (dtype == DType::kString && instruction.type != MapType::kU32) {
      return Fail("found %s stored as string, allowed u32", NameOf(instruction.type));
    }
    if (instruction.b < kModeCount && ModeFits(static_cast<MapStoreMode>(instruction.b), dtype)) {
      return {};
    }
    return Fail("found store mode %d for %s, allowed modes of that type", instruction.b,
                NameOf(dtype));
  }

  Status CheckConversion(const MapInstruction& instruction) const {
    const auto source = static_cast<MapType>(instruction.b);
    if (instruction.b >= kMapTypeCount) {
      return Fail("found source type %d, allowed below %d", instruction.b, kMapTypeCount);
    }
    if (instruction.opcode == MapOpcode::kBitcast &&
        (source == MapType::kBool || BytesOf(source) != BytesOf(instruction.type))) {
      return Fail("found bitcast of %s to %s, allowed types of one width", NameOf(source),
                  NameOf(instruction.type));
    }
    return CheckRead(instruction.a, source);
  }

  Status CheckOperands(const MapInstruction& instruction, int arity) const {
    STINT_TRY(CheckRead(instruction.a, instruction.type));
    if (arity >= 2) STINT_TRY(CheckRead(instruction.b, instruction.type));
    if (arity >= 3) STINT_TRY(CheckRead(instruction.c, instruction.type));
    return {};
  }

  Status CheckRead(int reg, MapType type) const {
    if (reg >= kMapMaxRegisters) {
      return Fail("found register %d, allowed below %d", reg, kMapMaxRegisters);
    }
    if (types_[reg] == static_cast<int8_t>(type)) return {};
    if (types_[reg] == kUnwritten) {
      return Fail("found register %d read before it is written, allowed written ones", reg);
    }
    return Fail("found register %d of type %s read as %s, allowed its own type", reg,
                NameOf(static_cast<MapType>(types_[reg])), NameOf(type));
  }

  Status Write(const MapInstruction& instruction, MapType type) {
    if (instruction.result >= kMapMaxRegisters) {
      return Fail("found register %d, allowed below %d", instruction.result, kMapMaxRegisters);
    }
    types_[instruction.result] = static_cast<int8_t>(type);
    return {};
  }

  const MapProgram& program_;
  const char* where_;
  int index_ = 0;
  int8_t types_[kMapMaxRegisters];  // A MapType, or kUnwritten.
  bool stored_[kMapMaxOutputs] = {};
};

}  // namespace

const MapOpcodeInfo& InfoOf(MapOpcode opcode) {
  const auto index = static_cast<uint8_t>(opcode);
  return index < kMapOpcodeLimit ? kMapOpcodes[index] : kNoOpcode;
}

const char* NameOf(MapType type) {
  const auto index = static_cast<uint8_t>(type);
  return index < kMapTypeCount ? kTypeNames[index] : "unknown";
}

MapType NaturalMapType(DType dtype) {
  return IsUnsigned16(dtype) ? MapType::kU32 : WorkTypeOf(dtype);
}

Status VerifyMap(const MapProgram& program, const char* where) {
  return Verifier(program, where).Run();
}

}  // namespace stint
