// Rounding to integers, sign handling and remainders: exact, without a library call, and (but for
// the remainders) free of branches.
#ifndef STINT_RUNTIME_BASE_MATH_ROUND_H_
#define STINT_RUNTIME_BASE_MATH_ROUND_H_

#include <cstdint>
#include <limits>
#include <type_traits>

#include "runtime/base/float_formats.h"

namespace stint::math {

template <typename T>
using BitsType = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;

template <typename T>
inline constexpr BitsType<T> kSignBit = BitsType<T>{1} << (sizeof(T) * 8 - 1);
// From here on every value is an integer.
template <typename T>
inline constexpr T kFirstIntegral = sizeof(T) == 4 ? T(0x1p23) : T(0x1p52);
template <typename T>
inline constexpr T kInfinity = std::numeric_limits<T>::infinity();
template <typename T>
inline constexpr T kNan = std::numeric_limits<T>::quiet_NaN();

template <typename T>
STINT_ALWAYS_INLINE T Abs(T x) {
  return __builtin_bit_cast(T, BitsOf(x) & ~kSignBit<T>);
}

// The magnitude of `x` with the sign of `sign`.
template <typename T>
STINT_ALWAYS_INLINE T CopySign(T x, T sign) {
  return __builtin_bit_cast(T, (BitsOf(x) & ~kSignBit<T>) | (BitsOf(sign) & kSignBit<T>));
}

STINT_ALWAYS_INLINE float Sqrt(float x) { return __builtin_sqrtf(x); }
STINT_ALWAYS_INLINE double Sqrt(double x) { return __builtin_sqrt(x); }

#if defined(__SSE4_1__) || defined(__aarch64__)
STINT_ALWAYS_INLINE float RoundEven(float x) { return __builtin_rintf(x); }
STINT_ALWAYS_INLINE double RoundEven(double x) { return __builtin_rint(x); }
STINT_ALWAYS_INLINE float Floor(float x) { return __builtin_floorf(x); }
STINT_ALWAYS_INLINE double Floor(double x) { return __builtin_floor(x); }
STINT_ALWAYS_INLINE float Ceil(float x) { return __builtin_ceilf(x); }
STINT_ALWAYS_INLINE double Ceil(double x) { return __builtin_ceil(x); }
STINT_ALWAYS_INLINE float Trunc(float x) { return __builtin_truncf(x); }
STINT_ALWAYS_INLINE double Trunc(double x) { return __builtin_trunc(x); }
#else
template <typename T>
STINT_ALWAYS_INLINE T RoundEven(T x) {
  const T magnitude = Abs(x);
  const T rounded = (magnitude + kFirstIntegral<T>)-kFirstIntegral<T>;
  return magnitude < kFirstIntegral<T> ? CopySign(rounded, x) : x;
}
template <typename T>
STINT_ALWAYS_INLINE T Floor(T x) {
  const T rounded = RoundEven(x);
  const T lower = rounded - T(1);
  return rounded > x ? lower : rounded;
}
template <typename T>
STINT_ALWAYS_INLINE T Ceil(T x) {
  const T rounded = RoundEven(x);
  const T upper = rounded + T(1);
  return CopySign(rounded < x ? upper : rounded, x);
}
template <typename T>
STINT_ALWAYS_INLINE T Trunc(T x) {
  return CopySign(Floor(Abs(x)), x);
}
#endif

// C's fmod: exact, with the sign of x; NaN for y = 0, infinite x or NaN.
float Remainder(float x, float y);
double Remainder(double x, double y);

}  // namespace stint::math

#endif  // STINT_RUNTIME_BASE_MATH_ROUND_H_
