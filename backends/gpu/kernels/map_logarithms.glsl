// Logarithms, what is made of them, and powers; see map_functions.glsl.

// Where the mantissas of logarithms begin: sqrt(1/2).
#define ROOT_HALF_BITS 0x3f3504f3u

// Positive finite x is mantissa * 2^exponent, the mantissa in [sqrt(1/2), sqrt(2)).
uint log_offset(const float x) {
  const uint bits = BITS_OF(x);
  // The mantissa of a subnormal number counts 2^-149.
  const float counted = TO_FLOAT(bits & 0x007fffffu);
  return (is_subnormal(bits) ? BITS_OF(counted) : bits) - ROOT_HALF_BITS;
}
float log_mantissa(const float x) {
  return FLOAT_OF((log_offset(x) & 0x007fffffu) + ROOT_HALF_BITS);
}
float log_exponent(const float x) {
  const int exponent = TO_INT(log_offset(x)) >> 23;
  return TO_FLOAT(is_subnormal(BITS_OF(x)) ? exponent - 149 : exponent);
}

float f32_log(const float x) {
  const float exponent = log_exponent(x);
  const float f = log_mantissa(x) - 1.0f;
  const float square = f * f;
  const float low = 0.142490581f +
                    f * (-0.124256872f +
                         f * (0.116854198f + f * (-0.114797339f + f * 0.0697161183f)));
  const float p =
      0.333333313f + f * (-0.24999997f + f * (0.200007156f + f * (-0.166678026f + f * low)));
  const float rest = (f * square * p + exponent * 3.19461833e-05f) - 0.5f * square;
  PRECISE float value = (f + rest) + exponent * 0.693115234f;
  const uint bits = BITS_OF(x);
  // Infinity and NaN give themselves.
  const float finite = magnitude_bits(x) < INFINITY_BITS ? value : x;
  const float at_zero = magnitude_bits(x) == 0u ? FLOAT_OF(0xff800000u) : finite;
  const bool negative = bits > 0x80000000u && bits <= 0xff800000u;
  return negative ? NAN_VALUE : at_zero;
}

float f32_log1p(const float x) {
  PRECISE float u = 1.0f + x;
  PRECISE float up = u - 1.0f;
  PRECISE float over = u - x;
  PRECISE float lost = x < 1.0f ? x - up : 1.0f - over;
  const float value = f32_log(u) + lost / u;
  // Also where log gives no finite number.
  const bool special = magnitude_bits(u) >= INFINITY_BITS || u <= 0.0f;
  const float finite = special ? f32_log(u) : value;
  return magnitude_bits(x) < 0x33000000u ? x : finite;
}

float f32_asinh(const float x) {
  const float a = magnitude_of(x);
  const float small = a < 16384.0f ? a : 16384.0f;
  const float square = small * small;
  const float near = f32_log1p(small + square / (1.0f + sqrt(square + 1.0f)));
  const float far = f32_log(a) + 0.693147182f;
  return copy_sign(a < 16384.0f ? near : far, x);
}

float f32_acosh(const float x) {
  const float t = (x < 16384.0f ? x : 16384.0f) - 1.0f;
  const float near = f32_log1p(t + sqrt(2.0f * t + t * t));
  const float far = f32_log(x) + 0.693147182f;
  const float value = x < 16384.0f ? near : far;
  const float number = x < 1.0f ? NAN_VALUE : value;
  return f32_isnan(x) ? x : number;
}

float f32_atanh(const float x) {
  const float a = magnitude_of(x);
  const float near = copy_sign(0.5f * f32_log1p(2.0f * a / (1.0f - a)), x);
  const float infinity = copy_sign(FLOAT_OF(INFINITY_BITS), x);
  const float inside = a == 1.0f ? infinity : near;
  return magnitude_bits(x) > 0x3f800000u ? NAN_VALUE : inside;
}

