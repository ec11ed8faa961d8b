#include "tools/compiler/graph/parse_program.h"

#include <optional>
#include <string>

#include "tools/compiler/graph/text_numbers.h"

namespace stint::compiler {

namespace {

constexpr const char* kStoreModes[] = {"wrap", "saturate", "up", "down", "nearest"};

std::optional<MapOpcode> OpcodeFromName(std::string_view name) {
  for (int id = 0; id < 256; ++id) {
    const char* known = InfoOf(static_cast<MapOpcode>(id)).name;
    if (known != nullptr && name == known) return static_cast<MapOpcode>(id);
  }
  return std::nullopt;
}

std::optional<MapType> MapTypeFromName(std::string_view name) {
  for (int type = 0; type < kMapTypeCount; ++type) {
    if (name == NameOf(static_cast<MapType>(type))) return static_cast<MapType>(type);
  }
  return std::nullopt;
}

class ProgramReader {
 public:
  explicit ProgramReader(TextReader& reader) : reader_(reader) {}

  Result<MapProgram> Read() {
    STINT_ASSIGN(program_.input_count, ReadDTypes(program_.inputs, kMapMaxInputs));
    STINT_TRY(reader_.Expect("->"));
    STINT_ASSIGN(program_.output_count, ReadDTypes(program_.outputs, kMapMaxOutputs));
    STINT_TRY(reader_.Expect("{"));
    if (reader_.Accept("constants")) STINT_TRY(ReadConstants());
    while (!reader_.Accept("}")) {
      if (program_.instruction_count == kMapMaxInstructions) {
        return reader_.Fail("'}': at most 64 instructions");
      }
      STINT_ASSIGN(program_.instructions[program_.instruction_count++], ReadInstruction());
    }
    if (!program_.present()) return reader_.Fail("an instruction in the program before it");
    return program_;
  }

 private:
  Result<uint8_t> ReadDTypes(DType* dtypes, int capacity) {
    STINT_TRY(reader_.Expect("("));
    uint8_t count = 0;
    while (!reader_.At(")")) {
      if (count > 0) STINT_TRY(reader_.Expect(","));
      if (count == capacity) return reader_.Fail(std::to_string(capacity) + " types at most");
      STINT_ASSIGN(dtypes[count++], ReadDType(reader_));
    }
    reader_.Next();
    return count;
  }

  Status ReadConstants() {
    do {
      STINT_TRY(ReadConstant(MapType::kU64));
    } while (reader_.Accept(","));
    return {};
  }

  Status ReadConstant(MapType type) {
    if (program_.constant_count == kMapMaxConstants) return reader_.Fail("at most 32 constants");
    const bool bits = reader_.Accept("bits");
    STINT_ASSIGN(std::string number, reader_.TakeNumber());
    if (bits) number = "bits " + number;
    if (!ReadMapConstant(type, number, &program_.constants[program_.constant_count++])) {
      return reader_.Fail(std::string("a number of type ") + NameOf(type) + " before it");
    }
    return {};
  }

  // "r12" for the prefix "r".
  Result<uint8_t> ReadNumbered(std::string_view prefix) {
    const std::string_view text = reader_.token().text;
    bool valid = reader_.At(Token::Kind::kName) && text.size() > prefix.size() &&
                 text.size() <= prefix.size() + 3 && text.substr(0, prefix.size()) == prefix;
    int number = 0;
    for (size_t i = prefix.size(); valid && i < text.size(); ++i) {
      valid = text[i] >= '0' && text[i] <= '9';
      number = number * 10 + (text[i] - '0');
    }
    if (!valid || number > 255) return reader_.Fail(std::string(prefix) + " and a number");
    reader_.Next();
    return static_cast<uint8_t>(number);
  }

  Result<MapInstruction> ReadInstruction() {
    MapInstruction instruction;
    const bool stores = reader_.token().text.substr(0, 3) == "out";
    STINT_ASSIGN(instruction.result, ReadNumbered(stores ? "out" : "r"));
    STINT_TRY(reader_.Expect("="));
    const std::string_view word = reader_.token().text;
    const size_t dot = std::min(word.find('.'), word.size());
    const auto opcode = OpcodeFromName(word.substr(0, dot));
    const auto type = MapTypeFromName(word.substr(std::min(dot + 1, word.size())));
    if (!opcode || !type || (*opcode == MapOpcode::kStore) != stores) {
      return reader_.Fail(stores ? "st and a type, as in st.f32"
                                 : "an opcode and a type, as in add.f32");
    }
    reader_.Next();
    instruction.opcode = *opcode;
    instruction.type = *type;
    STINT_TRY(ReadOperands(instruction));
    return instruction;
  }

  Status ReadOperands(MapInstruction& instruction) {
    switch (instruction.opcode) {
      case MapOpcode::kLoad: {
        STINT_ASSIGN(instruction.a, ReadNumbered("in"));
        return {};
      }
      case MapOpcode::kIota: {
        STINT_ASSIGN(instruction.a, ReadNumbered("axis"));
        return {};
      }
      case MapOpcode::kImmediate:
        return ReadImmediate(instruction);
      case MapOpcode::kStore: {
        STINT_ASSIGN(instruction.a, ReadNumbered("r"));
        for (size_t mode = 0; mode < std::size(kStoreModes); ++mode) {
          if (reader_.Accept(kStoreModes[mode])) instruction.b = static_cast<uint8_t>(mode);
        }
        return {};
      }
      case MapOpcode::kConvert:
      case MapOpcode::kBitcast:
        return ReadConversion(instruction);
      default:
        break;
    }
    uint8_t* registers[] = {&instruction.a, &instruction.b, &instruction.c};
    for (int i = 0; i < InfoOf(instruction.opcode).arity; ++i) {
      if (i > 0) STINT_TRY(reader_.Expect(","));
      STINT_ASSIGN(*registers[i], ReadNumbered("r"));
    }
    return {};
  }

  Status ReadImmediate(MapInstruction& instruction) {
    if (reader_.token().text.substr(0, 8) == "constant") {
      STINT_ASSIGN(instruction.a, ReadNumbered("constant"));
      return {};
    }
    instruction.a = program_.constant_count;
    return ReadConstant(instruction.type);
  }

  Status ReadConversion(MapInstruction& instruction) {
    STINT_ASSIGN(instruction.a, ReadNumbered("r"));
    STINT_TRY(reader_.Expect("from"));
    const auto type = MapTypeFromName(reader_.token().text);
    if (!type) return reader_.Fail("f32, f64, i32, i64, u32, u64 or bool");
    instruction.b = static_cast<uint8_t>(*type);
    reader_.Next();
    return {};
  }

  TextReader& reader_;
  MapProgram program_;
};

}  // namespace

Result<DType> ReadDType(TextReader& reader) {
  const DType dtype =
      reader.At(Token::Kind::kName) ? DTypeFromName(reader.token().text) : DType::kNone;
  if (dtype == DType::kNone) return reader.Fail("an element type, as in float32");
  reader.Next();
  return dtype;
}

Result<MapProgram> ReadProgram(TextReader& reader) { return ProgramReader(reader).Read(); }

}  // namespace stint::compiler
