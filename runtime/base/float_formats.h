// Exact conversions between float and the narrower float formats. Everything rounds to nearest,
// ties to even, keeps subnormals, and is free of branches where loops over it should vectorise.
// What overflow, infinities and NaN become is the rule of ONNX Cast.
#ifndef STINT_RUNTIME_BASE_FLOAT_FORMATS_H_
#define STINT_RUNTIME_BASE_FLOAT_FORMATS_H_

#include <cstdint>

namespace stint {

// For small functions in loops that are compiled for several instruction sets: an inline function
// that is emitted for one of them must never serve the others.
#define STINT_ALWAYS_INLINE [[gnu::always_inline]] inline

STINT_ALWAYS_INLINE uint32_t BitsOf(float value) { return __builtin_bit_cast(uint32_t, value); }
STINT_ALWAYS_INLINE uint64_t BitsOf(double value) { return __builtin_bit_cast(uint64_t, value); }
STINT_ALWAYS_INLINE float FloatFromBits(uint32_t bits) { return __builtin_bit_cast(float, bits); }
STINT_ALWAYS_INLINE double DoubleFromBits(uint64_t bits) {
  return __builtin_bit_cast(double, bits);
}

// `value` rounded to float so that a second rounding to a format with at most 21 bits of mantissa
// gives what one rounding of `value` would give ("round to odd").
STINT_ALWAYS_INLINE float RoundToOdd(double value) {
  const auto nearest = static_cast<float>(value);
  const auto back = static_cast<double>(nearest);
  const uint32_t bits = BitsOf(nearest);
  const uint64_t magnitude = BitsOf(value) << 1;
  const uint64_t back_magnitude = BitsOf(back) << 1;
  const uint32_t truncated = bits - (back_magnitude > magnitude ? 1 : 0);
  return FloatFromBits(back_magnitude == magnitude || value != value ? bits : truncated | 1);
}

STINT_ALWAYS_INLINE float HalfToFloat(uint16_t half) {
  const uint32_t magnitude = half & 0x7fffU;
  const uint32_t sign = (half & 0x8000U) << 16;
  const uint32_t rebias = magnitude >= 0x7c00 ? 0x70000000 : 0x38000000;
  const uint32_t normal = (magnitude << 13) + rebias;
  const float scaled = FloatFromBits((magnitude << 13) + 0x38800000) - 0x1p-14F;
  return FloatFromBits(sign | (magnitude < 0x0400 ? BitsOf(scaled) : normal));
}

STINT_ALWAYS_INLINE uint16_t FloatToHalf(float value) {
  const uint32_t bits = BitsOf(value);
  const uint32_t magnitude = bits & 0x7fffffffU;
  const uint32_t rounded = magnitude + 0xfff + ((magnitude >> 13) & 1);
  const uint32_t normal = (rounded - 0x38000000) >> 13;
  // The unit of 0.5 is the smallest subnormal half: the addition rounds.
  const uint32_t subnormal = BitsOf(FloatFromBits(magnitude) + 0.5F) - 0x3f000000;
  uint32_t half = magnitude < 0x38800000 ? subnormal : normal;
  half = rounded >= 0x47800000 ? 0x7c00 : half;
  half = magnitude > 0x7f800000 ? 0x7e00 : half;
  return static_cast<uint16_t>(half | ((bits >> 16) & 0x8000));
}

STINT_ALWAYS_INLINE float BFloat16ToFloat(uint16_t value) {
  return FloatFromBits(uint32_t{value} << 16);
}

STINT_ALWAYS_INLINE uint16_t FloatToBFloat16(float value) {
  const uint32_t bits = BitsOf(value);
  const uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  const uint32_t quiet = ((bits >> 16) & 0x8000) | 0x7fc0;
  return static_cast<uint16_t>((bits & 0x7fffffffU) > 0x7f800000 ? quiet : rounded);
}

// An 8-bit float with a sign bit: `mantissa` bits of mantissa, exponents offset by `bias`.
struct Float8Format {
  int mantissa;
  int bias;
  uint8_t largest;   // The code of the largest finite value.
  uint8_t infinity;  // The code that overflow gives without saturation.
  uint8_t nan;
  bool unsigned_zero;  // Neither -0 nor signed NaN: code 0x80 is the NaN.
};

inline constexpr Float8Format kE4M3FN = {3, 7, 0x7e, 0x7f, 0x7f, false};
inline constexpr Float8Format kE4M3FNUZ = {3, 8, 0x7f, 0x80, 0x80, true};
inline constexpr Float8Format kE5M2 = {2, 15, 0x7b, 0x7c, 0x7e, false};
inline constexpr Float8Format kE5M2FNUZ = {2, 16, 0x7f, 0x80, 0x80, true};

// With `saturate` everything beyond the largest value, infinities included, becomes the largest
// value; without, the format's infinity if it has one, else NaN.
STINT_ALWAYS_INLINE uint8_t FloatToFloat8(float value, const Float8Format& format, bool saturate) {
  const uint32_t bits = BitsOf(value);
  const uint32_t magnitude = bits & 0x7fffffffU;
  const uint32_t sign = (bits >> 24) & 0x80;
  const int shift = 23 - format.mantissa;
  const auto smallest_normal = static_cast<uint32_t>(128 - format.bias) << 23;
  const uint32_t half_unit = (1U << (shift - 1)) - 1;
  const uint32_t rounded = magnitude + half_unit + ((magnitude >> shift) & 1);
  const uint32_t normal = (rounded - (static_cast<uint32_t>(127 - format.bias) << 23)) >> shift;
  // A float whose unit is the smallest subnormal: the addition rounds.
  const auto magic = static_cast<uint32_t>(127 + 24 - format.bias - format.mantissa) << 23;
  const uint32_t subnormal = BitsOf(FloatFromBits(magnitude) + FloatFromBits(magic)) - magic;
  uint32_t code = magnitude < smallest_normal ? subnormal : normal;
  const uint32_t beyond = saturate ? format.largest : format.infinity;
  code = code > format.largest ? beyond : code;
  code = magnitude > 0x7f800000 ? format.nan : code;
  const bool drop_sign = format.unsigned_zero && (code == 0 || code == format.nan);
  return static_cast<uint8_t>(code | (drop_sign ? 0 : sign));
}

STINT_ALWAYS_INLINE float Float8ToFloat(uint8_t code, const Float8Format& format) {
  const uint32_t magnitude = code & 0x7fU;
  const uint32_t sign = (code & 0x80U) << 24;
  const int shift = 23 - format.mantissa;
  const auto rebias = static_cast<uint32_t>(127 - format.bias) << 23;
  const uint32_t smallest = rebias + (1U << 23);
  const float scaled = FloatFromBits((magnitude << shift) + smallest) - FloatFromBits(smallest);
  uint32_t bits =
      (magnitude >> format.mantissa) == 0 ? BitsOf(scaled) : (magnitude << shift) + rebias;
  const bool is_infinity = magnitude == format.infinity && format.infinity != format.nan;
  const bool is_nan =
      format.unsigned_zero ? code == format.nan : magnitude > format.largest && !is_infinity;
  bits = is_infinity ? 0x7f800000 : bits;
  return FloatFromBits(is_nan ? 0x7fc00000 | sign : bits | sign);
}

// Float8 E8M0: powers of two from 2^-127 (code 0) to 2^127 (code 254); code 255 is NaN.
enum class E8M0Rounding : uint8_t { kUp, kDown, kNearest };

// The sign is ignored, NaN and infinities give NaN, 0 gives 2^-127. Rounding up beyond 2^127 gives
// 2^127 with `saturate`, else NaN. kNearest rounds ties up.
STINT_ALWAYS_INLINE uint8_t FloatToE8M0(float value, E8M0Rounding rounding, bool saturate) {
  const uint32_t magnitude = BitsOf(value) & 0x7fffffffU;
  const uint32_t exponent = magnitude >> 23;
  const uint32_t fraction = magnitude & 0x7fffffU;
  if (exponent == 0xff) return 0xff;
  // 2^-127 is a subnormal float: below 2^-126 it is the value that code 0 stands for.
  const uint32_t tie = exponent == 0 ? 0x400001 : 0x400000;
  const bool up = (rounding == E8M0Rounding::kUp && fraction != 0) ||
                  (rounding == E8M0Rounding::kNearest && fraction >= tie);
  const uint32_t code = exponent + (up ? 1 : 0);
  return static_cast<uint8_t>(saturate && code > 254 ? 254 : code);
}

STINT_ALWAYS_INLINE float E8M0ToFloat(uint8_t code) {
  if (code == 0xff) return FloatFromBits(0x7fc00000);
  return code == 0 ? 0x1p-127F : FloatFromBits(uint32_t{code} << 23);
}

// Float4 E2M1: 0, 0.5, 1, 1.5, 2, 3, 4, 6 and their negatives in the low four bits. Always
// saturates; NaN gives 0.
uint8_t FloatToFloat4(float value);
float Float4ToFloat(uint8_t code);

}  // namespace stint

#endif  // STINT_RUNTIME_BASE_FLOAT_FORMATS_H_
