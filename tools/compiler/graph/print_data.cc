// Constants in the text form.
#include <algorithm>
#include <optional>

#include "runtime/base/hash.h"
#include "tools/compiler/graph/print.h"
#include "tools/compiler/graph/text_names.h"
#include "tools/compiler/graph/text_numbers.h"

namespace stint::compiler {

namespace {

constexpr size_t kMaxInlineNumbers = 32;
// A repeated element is written once up to this size: what a reader must be ready to make of it.
constexpr size_t kMaxRepeatedBytes = size_t{64} << 10;
constexpr size_t kHexDigitsPerLine = 88;

std::optional<std::string> NumbersText(DType dtype, const Bytes& data, size_t width) {
  std::string text = "[";
  for (size_t at = 0; at < data.size(); at += width) {
    const auto number = NumberText(dtype, data.data() + at);
    if (!number) return std::nullopt;
    if (at > 0) text += ", ";
    text += *number;
  }
  return text + "]";
}

std::string HexText(const Bytes& data) {
  const std::string digits = Hex(data);
  if (digits.size() <= kHexDigitsPerLine) return "hex \"" + digits + "\"";
  std::string text = "hex";
  for (size_t at = 0; at < digits.size(); at += kHexDigitsPerLine) {
    text += "\n    \"" + digits.substr(at, kHexDigitsPerLine) + "\"";
  }
  return text;
}

std::string HashText(const Bytes& data) {
  const Hash128 hash = HashBytes(data);
  uint8_t bytes[16];
  for (int i = 0; i < 8; ++i) {
    bytes[i] = static_cast<uint8_t>(hash.high >> (56 - 8 * i));
    bytes[i + 8] = static_cast<uint8_t>(hash.low >> (56 - 8 * i));
  }
  return "hash \"" + Hex(bytes) + "\"";
}

// Whether all elements are the first one.
bool IsRepeated(const Bytes& data, size_t width) {
  return std::equal(data.begin() + static_cast<ptrdiff_t>(width), data.end(), data.begin());
}

}  // namespace

std::string PrintData(DType dtype, const Bytes& data, const PrintOptions& options) {
  const auto width = static_cast<size_t>(BytesOf(dtype));
  const size_t count = data.size() / width;
  if (count > kMaxInlineNumbers && data.size() <= kMaxRepeatedBytes && IsRepeated(data, width)) {
    const auto number = NumberText(dtype, data.data());
    if (number) return "all " + *number;
  }
  if (count <= kMaxInlineNumbers) {
    const auto numbers = NumbersText(dtype, data, width);
    if (numbers) return *numbers;
  }
  return data.size() > options.max_constant_bytes ? HashText(data) : HexText(data);
}

}  // namespace stint::compiler
