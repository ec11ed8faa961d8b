// Circular functions and their inverses; see map_functions.glsl.

// The high word of a 64-bit product.
uint multiply_high(const uint a, const uint b) {
  const uint a_low = a & 0xffffu;
  const uint a_high = a >> 16u;
  const uint b_low = b & 0xffffu;
  const uint b_high = b >> 16u;
  const uint middle = a_high * b_low + ((a_low * b_low) >> 16u);
  const uint other = a_low * b_high + (middle & 0xffffu);
  return a_high * b_high + (middle >> 16u) + (other >> 16u);
}

// Word `i` of 32 zero bits and then 2 / pi.
uint two_over_pi(const uint i) {
  if (i == 0u) return 0u;
  if (i == 1u) return 0xa2f9836eu;
  if (i == 2u) return 0x4e441529u;
  if (i == 3u) return 0xfc2757d1u;
  if (i == 4u) return 0xf534ddc0u;
  if (i == 5u) return 0xdb629599u;
  if (i == 6u) return 0x3c439041u;
  return 0xfe5163abu;
}
uint two_over_pi_from(const uint bit) {
  const uint word = bit >> 5u;
  const uint shift = bit & 31u;
  return (two_over_pi(word) << shift) | ((two_over_pi(word + 1u) >> 1u) >> (31u - shift));
}

// Payne and Hanek's reduction of |x| >= 4096: words of |x| times 2 / pi modulo 4. The first 2 of
// their 96 bits count right angles, the others are a fraction of one. Word 2 is the highest.
uint large_angle_word(const float x, const uint word) {
  const uint bits = magnitude_bits(x);
  const uint mantissa = (bits & 0x007fffffu) | 0x00800000u;
  // Earlier bits of 2 / pi give multiples of 4.
  const uint first = (bits >> 23u) - 120u;
  const uint low = two_over_pi_from(first + 64u);
  const uint middle = two_over_pi_from(first + 32u);
  const uint product0 = mantissa * low;
  const uint middle_low = mantissa * middle;
  const uint product1 = multiply_high(mantissa, low) + middle_low;
  const uint carry = product1 < middle_low ? 1u : 0u;
  const uint product2 =
      mantissa * two_over_pi_from(first) + multiply_high(mantissa, middle) + carry;
  const uint lower = word == 1u ? product1 : product0;
  return word == 2u ? product2 : lower;
}

#define LARGE_ANGLE 4096.0f

// The number of right angles nearest to x, modulo 4.
uint angle_quadrant(const float x) {
  if (magnitude_of(x) < LARGE_ANGLE) return TO_UINT(TO_INT(roundEven(x * 0.636619747f))) & 3u;
  const uint product = large_angle_word(x, 2u);
  const uint nearest = (product >> 30u) + ((product >> 29u) & 1u);
  return (BITS_OF(x) >= 0x80000000u ? 0u - nearest : nearest) & 3u;
}

float small_angle_rest(const float x) {
  const float n = roundEven(x * 0.636619747f);
  // Pi / 2 in four parts; n has 12 bits, and so have the first three.
  PRECISE float a = x - n * 1.5703125f;
  PRECISE float b = a - n * 0.000483751297f;
  PRECISE float third = n * 7.54953362e-08f;
  PRECISE float c = b - third;
  PRECISE float lost = (b - c) - third;
  PRECISE float rest = c + (lost - n * 2.56334407e-12f);
  return rest;
}
float large_angle_rest(const float x) {
  const uint product2 = large_angle_word(x, 2u);
  const uint product1 = large_angle_word(x, 1u);
  const uint high = (product2 << 2u) | (product1 >> 30u);
  const uint low = (product1 << 2u) | (large_angle_word(x, 0u) >> 30u);
  // A fraction above a half is as far below 1.
  const bool above = high >= 0x80000000u;
  const uint other_low = 0u - low;
  const uint other_high = 0xffffffffu - high + (other_low == 0u ? 1u : 0u);
  const float high_part = TO_FLOAT(above ? other_high : high);
  const float low_part = TO_FLOAT(above ? other_low : low);
  const float angle = (high_part + low_part * 2.32830644e-10f) * 3.6572952e-10f;
  const bool negative = above != (BITS_OF(x) >= 0x80000000u);
  return negative ? -angle : angle;
}
// x less the nearest multiple of a right angle.
float angle_rest(const float x) {
  if (magnitude_of(x) < LARGE_ANGLE) return small_angle_rest(x);
  return large_angle_rest(x);
}

