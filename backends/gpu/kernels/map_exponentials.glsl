// Exponentials, hyperbolic functions and erf; see map_functions.glsl.

// (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2.
float exp_polynomial(const float r) {
  return 0.5f +
         r * (0.166666672f +
              r * (0.041666463f +
                   r * (0.00833331048f + r * (0.00139337312f + r * 0.000198910799f))));
}
// The integer n for which x - n ln 2 is smallest.
float exp_exponent(const float x) { return roundEven(x * 1.44269502f); }
// x - n ln 2; n has at most 8 bits, so that its product with the constant's first 12 is exact.
float exp_rest(const float x, const float n) {
  PRECISE float high = x - n * 0.693115234f;
  PRECISE float rest = high - n * 3.19461833e-05f;
  return rest;
}
// y 2^n for n from -252 to 254, where only the last step may overflow or be subnormal.
float scaled(const float y, const int n) {
  const int half_n = n >> 1;
  PRECISE float once = y * power_of_two(half_n);
  return once * power_of_two(n - half_n);
}

float f32_exp(const float x) {
  const float above = x > -104.0f ? x : -104.0f;  // Also NaN becomes a number.
  const float clamped = above > 89.0f ? 89.0f : above;
  const float n = exp_exponent(clamped);
  const float r = exp_rest(clamped, n);
  const float value = scaled(1.0f + (r + r * r * exp_polynomial(r)), TO_INT(n));
  return f32_isnan(x) ? x : value;
}

float f32_expm1(const float x) {
  const float above = x > -104.0f ? x : -104.0f;  // Also NaN becomes a number.
  const float clamped = above > 89.0f ? 89.0f : above;
  const float n = exp_exponent(clamped);
  const float r = exp_rest(clamped, n);
  PRECISE float less = r + r * r * exp_polynomial(r);
  // Half the result, for 2^128 is no float.
  const int exponent = TO_INT(n) - 1;
  const float half_scale = power_of_two(exponent < -126 ? -126 : exponent);
  PRECISE float half_value = less * half_scale + (half_scale - 0.5f);
  const float value = TO_INT(n) == 0 ? less : 2.0f * half_value;
  // Also keeps NaN and the sign of zeros.
  return f32_isnan(x) || magnitude_bits(x) < 0x33000000u ? x : value;
}

float f32_sinh(const float x) {
  const float a = magnitude_of(x);
  const float e = f32_expm1(a < 9.0f ? a : 9.0f);
  const float near = 0.5f * (e + e / (e + 1.0f));
  // e^a overflows before its half does.
  const float root = f32_exp(0.5f * a);
  PRECISE float half_root = 0.5f * root;
  const float far = half_root * root;
  const float value = copy_sign(a < 9.0f ? near : far, x);
  return f32_isnan(x) || magnitude_bits(x) < 0x39000000u ? x : value;
}

float f32_cosh(const float x) {
  const float a = magnitude_of(x);
  const float e = f32_exp(a < 9.0f ? a : 9.0f);
  const float near = 0.5f * (e + 1.0f / e);
  const float root = f32_exp(0.5f * a);
  PRECISE float half_root = 0.5f * root;
  const float far = half_root * root;
  const float value = a < 9.0f ? near : far;
  return f32_isnan(x) ? x : value;
}

float f32_tanh(const float x) {
  const float a = magnitude_of(x);
  const float z = x * x;
  const float p =
      -0.333333343f +
      z * (0.133333132f +
           z * (-0.0539615527f +
                z * (0.0217883214f + z * (-0.00841007102f + z * 0.00237076567f))));
  const float near = a + a * (z * p);
  const float far = 1.0f - 2.0f / (f32_exp(2.0f * (a > 10.0f ? 10.0f : a)) + 1.0f);
  const float value = copy_sign(a < 0.6f ? near : far, x);
  return f32_isnan(x) ? x : value;
}

float f32_erf(const float x) {
  const float a = magnitude_of(x);
  const float z = x * x;
  const float p =
      0.128379166f +
      z * (-0.376126349f +
           z * (0.112837009f +
                z * (-0.0268596914f +
                     z * (0.00520171458f + z * (-0.000815005042f + z * 8.39977802e-05f)))));
  const float near = a + a * p;
  // -log(erfc(a)) up to 4, where erf is 1.
  const float t = a > 4.0f ? 4.0f : a;
  const float low =
      0.110499568f +
      t * (-0.0267362334f +
           t * (0.00491078012f +
                t * (-0.000643316482f +
                     t * (5.49361685e-05f + t * (-2.59433932e-06f + t * 4.45389645e-08f)))));
  const float exponent = -0.000349582115f + t * (1.13038838f + t * (0.631483495f + t * low));
  const float far = 1.0f - f32_exp(-exponent);
  const float value = copy_sign(a < 0.9f ? near : far, x);
  return f32_isnan(x) ? x : value;
}
