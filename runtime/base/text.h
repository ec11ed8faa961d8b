// Owned text, and formatting into a fixed buffer: the runtime's std::string.
#ifndef STINT_RUNTIME_BASE_TEXT_H_
#define STINT_RUNTIME_BASE_TEXT_H_

#include <cstddef>
#include <string_view>

#include "runtime/base/array.h"
#include "runtime/base/result.h"

namespace stint {

// Text that is always terminated by a zero byte.
class Text {
 public:
  Text() = default;
  // A copy of `text`; kLimit when there is no memory.
  static Result<Text> Copy(std::string_view text);

  const char* c_str() const { return bytes_.empty() ? "" : bytes_.data(); }
  size_t size() const { return bytes_.empty() ? 0 : bytes_.size() - 1; }
  std::string_view view() const { return {c_str(), size()}; }

 private:
  Array<char> bytes_;
};

// printf into a buffer that lives as long as the expression; long texts are cut.
template <size_t kCapacity = 160>
class Formatted {
 public:
  [[gnu::format(printf, 2, 3)]] explicit Formatted(const char* format, ...);
  const char* c_str() const { return text_; }

 private:
  char text_[kCapacity];
};

extern template class Formatted<160>;

}  // namespace stint

#endif  // STINT_RUNTIME_BASE_TEXT_H_
