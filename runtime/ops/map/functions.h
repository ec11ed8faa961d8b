// What each Map function computes for one element. Both executors call these, so that they agree
// bit for bit. Functions of floats are free of branches where that is possible.
#ifndef STINT_RUNTIME_OPS_MAP_FUNCTIONS_H_
#define STINT_RUNTIME_OPS_MAP_FUNCTIONS_H_

#include <limits>
#include <type_traits>

#include "runtime/base/math.h"
#include "runtime/ops/map/opcode_table.h"

namespace stint::map_functions {

template <typename T>
inline constexpr bool kIsFloat = std::is_floating_point_v<T>;
template <typename T>
inline constexpr int kBits = static_cast<int>(sizeof(T) * 8);
// The type in which integers wrap without undefined behaviour.
template <typename T>
using Unsigned = std::make_unsigned_t<std::conditional_t<kIsFloat<T>, int, T>>;

// Whether a / b would trap or has a result of its own: b = 0, and b = -1 of signed types.
template <typename T>
constexpr bool IsSpecialDivisor(T b) {
  return b == 0 || (std::is_signed_v<T> && b == static_cast<T>(-1));
}

template <typename T>
STINT_ALWAYS_INLINE T Divide(T a, T b) {
  if constexpr (kIsFloat<T>) {
    return a / b;
  } else {
    if (b == 0) return 0;
    if (IsSpecialDivisor(b)) return static_cast<T>(Unsigned<T>{0} - static_cast<Unsigned<T>>(a));
    return a / b;
  }
}

template <typename T>
STINT_ALWAYS_INLINE T TruncatedRemainder(T a, T b) {
  if constexpr (kIsFloat<T>) {
    return math::Remainder(a, b);
  } else {
    return IsSpecialDivisor(b) ? 0 : a % b;
  }
}

template <typename T>
STINT_ALWAYS_INLINE T FloorRemainder(T a, T b) {
  const T remainder = TruncatedRemainder(a, b);
  if constexpr (std::is_signed_v<T>) {
    if constexpr (kIsFloat<T>) {
      if (remainder == 0) return math::CopySign(T(0), b);
    }
    if (remainder != 0 && (remainder < 0) != (b < 0)) return remainder + b;
  }
  return remainder;
}

template <typename T>
STINT_ALWAYS_INLINE T Minimum(T a, T b) {
  const T smaller = a < b ? a : b;  // b when either is NaN.
  return a != a ? a : smaller;
}

template <typename T>
STINT_ALWAYS_INLINE T Maximum(T a, T b) {
  const T larger = a > b ? a : b;
  return a != a ? a : larger;
}

template <typename T>
STINT_ALWAYS_INLINE T Power(T base, T exponent) {
  if constexpr (kIsFloat<T>) {
    return math::Pow(base, exponent);
  } else {
    if (std::is_signed_v<T> && exponent < 0) {
      if (base == 1) return 1;
      if (base != static_cast<T>(-1)) return 0;
    }
    auto factor = static_cast<Unsigned<T>>(base);
    Unsigned<T> result = 1;
    for (auto rest = static_cast<Unsigned<T>>(exponent); rest != 0; rest >>= 1) {
      if ((rest & 1) != 0) result *= factor;
      factor *= factor;
    }
    return static_cast<T>(result);
  }
}

template <typename T>
STINT_ALWAYS_INLINE T Negate(T a) {
  if constexpr (kIsFloat<T>) {
    return -a;
  } else {
    return static_cast<T>(Unsigned<T>{0} - static_cast<Unsigned<T>>(a));
  }
}

template <typename T>
STINT_ALWAYS_INLINE T Magnitude(T a) {
  if constexpr (kIsFloat<T>) {
    return math::Abs(a);
  } else {
    return a < T(0) ? Negate(a) : a;
  }
}

// Zeros and NaN give themselves.
template <typename T>
STINT_ALWAYS_INLINE T SignOf(T a) {
  const T negative = std::is_signed_v<T> && a < T(0) ? static_cast<T>(-1) : a;
  return a > T(0) ? T(1) : negative;
}

STINT_ALWAYS_INLINE float FusedMultiplyAdd(float a, float b, float c) {
  return __builtin_fmaf(a, b, c);
}
STINT_ALWAYS_INLINE double FusedMultiplyAdd(double a, double b, double c) {
  return __builtin_fma(a, b, c);
}

template <typename T>
STINT_ALWAYS_INLINE T ShiftLeft(T a, T b) {
  const auto count = static_cast<Unsigned<T>>(b);
  const auto shifted = static_cast<Unsigned<T>>(a) << (count & (kBits<T> - 1));
  return count < kBits<T> ? static_cast<T>(shifted) : T(0);
}

template <typename T>
STINT_ALWAYS_INLINE T ShiftRight(T a, T b) {
  const auto count = static_cast<Unsigned<T>>(b);
  const T shifted = a >> (count & (kBits<T> - 1));
  return count < kBits<T> ? shifted : T(0);
}

template <typename T, typename Signed, typename Plain>
STINT_ALWAYS_INLINE T Wrap(T a) {
  using Narrow = std::conditional_t<std::is_signed_v<T>, Signed, Plain>;
  return static_cast<T>(static_cast<Narrow>(a));
}

// Function<opcode>::Of(operands...) is the function.
template <MapOpcode opcode>
struct Function;

#define STINT_MAP_UNARY(Name, expression)     \
  template <>                                 \
  struct Function<MapOpcode::k##Name> {       \
    template <typename T>                     \
    STINT_ALWAYS_INLINE static auto Of(T a) { \
      return expression;                      \
    }                                         \
  };
