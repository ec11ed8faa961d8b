// Where the runtime says what it does: a function of the caller's, or nobody. There is no log of
// the whole process; each object is told where its own lines go.
#ifndef STINT_RUNTIME_BASE_LOG_H_
#define STINT_RUNTIME_BASE_LOG_H_

#include <cstdint>

namespace stint {

enum class LogLevel : uint8_t { kNone = 0, kWarning = 1, kInfo = 2, kDebug = 3 };

struct Log {
  // Called on the thread that has something to say, with the number of a LogLevel; `line` lives as
  // long as the call.
  void (*write)(void* user, int32_t level, const char* line) = nullptr;
  void* user = nullptr;
  LogLevel most = LogLevel::kNone;  // Lines beyond this level are not made.

  bool Wants(LogLevel level) const { return write != nullptr && level <= most; }
  // printf into a line that is cut at 511 bytes; bytes outside printable ASCII become '?'.
  [[gnu::format(printf, 3, 4)]] void Write(LogLevel level, const char* format, ...) const;
};

}  // namespace stint

#endif  // STINT_RUNTIME_BASE_LOG_H_
