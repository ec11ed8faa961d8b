// The memory that a reference kernel works in. A kernel writes down once what it takes, as calls of
// Take; the same lines measure, when an op states what it needs, and carve, when it runs.
#ifndef STINT_RUNTIME_OPS_SCRATCH_H_
#define STINT_RUNTIME_OPS_SCRATCH_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "runtime/base/checked.h"

namespace stint {

class Scratch {
 public:
  static constexpr uint64_t kAlignment = 64;

  // Measures: what Take returns has no memory and must not be touched.
  Scratch() = default;
  // Carves from `memory`, which is as large as the measured bytes() and suits any type.
  explicit Scratch(std::span<std::byte> memory) : memory_(memory) {}

  // Elements without a value; none when they do not fit. `count` is not negative.
  template <typename T>
  std::span<T> Take(int64_t count) {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
    const uint64_t start = bytes_;
    uint64_t size = 0;
    const bool fits = CheckedMul(static_cast<uint64_t>(count), uint64_t{sizeof(T)}, &size) &&
                      size < UINT64_MAX - kAlignment &&
                      CheckedAdd(start, AlignUp(size, kAlignment), &bytes_);
    if (!fits) bytes_ = UINT64_MAX;
    if (memory_.data() == nullptr) return {static_cast<T*>(nullptr), fits ? AsSize(count) : 0};
    if (bytes_ > memory_.size()) return {};
    return {reinterpret_cast<T*>(memory_.data() + start), AsSize(count)};
  }

  // Of all that was taken; UINT64_MAX: more than can be counted.
  uint64_t bytes() const { return bytes_; }

 private:
  static size_t AsSize(int64_t count) { return static_cast<size_t>(count); }

  std::span<std::byte> memory_;
  uint64_t bytes_ = 0;
};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_SCRATCH_H_
