#include "tools/stint/console.h"

#include <cerrno>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <cstring>

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

std::string Printable(std::string_view text) {
  std::string printable;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    printable += byte < 0x20 || byte == 0x7f ? Format("\\x%02x", byte) : std::string(1, letter);
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
