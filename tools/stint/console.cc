#include "tools/stint/console.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

namespace stint::cli {

std::string Format(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  va_list measured;
  va_copy(measured, arguments);
  const int size = std::vsnprintf(nullptr, 0, format, measured);
  va_end(measured);
  std::string text(size > 0 ? static_cast<size_t>(size) : 0, '\0');
  std::vsnprintf(text.data(), text.size() + 1, format, arguments);
  va_end(arguments);
  return text;
}

// Bytes of the character that a text begins with; 0: it is a control, or no character of UTF-8.
static size_t CharacterBytes(std::string_view text) {
  constexpr uint32_t kSmallest[] = {0, 0, 0xa0, 0x800,
                                    0x10000};  // Above the controls of two bytes.
  const auto byte = [&](size_t i) {
    return i < text.size() ? uint32_t{static_cast<unsigned char>(text[i])} : 0;
  };
  if (byte(0) < 0x80) return byte(0) >= 0x20 && byte(0) != 0x7f ? 1 : 0;
  if (byte(0) < 0xc0 || byte(0) > 0xf4) return 0;
  const size_t count = byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : 2;
  uint32_t letter = byte(0) & (0xffU >> (count + 1));
  for (size_t i = 1; i < count; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return 0;
    letter = letter << 6 | (byte(i) & 0x3fU);
  }
  const bool surrogate = letter >= 0xd800 && letter < 0xe000;
  return letter < kSmallest[count] || letter > 0x10ffff || surrogate ? 0 : count;
}

std::string Printable(std::string_view text) {
  std::string printable;
  while (!text.empty()) {
    const size_t bytes = CharacterBytes(text);
    printable += bytes == 0 ? Format("\\x%02x", static_cast<unsigned char>(text[0]))
                            : std::string(text.substr(0, bytes));
    text.remove_prefix(std::max<size_t>(bytes, 1));
  }
  return printable;
}

Status PrintResult(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (written && std::fflush(stdout) == 0) return {};
  return Error(Code::kIo, "stdout", "found '%s', allowed an output that takes the whole result",
               std::strerror(errno));
}

Status StatusOf(const api::Error& error) {
  return Error(static_cast<Code>(error.code()), error.where().c_str(), "%s",
               error.message().c_str());
}

void PrintError(const Status& status) {
  PrintError(CodeName(status.code()), status.where(), status.message());
}

void PrintError(const char* code, const std::string& where, const std::string& message) {
  const std::string place = where.empty() ? "" : Printable(where) + ": ";
  std::fprintf(stderr, "stint: %s: %s%s\n", code, place.c_str(), Printable(message).c_str());
}

void PrintNote(const std::string& text) {
  std::fprintf(stderr, "stint: note: %s\n", Printable(text).c_str());
}

Status WriteJson(const Json& document, const std::string& path, FileTransaction& files) {
  if (path.empty()) return {};
  const std::string text = document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  return path == "-" ? PrintResult(text) : files.Stage(path, text);
}

Status PrintSummary(const std::string& text, const std::string& json_path) {
  return json_path == "-" ? Status() : PrintResult(text);
}

double RoundedMilliseconds(double milliseconds) { return std::round(milliseconds * 1e4) / 1e4; }

std::string BytesText(uint64_t bytes) {
  std::string digits = std::to_string(bytes);
  for (size_t i = digits.size(); i > 3;) {
    i -= 3;
    digits.insert(i, ",");
  }
  return digits + " bytes";
}

}  // namespace stint::cli