#define STINT_MAP_BINARY(Name, expression)         \
  template <>                                      \
  struct Function<MapOpcode::k##Name> {            \
    template <typename T>                          \
    STINT_ALWAYS_INLINE static auto Of(T a, T b) { \
      return expression;                           \
    }                                              \
  };

// Sums of integers wrap: in unsigned, and back.
template <typename T>
using Wrapping = std::conditional_t<kIsFloat<T>, T, Unsigned<T>>;

STINT_MAP_BINARY(Add, static_cast<T>(static_cast<Wrapping<T>>(a) + static_cast<Wrapping<T>>(b)))
STINT_MAP_BINARY(Sub, static_cast<T>(static_cast<Wrapping<T>>(a) - static_cast<Wrapping<T>>(b)))
STINT_MAP_BINARY(Mul, static_cast<T>(static_cast<Wrapping<T>>(a) * static_cast<Wrapping<T>>(b)))
STINT_MAP_BINARY(Div, Divide(a, b))
STINT_MAP_BINARY(Mod, FloorRemainder(a, b))
STINT_MAP_BINARY(Rem, TruncatedRemainder(a, b))
STINT_MAP_BINARY(Min, Minimum(a, b))
STINT_MAP_BINARY(Max, Maximum(a, b))
STINT_MAP_BINARY(Pow, Power(a, b))
STINT_MAP_UNARY(Neg, Negate(a))
STINT_MAP_UNARY(Abs, Magnitude(a))
STINT_MAP_UNARY(Sign, SignOf(a))
template <>
struct Function<MapOpcode::kFma> {
  template <typename T>
  STINT_ALWAYS_INLINE static T Of(T a, T b, T c) {
    return FusedMultiplyAdd(a, b, c);
  }
};
STINT_MAP_UNARY(Sqrt, math::Sqrt(a))
STINT_MAP_UNARY(Reciprocal, T(1) / a)
STINT_MAP_UNARY(Floor, math::Floor(a))
STINT_MAP_UNARY(Ceil, math::Ceil(a))
STINT_MAP_UNARY(Trunc, math::Trunc(a))
STINT_MAP_UNARY(RoundEven, math::RoundEven(a))
STINT_MAP_UNARY(Exp, math::Exp(a))
STINT_MAP_UNARY(Expm1, math::Expm1(a))
STINT_MAP_UNARY(Log, math::Log(a))
STINT_MAP_UNARY(Log1p, math::Log1p(a))
STINT_MAP_UNARY(Sin, math::Sin(a))
STINT_MAP_UNARY(Cos, math::Cos(a))
STINT_MAP_UNARY(Tan, math::Tan(a))
STINT_MAP_UNARY(Asin, math::Asin(a))
STINT_MAP_UNARY(Acos, math::Acos(a))
STINT_MAP_UNARY(Atan, math::Atan(a))
STINT_MAP_UNARY(Sinh, math::Sinh(a))
STINT_MAP_UNARY(Cosh, math::Cosh(a))
STINT_MAP_UNARY(Tanh, math::Tanh(a))
STINT_MAP_UNARY(Asinh, math::Asinh(a))
STINT_MAP_UNARY(Acosh, math::Acosh(a))
STINT_MAP_UNARY(Atanh, math::Atanh(a))
STINT_MAP_UNARY(Erf, math::Erf(a))
STINT_MAP_BINARY(ShiftLeft, map_functions::ShiftLeft(a, b))
STINT_MAP_BINARY(ShiftRight, map_functions::ShiftRight(a, b))
STINT_MAP_BINARY(And, static_cast<T>(a& b))
STINT_MAP_BINARY(Or, static_cast<T>(a | b))
STINT_MAP_BINARY(Xor, static_cast<T>(a ^ b))
template <>
struct Function<MapOpcode::kNot> {
  template <typename T>
  STINT_ALWAYS_INLINE static T Of(T a) {
    if constexpr (std::is_same_v<T, bool>) {
      return !a;
    } else {
      return ~a;
    }
  }
};
STINT_MAP_UNARY(Wrap8, (Wrap<T, int8_t, uint8_t>(a)))
STINT_MAP_UNARY(Wrap16, (Wrap<T, int16_t, uint16_t>(a)))
STINT_MAP_BINARY(Less, a < b)
STINT_MAP_BINARY(LessEqual, a <= b)
STINT_MAP_BINARY(Equal, a == b)
STINT_MAP_BINARY(NotEqual, a != b)
STINT_MAP_BINARY(Greater, a > b)
STINT_MAP_BINARY(GreaterEqual, a >= b)
STINT_MAP_UNARY(IsNan, a != a)
STINT_MAP_UNARY(IsPositiveInfinity, a == math::kInfinity<T>)
STINT_MAP_UNARY(IsNegativeInfinity, a == -math::kInfinity<T>)

#undef STINT_MAP_UNARY
#undef STINT_MAP_BINARY

// Whether `opcode` is a function that registers of `type` admit.
constexpr bool Admits(MapOpcode opcode, MapType type) {
  return IsMapFunction(opcode) &&
         (kMapOpcodes[static_cast<size_t>(opcode)].types & BitOf(type)) != 0;
}

// Calls the function with as many of the operands as it has.
template <MapOpcode opcode, typename T>
STINT_ALWAYS_INLINE auto Apply(T a, T b, T c) {
  constexpr int kArity = kMapOpcodes[static_cast<size_t>(opcode)].arity;
  if constexpr (kArity == 1) {
    return Function<opcode>::Of(a);
  } else if constexpr (kArity == 2) {
    return Function<opcode>::Of(a, b);
  } else {
    return Function<opcode>::Of(a, b, c);
  }
}

}  // namespace stint::map_functions

#endif  // STINT_RUNTIME_OPS_MAP_FUNCTIONS_H_
