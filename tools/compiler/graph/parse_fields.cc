#include "tools/compiler/graph/parse_fields.h"

#include <cstring>
#include <set>
#include <string>

#include "tools/compiler/graph/parse_program.h"
#include "tools/compiler/graph/text_names.h"
#include "tools/compiler/graph/text_numbers.h"

namespace stint::compiler {

namespace {

Result<double> ReadDouble(TextReader& reader) {
  STINT_ASSIGN(const std::string text, reader.TakeNumber());
  double number = 0;
  if (ReadNumber(DType::kFloat64, text, reinterpret_cast<uint8_t*>(&number))) return number;
  return reader.Fail("a number before it");
}

// A number, or an expression in parentheses.
Result<Real> ReadReal(TextReader& reader, DimReader& dims) {
  if (!reader.Accept("(")) {
    STINT_ASSIGN(const double number, ReadDouble(reader));
    return Real(number);
  }
  STINT_ASSIGN(const Dim bits, dims.Read());
  STINT_TRY(reader.Expect(")"));
  return Real::FromBits(bits);
}

template <typename ListType, typename ReadOne>
Status ReadListField(TextReader& reader, ListType& list, const ReadOne& read_one) {
  list = {};
  STINT_TRY(reader.Expect("["));
  while (!reader.At("]")) {
    if (list.size > 0) STINT_TRY(reader.Expect(","));
    if (list.size == ListType::kCapacity) {
      return reader.Fail(std::to_string(ListType::kCapacity) + " entries at most");
    }
    STINT_ASSIGN(auto item, read_one());
    list.Push(item);
  }
  reader.Next();
  return {};
}

// The bytes of hex strings that stand next to each other.
Result<Bytes> ReadHex(TextReader& reader) {
  STINT_TRY(reader.Expect("hex"));
  if (!reader.At(Token::Kind::kString)) return reader.Fail("hexadecimal digits in quotes");
  Bytes bytes;
  while (reader.At(Token::Kind::kString)) {
    const std::string& digits = reader.token().content;
    for (size_t i = 0; i < digits.size(); i += 2) {
      const int high = HexDigit(digits[i]);
      const int low = i + 1 < digits.size() ? HexDigit(digits[i + 1]) : -1;
      if (high < 0 || low < 0) return reader.Fail("pairs of hexadecimal digits");
      bytes.push_back(static_cast<uint8_t>(high * 16 + low));
    }
    reader.Next();
  }
  return bytes;
}

Status ReadEnum(TextReader& reader, const Field& field, int64_t& number) {
  std::string allowed;
  for (int64_t i = 0; i <= field.maximum; ++i) {
    if (reader.Accept(field.enumerators[i])) {
      number = i;
      return {};
    }
    allowed += (i > 0 ? ", " : "") + std::string(field.enumerators[i]);
  }
  return reader.Fail(allowed);
}

Status ReadSmallBytes(TextReader& reader, SmallBytes& bytes) {
  STINT_ASSIGN(const Bytes read, ReadHex(reader));
  bytes = {};
  if (read.size() > SmallBytes::kCapacity) return reader.Fail("16 bytes at most before it");
  for (const uint8_t byte : read) bytes.Push(byte);
  return {};
}

Status ReadProgramField(TextReader& reader, MapProgram& program) {
  program = MapProgram();
  if (reader.Accept("none")) return {};
  STINT_TRY(reader.Expect("map"));
  STINT_ASSIGN(program, ReadProgram(reader));
  return {};
}

Status ReadField(TextReader& reader, DimReader& dims, const Field& field, void* attributes) {
  const auto read_dim = [&] { return dims.Read(); };
  switch (field.type) {
    case FieldType::kInt:
    case FieldType::kFunction:
    case FieldType::kConstant: {
      STINT_ASSIGN(FieldAs<int64_t>(field, attributes), reader.TakeInteger(INT64_MIN, INT64_MAX));
      return {};
    }
    case FieldType::kEnum:
      return ReadEnum(reader, field, FieldAs<int64_t>(field, attributes));
    case FieldType::kFloat: {
      STINT_ASSIGN(FieldAs<double>(field, attributes), ReadDouble(reader));
      return {};
    }
    case FieldType::kIntList:
      return ReadListField(reader, FieldAs<IntList>(field, attributes),
                           [&] { return reader.TakeInteger(INT64_MIN, INT64_MAX); });
    case FieldType::kFloatList:
      return ReadListField(reader, FieldAs<FloatList>(field, attributes),
                           [&] { return ReadReal(reader, dims); });
    case FieldType::kExtents:
      return ReadListField(reader, FieldAs<DimList>(field, attributes), read_dim);
    case FieldType::kLongExtents:
      return ReadListField(reader, FieldAs<LongDimList>(field, attributes), read_dim);
    case FieldType::kBytes:
      return ReadSmallBytes(reader, FieldAs<SmallBytes>(field, attributes));
    case FieldType::kProgram:
      return ReadProgramField(reader, FieldAs<MapProgram>(field, attributes));
  }
  return {};
}

// The bytes of the dense tensor, when they are few enough to be real.
Result<uint64_t> ByteCount(TextReader& reader, DType dtype, const std::vector<Dim>& extents) {
  uint64_t bytes = static_cast<uint64_t>(BytesOf(dtype));
  for (const Dim extent : extents) {
    if (!extent.is_constant() || extent.constant() < 0 ||
        __builtin_mul_overflow(bytes, static_cast<uint64_t>(extent.constant()), &bytes)) {
      return reader.Fail("data of tensors with integer extents only");
    }
  }
  return bytes;
}

Result<Bytes> ReadRepeated(TextReader& reader, DType dtype, uint64_t bytes, uint64_t* budget) {
  uint8_t element[16] = {};
  STINT_ASSIGN(const std::string number, reader.TakeNumber());
  if (!ReadNumber(dtype, number, element)) {
    return reader.Fail(std::string("a number of type ") + NameOf(dtype) + " before it");
  }
  if (bytes > *budget) {
    return Error(Code::kLimit, "text", "found repeated elements of %llu bytes, allowed %llu",
                 static_cast<unsigned long long>(bytes), static_cast<unsigned long long>(*budget));
  }
  *budget -= bytes;
  Bytes data(bytes);
  const auto width = static_cast<size_t>(BytesOf(dtype));
  for (size_t at = 0; at < data.size(); at += width) std::memcpy(data.data() + at, element, width);
  return data;
}

Result<Bytes> ReadNumbers(TextReader& reader, DType dtype) {
  STINT_TRY(reader.Expect("["));
  const auto width = static_cast<size_t>(BytesOf(dtype));
  Bytes data;
  while (!reader.At("]")) {
    if (!data.empty()) STINT_TRY(reader.Expect(","));
    uint8_t element[16] = {};
    STINT_ASSIGN(const std::string number, reader.TakeNumber());
    if (!ReadNumber(dtype, number, element)) {
      return reader.Fail(std::string("a number of type ") + NameOf(dtype) + " before it");
    }
    data.insert(data.end(), element, element + width);
  }
  reader.Next();
  return data;
}

}  // namespace

Status ReadFields(TextReader& reader, DimReader& dims, const OpInfo& op, Attributes& attributes) {
  std::set<std::string, std::less<>> seen;
  while (!reader.Accept("}")) {
    const Field* field = nullptr;
    std::string allowed = "'}' or a field:";
    for (const Field& candidate : op.fields) {
      if (reader.At(candidate.name)) field = &candidate;
      allowed += std::string(" ") + candidate.name;
    }
    if (field == nullptr) return reader.Fail(allowed);
    if (!seen.insert(field->name).second) return reader.Fail("each field once");
    reader.Next();
    STINT_TRY(reader.Expect("="));
    STINT_TRY(ReadField(reader, dims, *field, attributes.data()));
  }
  return {};
}

Result<Bytes> ReadData(TextReader& reader, DType dtype, const std::vector<Dim>& extents,
                       uint64_t* budget) {
  STINT_ASSIGN(const uint64_t bytes, ByteCount(reader, dtype, extents));
  if (reader.Accept("all")) return ReadRepeated(reader, dtype, bytes, budget);
  if (reader.At("hash")) return reader.Fail("the bytes themselves: the text was shortened");
  const bool hex = reader.At("hex");
  if (!hex && !reader.At("[")) return reader.Fail("'[', 'all' or 'hex'");
  STINT_ASSIGN(Bytes data, hex ? ReadHex(reader) : ReadNumbers(reader, dtype));
  if (data.size() != bytes) {
    return reader.Fail(std::to_string(bytes) + " bytes before it, not " +
                       std::to_string(data.size()));
  }
  return data;
}

}  // namespace stint::compiler
