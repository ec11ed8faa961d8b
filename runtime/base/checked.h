// Integer arithmetic that says when it overflowed.
#ifndef STINT_RUNTIME_BASE_CHECKED_H_
#define STINT_RUNTIME_BASE_CHECKED_H_

#include <cstdint>

namespace stint {

// Each returns false, leaving `*out` unspecified, when the exact result does not fit.
template <typename T>
[[nodiscard]] bool CheckedAdd(T a, T b, T* out) {
  return !__builtin_add_overflow(a, b, out);
}
template <typename T>
[[nodiscard]] bool CheckedSub(T a, T b, T* out) {
  return !__builtin_sub_overflow(a, b, out);
}
template <typename T>
[[nodiscard]] bool CheckedMul(T a, T b, T* out) {
  return !__builtin_mul_overflow(a, b, out);
}

// Rounds towards minus infinity. `b` must not be 0, nor -1 when `a` is the smallest value.
constexpr int64_t FloorDivide(int64_t a, int64_t b) {
  const int64_t quotient = a / b;
  return (a % b != 0 && (a < 0) != (b < 0)) ? quotient - 1 : quotient;
}

// Of a >= 0 and b > 0, rounded up.
constexpr int64_t CeilDivide(int64_t a, int64_t b) { return (a + b - 1) / b; }

// `alignment` must be a power of two.
constexpr uint64_t AlignUp(uint64_t value, uint64_t alignment) {
  return (value + alignment - 1) & ~(alignment - 1);
}

}  // namespace stint

#endif  // STINT_RUNTIME_BASE_CHECKED_H_