// Of |r| <= pi / 4.
float sin_polynomial(const float r) {
  const float z = r * r;
  return r + r * (z * (-0.166666672f +
                       z * (0.00833337288f + z * (-0.000198502603f + z * 2.8036643e-06f))));
}
float cos_polynomial(const float r) {
  const float z = r * r;
  return 1.0f - 0.5f * z +
         z * (z * (0.0416666679f +
                   z * (-0.00138889742f + z * (2.48196884e-05f + z * -2.86524568e-07f))));
}
// The sine of `quadrant` right angles and r.
float sin_of(const float r, const uint quadrant) {
  const float sine = sin_polynomial(r);
  const float cosine = cos_polynomial(r);
  const float value = (quadrant & 1u) != 0u ? cosine : sine;
  return FLOAT_OF(BITS_OF(value) ^ ((quadrant & 2u) << 30u));
}

float f32_sin(const float x) {
  const float value = sin_of(angle_rest(x), angle_quadrant(x));
  const float finite = magnitude_bits(x) < INFINITY_BITS ? value : NAN_VALUE;
  return magnitude_bits(x) < 0x39000000u ? x : finite;
}
float f32_cos(const float x) {
  const float value = sin_of(angle_rest(x), angle_quadrant(x) + 1u);
  return magnitude_bits(x) < INFINITY_BITS ? value : NAN_VALUE;
}
float f32_tan(const float x) {
  const float r = angle_rest(x);
  const uint quadrant = angle_quadrant(x);
  const float value = sin_of(r, quadrant) / sin_of(r, quadrant + 1u);
  const float finite = magnitude_bits(x) < INFINITY_BITS ? value : NAN_VALUE;
  return magnitude_bits(x) < 0x39000000u ? x : finite;
}

float f32_atan(const float x) {
  const float a = magnitude_of(x);
  const float inverse = 1.0f / a;
  const float y = a > 1.0f ? inverse : a;
  const bool shifted = y > 0.414213568f;  // tan(pi / 8)
  const float moved = (y - 1.0f) / (y + 1.0f);
  const float t = shifted ? moved : y;
  const float z = t * t;
  const float p =
      -0.333333164f +
      z * (0.199985325f + z * (-0.142445028f + z * (0.106000423f + z * -0.0609222166f)));
  const float angle = (t + t * (z * p)) + (shifted ? 0.785398163f : 0.0f);
  const float value = copy_sign(a > 1.0f ? 1.57079633f - angle : angle, x);
  return f32_isnan(x) ? x : value;
}

// Of 0 <= a <= 1/2.
float asin_polynomial(const float a) {
  const float z = a * a;
  return a + a * (z * (0.166666597f +
                       z * (0.0750051886f +
                            z * (0.0445143655f +
                                 z * (0.0318279937f + z * (0.014365836f + z * 0.0376142263f))))));
}
// The arc sine of a > 1/2 is a right angle less twice this.
float asin_complement(const float a) { return asin_polynomial(sqrt(0.5f * (1.0f - a))); }

float f32_asin(const float x) {
  const float a = magnitude_of(x);
  const bool near = a <= 0.5f;
  const float small = asin_polynomial(near ? a : 0.5f);
  const float large = 1.57079633f - 2.0f * asin_complement(near ? 0.5f : a);
  const float value = copy_sign(near ? small : large, x);
  return magnitude_bits(x) > 0x3f800000u ? NAN_VALUE : value;
}
float f32_acos(const float x) {
  const float a = magnitude_of(x);
  const bool near = a <= 0.5f;
  const float small = 1.57079633f - copy_sign(asin_polynomial(near ? a : 0.5f), x);
  const float twice = 2.0f * asin_complement(near ? 0.5f : a);
  const float large = x < 0.0f ? 3.14159265f - twice : twice;
  const float value = near ? small : large;
  return magnitude_bits(x) > 0x3f800000u ? NAN_VALUE : value;
}
