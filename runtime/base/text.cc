#include "runtime/base/text.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace stint {

Result<Text> Text::Copy(std::string_view text) {
  Text copy;
  if (text.empty()) return copy;
  STINT_TRY(copy.bytes_.Resize(text.size() + 1));
  std::memcpy(copy.bytes_.data(), text.data(), text.size());
  return copy;
}

template <size_t kCapacity>
Formatted<kCapacity>::Formatted(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text_, kCapacity, format, arguments);
  va_end(arguments);
}

template class Formatted<160>;

}  // namespace stint
