#include "runtime/base/log.h"

#include <cstdarg>
#include <cstdio>

namespace stint {

void Log::Write(LogLevel level, const char* format, ...) const {
  if (!Wants(level)) return;
  char line[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line, sizeof(line), format, arguments);
  va_end(arguments);
  for (char* byte = line; *byte != '\0'; ++byte) {
    if (*byte < 0x20 || *byte > 0x7e) *byte = '?';
  }
  write(user, static_cast<int32_t>(level), line);
}

}  // namespace stint