// The first 12 bits of the mantissa: products of two such are exact.
float first_half(const float x) { return FLOAT_OF(BITS_OF(x) & 0xfffff000u); }
// a b - product, where the product is a b rounded.
float product_error(const float a, const float b, const float product) {
  const float a_high = first_half(a);
  const float b_high = first_half(b);
  PRECISE float a_low = a - a_high;
  PRECISE float b_low = b - b_high;
  PRECISE float high = a_high * b_high - product;
  PRECISE float middle = (high + a_high * b_low) + a_low * b_high;
  PRECISE float error = middle + a_low * b_low;
  return error;
}

// x^y for positive finite x: log(x) as a sum of two floats, y times it, and its exponential.
float positive_power(const float x, const float y) {
  const float exponent = log_exponent(x);
  const float m = log_mantissa(x);
  // log(m) = 2 s + s^3 p, s = (m - 1) / (m + 1) as s + s_low.
  PRECISE float f = m - 1.0f;
  PRECISE float d = m + 1.0f;
  PRECISE float d_low = m - (d - 1.0f);
  PRECISE float s = f / d;
  PRECISE float product = s * d;
  PRECISE float left = (f - product) - product_error(s, d, product);
  PRECISE float s_low = (left - s * d_low) / d;
  const float z = s * s;
  const float tail = s * z * (0.666666667f + z * (0.4f + z * (0.285714286f + z * 0.222222222f)));
  PRECISE float main_part = exponent * 0.693115234f;
  PRECISE float twice = 2.0f * s;
  PRECISE float log_first = main_part + twice;
  // Whichever is larger, main_part is 0 or at least 0.69, twice below 0.35.
  PRECISE float first_error = main_part == 0.0f ? 0.0f : twice - (log_first - main_part);
  PRECISE float log_rest = first_error + (2.0f * s_low + (tail + exponent * 3.19461833e-05f));
  PRECISE float log_high = log_first + log_rest;
  PRECISE float log_low = log_rest - (log_high - log_first);
  PRECISE float whole = y * log_high;
  const bool far = magnitude_bits(whole) > 0x432a0000u;  // 170, where powers have long overflowed.
  const float limit = copy_sign(170.0f, whole);
  const float clamped = far ? limit : whole;
  PRECISE float whole_low = product_error(y, log_high, whole) + y * log_low;
  const float low = far ? 0.0f : whole_low;
  const float n = exp_exponent(clamped);
  PRECISE float r = exp_rest(clamped, n) + low;
  return scaled(1.0f + (r + r * r * exp_polynomial(r)), TO_INT(n));
}

float f32_pow(const float x, const float y) {
  const float a = magnitude_of(x);
  const uint a_bits = magnitude_bits(x);
  const uint y_bits = magnitude_bits(y);
  const bool extreme = a_bits == 0u || a_bits == INFINITY_BITS;
  const bool grows = (a_bits == 0u) == (BITS_OF(y) >= 0x80000000u);
  const float end = FLOAT_OF(grows ? INFINITY_BITS : 0u);
  const float power = extreme ? end : positive_power(extreme ? 1.0f : a, y);
  // An odd exponent keeps the sign of x; a fraction has no power of a negative finite x.
  const bool integral = floor(y) == y;
  const float half_y = 0.5f * y;
  const bool odd = integral && floor(half_y) != half_y && y_bits < INFINITY_BITS;
  const float signed_power = copy_sign(power, x);
  const float value = odd ? signed_power : power;
  const bool negative = BITS_OF(x) > 0x80000000u && a_bits < INFINITY_BITS;
  const bool undefined =
      (negative && !integral) || a_bits > INFINITY_BITS || y_bits > INFINITY_BITS;
  const float number = undefined ? NAN_VALUE : value;
  const bool one = BITS_OF(x) == 0x3f800000u || y_bits == 0u ||
                   (BITS_OF(x) == 0xbf800000u && y_bits == INFINITY_BITS);
  return one ? 1.0f : number;
}
