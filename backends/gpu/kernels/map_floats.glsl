// Arithmetic and comparisons of 32-bit floats; see map_functions.glsl.

#define INFINITY_BITS 0x7f800000u
#define NAN_VALUE FLOAT_OF(0x7fc00000u)

uint magnitude_bits(const float x) { return BITS_OF(x) & 0x7fffffffu; }
float magnitude_of(const float x) { return FLOAT_OF(magnitude_bits(x)); }
bool f32_isnan(const float x) { return magnitude_bits(x) > INFINITY_BITS; }
bool f32_isinfp(const float x) { return BITS_OF(x) == INFINITY_BITS; }
bool f32_isinfn(const float x) { return BITS_OF(x) == 0xff800000u; }
// The magnitude of `x` with the sign of `sign`.
float copy_sign(const float x, const float sign) {
  return FLOAT_OF(magnitude_bits(x) | (BITS_OF(sign) & 0x80000000u));
}
// 2^n for n from -126 to 127.
float power_of_two(const int n) { return FLOAT_OF(TO_UINT(n + 127) << 23u); }
bool is_subnormal(const uint bits) { return bits < 0x00800000u; }

float f32_add(const float a, const float b) { return a + b; }
float f32_sub(const float a, const float b) { return a - b; }
float f32_mul(const float a, const float b) { return a * b; }
float f32_div(const float a, const float b) { return a / b; }
float f32_neg(const float a) { return FLOAT_OF(BITS_OF(a) ^ 0x80000000u); }
float f32_abs(const float a) { return magnitude_of(a); }
float f32_fma(const float a, const float b, const float c) { return fma(a, b, c); }
float f32_sqrt(const float x) { return sqrt(x); }
float f32_rcp(const float x) { return 1.0f / x; }
float f32_floor(const float x) { return floor(x); }
float f32_ceil(const float x) { return ceil(x); }
float f32_trunc(const float x) { return trunc(x); }
float f32_rne(const float x) { return roundEven(x); }
float f32_sign(const float a) {
  const float negative = a < 0.0f ? -1.0f : a;
  return a > 0.0f ? 1.0f : negative;
}
float f32_min(const float a, const float b) {
  const bool first = f32_isnan(a) || (a < b && !f32_isnan(b));
  return first ? a : b;
}
float f32_max(const float a, const float b) {
  const bool first = f32_isnan(a) || (a > b && !f32_isnan(b));
  return first ? a : b;
}

// Long division of the mantissas, one bit a step: exact.
float f32_rem(const float a, const float b) {
  const uint dividend = magnitude_bits(a);
  const uint divisor_bits = magnitude_bits(b);
  if (divisor_bits == 0u || divisor_bits > INFINITY_BITS || dividend >= INFINITY_BITS) {
    return NAN_VALUE;
  }
  if (dividend < divisor_bits) return a;
  const uint sign = BITS_OF(a) & 0x80000000u;
  int exponent = TO_INT(dividend >> 23u);
  int last = TO_INT(divisor_bits >> 23u);
  uint rest = dividend & 0x007fffffu;
  uint divisor = divisor_bits & 0x007fffffu;
  if (exponent != 0) rest = rest | 0x00800000u;
  if (last != 0) divisor = divisor | 0x00800000u;
  if (exponent == 0) exponent = 1;
  if (last == 0) last = 1;
  rest = rest % divisor;
  while (exponent > last && rest != 0u) {
    rest = rest << 1u;
    if (rest >= divisor) rest = rest - divisor;
    exponent = exponent - 1;
  }
  if (rest == 0u) return FLOAT_OF(sign);
  exponent = last;
  while (rest < 0x00800000u && exponent > 1) {
    rest = rest << 1u;
    exponent = exponent - 1;
  }
  const uint high = rest < 0x00800000u ? 0u : TO_UINT(exponent) << 23u;
  return FLOAT_OF(sign | high | (rest & 0x007fffffu));
}
float f32_mod(const float a, const float b) {
  const float rest = f32_rem(a, b);
  const uint signs = BITS_OF(rest) ^ BITS_OF(b);
  const float moved = rest + b;
  const float value = signs >= 0x80000000u ? moved : rest;
  const float zero = copy_sign(0.0f, b);
  return magnitude_bits(rest) == 0u ? zero : value;
}

bool f32_lt(const float a, const float b) { return a < b && !f32_isnan(a) && !f32_isnan(b); }
bool f32_le(const float a, const float b) { return a <= b && !f32_isnan(a) && !f32_isnan(b); }
bool f32_gt(const float a, const float b) { return a > b && !f32_isnan(a) && !f32_isnan(b); }
bool f32_ge(const float a, const float b) { return a >= b && !f32_isnan(a) && !f32_isnan(b); }
bool f32_eq(const float a, const float b) { return a == b && !f32_isnan(a) && !f32_isnan(b); }
bool f32_ne(const float a, const float b) { return a != b || f32_isnan(a) || f32_isnan(b); }
