#include "tools/compiler/graph/text_numbers.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

namespace stint::compiler {

namespace {

template <typename T>
T Read(const uint8_t* data) {
  T value;
  std::memcpy(&value, data, sizeof(T));
  return value;
}

template <typename T>
std::string ToText(T value) {
  char buffer[64];
  const auto result = std::to_chars(buffer, buffer + sizeof(buffer), value);
  return {buffer, result.ptr};
}

template <typename T, typename Bits>
std::optional<std::string> FloatText(const uint8_t* data, Bits usual_nan) {
  const T value = Read<T>(data);
  if (!std::isnan(value)) return ToText(value);
  if (Read<Bits>(data) == usual_nan) return "nan";
  return std::nullopt;
}

template <typename T>
bool ReadAs(std::string_view text, uint8_t* data) {
  T value{};
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return false;
  std::memcpy(data, &value, sizeof(T));
  return true;
}

// from_chars makes some NaN of "nan"; the text form means one.
template <typename T, typename Bits>
bool ReadFloat(std::string_view text, uint8_t* data, Bits usual_nan) {
  if (text == "nan") {
    std::memcpy(data, &usual_nan, sizeof(Bits));
    return true;
  }
  return ReadAs<T>(text, data);
}

constexpr uint32_t kNan32 = 0x7fc00000;
constexpr uint64_t kNan64 = 0x7ff8000000000000;

bool ReadBool(std::string_view text, uint8_t* data) {
  if (text != "0" && text != "1") return false;
  *data = text == "1" ? 1 : 0;
  return true;
}

}  // namespace

std::optional<std::string> NumberText(DType dtype, const uint8_t* data) {
  switch (dtype) {
    case DType::kFloat32:
      return FloatText<float>(data, kNan32);
    case DType::kFloat64:
      return FloatText<double>(data, kNan64);
    case DType::kInt8:
      return ToText(static_cast<int>(Read<int8_t>(data)));
    case DType::kInt16:
      return ToText(Read<int16_t>(data));
    case DType::kInt32:
      return ToText(Read<int32_t>(data));
    case DType::kInt64:
      return ToText(Read<int64_t>(data));
    case DType::kUInt8:
      return ToText(static_cast<int>(*data));
    case DType::kUInt16:
      return ToText(Read<uint16_t>(data));
    case DType::kUInt32:
      return ToText(Read<uint32_t>(data));
    case DType::kUInt64:
      return ToText(Read<uint64_t>(data));
    case DType::kBool:
      if (*data > 1) return std::nullopt;
      return std::string(*data == 1 ? "1" : "0");
    default:
      return std::nullopt;
  }
}

bool ReadNumber(DType dtype, std::string_view text, uint8_t* data) {
  switch (dtype) {
    case DType::kFloat32:
      return ReadFloat<float>(text, data, kNan32);
    case DType::kFloat64:
      return ReadFloat<double>(text, data, kNan64);
    case DType::kInt8:
      return ReadAs<int8_t>(text, data);
    case DType::kInt16:
      return ReadAs<int16_t>(text, data);
    case DType::kInt32:
      return ReadAs<int32_t>(text, data);
    case DType::kInt64:
      return ReadAs<int64_t>(text, data);
    case DType::kUInt8:
      return ReadAs<uint8_t>(text, data);
    case DType::kUInt16:
      return ReadAs<uint16_t>(text, data);
    case DType::kUInt32:
      return ReadAs<uint32_t>(text, data);
    case DType::kUInt64:
      return ReadAs<uint64_t>(text, data);
    case DType::kBool:
      return ReadBool(text, data);
    default:
      return false;
  }
}

DType DTypeOf(MapType type) {
  switch (type) {
    case MapType::kF32:
      return DType::kFloat32;
    case MapType::kF64:
      return DType::kFloat64;
    case MapType::kI32:
      return DType::kInt32;
    case MapType::kI64:
      return DType::kInt64;
    case MapType::kU32:
      return DType::kUInt32;
    case MapType::kU64:
      return DType::kUInt64;
    case MapType::kBool:
      return DType::kBool;
  }
  return DType::kNone;
}

std::string MapConstantText(MapType type, uint64_t bits) {
  static_assert(std::endian::native == std::endian::little);
  uint8_t element[8];
  std::memcpy(element, &bits, 8);
  const std::optional<std::string> number = NumberText(DTypeOf(type), element);
  uint64_t again = 0;
  if (number && ReadMapConstant(type, *number, &again) && again == bits) return *number;
  char digits[32];
  const auto result = std::to_chars(digits, digits + sizeof(digits), bits, 16);
  return "bits 0x" + std::string(digits, result.ptr);
}

bool ReadMapConstant(MapType type, std::string_view text, uint64_t* bits) {
  constexpr std::string_view kBits = "bits 0x";
  if (text.substr(0, kBits.size()) == kBits) {
    text.remove_prefix(kBits.size());
    const auto result = std::from_chars(text.data(), text.data() + text.size(), *bits, 16);
    return result.ec == std::errc() && result.ptr == text.data() + text.size();
  }
  uint8_t element[8] = {};
  if (!ReadNumber(DTypeOf(type), text, element)) return false;
  // Signed integers are extended to all 64 bits.
  if (type == MapType::kI32) {
    *bits = static_cast<uint64_t>(int64_t{Read<int32_t>(element)});
  } else {
    *bits = Read<uint64_t>(element);
  }
  return true;
}

}  // namespace stint::compiler
