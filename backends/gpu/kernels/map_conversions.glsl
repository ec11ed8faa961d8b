// Conversions between registers, and of elements in memory; see map_functions.glsl.

float f32_from_i32(const int x) { return TO_FLOAT(x); }
float f32_from_u32(const uint x) { return TO_FLOAT(x); }
float f32_from_bool(const bool x) { return x ? 1.0f : 0.0f; }
int i32_from_u32(const uint x) { return TO_INT(x); }
int i32_from_bool(const bool x) { return x ? 1 : 0; }
uint u32_from_i32(const int x) { return TO_UINT(x); }
uint u32_from_bool(const bool x) { return x ? 1u : 0u; }
bool bool_from_f32(const float x) { return magnitude_bits(x) != 0u; }
bool bool_from_i32(const int x) { return x != 0; }
bool bool_from_u32(const uint x) { return x != 0u; }

// Truncates; NaN gives 0, values out of range the nearest end.
int i32_from_f32(const float x) {
  const uint bits = BITS_OF(x);
  const bool inside = magnitude_bits(x) < 0x4f000000u;  // 2^31
  const int truncated = TO_INT(inside ? x : 0.0f);
  const int end = bits >= 0x80000000u ? TO_INT(0x80000000u) : 2147483647;
  const int number = f32_isnan(x) ? 0 : end;
  return inside ? truncated : number;
}
// Truncates to 64 bits with a sign, of which the low ones are kept.
uint u32_from_f32(const float x) {
  const uint bits = magnitude_bits(x);
  const bool negative = BITS_OF(x) >= 0x80000000u;
  const uint mantissa = (bits & 0x007fffffu) | 0x00800000u;
  const int exponent = TO_INT(bits >> 23u) - 150;
  const uint left = exponent < 32 ? mantissa << (TO_UINT(exponent) & 31u) : 0u;
  const uint right = exponent > -24 ? mantissa >> (TO_UINT(-exponent) & 31u) : 0u;
  const uint integer = exponent < 0 ? right : left;
  const uint value = negative ? 0u - integer : integer;
  const bool beyond = bits >= 0x5f000000u && bits <= INFINITY_BITS;  // 2^63
  const uint end = negative ? 0u : 0xffffffffu;
  const uint finite = beyond ? end : value;
  return bits > INFINITY_BITS ? 0u : finite;
}

// What saturating stores convert by: values out of range give the nearest end.
int i32_saturated_from_f32(const float x) { return i32_from_f32(x); }
int i32_saturated_from_u32(const uint x) { return x > 0x7fffffffu ? 2147483647 : TO_INT(x); }
uint u32_saturated_from_i32(const int x) { return x < 0 ? 0u : TO_UINT(x); }
uint u32_saturated_from_f32(const float x) {
  const bool beyond = magnitude_bits(x) >= 0x4f800000u;  // 2^32
  const uint value = u32_from_f32(beyond ? 0.0f : x);
  const uint large = beyond ? 0xffffffffu : value;
  const uint number = BITS_OF(x) >= 0x80000000u ? 0u : large;
  return f32_isnan(x) ? 0u : number;
}
int int8_saturated(const int x) { return i32_min(i32_max(x, -128), 127); }
int uint8_saturated(const int x) { return i32_min(i32_max(x, 0), 255); }
int int16_saturated(const int x) { return i32_min(i32_max(x, -32768), 32767); }
int uint16_saturated(const int x) { return i32_min(i32_max(x, 0), 65535); }

// Integers on their way to a 16-bit float are rounded to odd, so that they round only once.
float f32_odd_from_u32(const uint x) {
  const uint sticky = (x & 0xffu) != 0u ? 0x100u : 0u;
  const uint shortened = (x & 0xffffff00u) | sticky;
  return TO_FLOAT(x < 0x01000000u ? x : shortened);
}
float f32_odd_from_i32(const int x) {
  const float magnitude = f32_odd_from_u32(TO_UINT(i32_abs(x)));
  return x < 0 ? -magnitude : magnitude;
}

float f32_from_float16(const uint half_bits) {
  const uint magnitude = half_bits & 0x7fffu;
  const float subnormal = TO_FLOAT(magnitude) * 5.96046448e-08f;  // 2^-24
  const uint rebias = magnitude >= 0x7c00u ? 0x70000000u : 0x38000000u;
  const uint normal = (magnitude << 13u) + rebias;
  const uint bits = magnitude < 0x0400u ? BITS_OF(subnormal) : normal;
  return FLOAT_OF(bits | ((half_bits & 0x8000u) << 16u));
}
// To nearest, ties to even; overflow gives infinity.
uint float16_from_f32(const float x) {
  const uint magnitude = magnitude_bits(x);
  const uint rounded = magnitude + 0xfffu + ((magnitude >> 13u) & 1u);
  const uint normal = (rounded - 0x38000000u) >> 13u;
  // The unit of 0.5 is the smallest subnormal half: the addition rounds.
  PRECISE float shifted = FLOAT_OF(magnitude) + 0.5f;
  const uint subnormal = BITS_OF(shifted) - 0x3f000000u;
  const uint finite = magnitude < 0x38800000u ? subnormal : normal;
  const uint bounded = rounded >= 0x47800000u ? 0x7c00u : finite;
  const uint value = magnitude > INFINITY_BITS ? 0x7e00u : bounded;
  return value | ((BITS_OF(x) >> 16u) & 0x8000u);
}

float f32_from_bfloat16(const uint bits) { return FLOAT_OF(bits << 16u); }
uint bfloat16_from_f32(const float x) {
  const uint bits = BITS_OF(x);
  const uint rounded = (bits + 0x7fffu + ((bits >> 16u) & 1u)) >> 16u;
  const uint quiet = ((bits >> 16u) & 0x8000u) | 0x7fc0u;
  return f32_isnan(x) ? quiet : rounded;
}
