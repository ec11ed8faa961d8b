// The elementary functions of float. exp, log, tanh and erf are computed in float; the others in
// double with short polynomials. Polynomials were fitted at Chebyshev nodes; what each leaves over
// is below a tenth of a float's ULP.
#ifndef STINT_RUNTIME_BASE_MATH_F32_H_
#define STINT_RUNTIME_BASE_MATH_F32_H_

#include "runtime/base/math_round.h"

namespace stint::math {

// Horner's scheme; the first coefficient is the constant one.
template <typename T>
STINT_ALWAYS_INLINE T Polynomial(T, T constant) {
  return constant;
}
template <typename T, typename... Rest>
STINT_ALWAYS_INLINE T Polynomial(T x, T constant, Rest... rest) {
  return constant + x * Polynomial(x, rest...);
}

// e^x = value * 2^exponent.
struct Power {
  float value;
  int32_t exponent;
};

// |x| up to 104, or NaN.
STINT_ALWAYS_INLINE Power ReduceExp(float x) {
  // Adding 1.5 * 2^23 rounds to an integer, which then stands in the low bits.
  const float shifted = x * 0x1.715476p+0F + 0x1.8p23F;
  const float n = shifted - 0x1.8p23F;
  const auto exponent = static_cast<int32_t>(BitsOf(shifted) - 0x4b400000U);
  const float r = (x - n * 0x1.62ep-1F) - n * 0x1.0bfbe8p-15F;
  const float p = Polynomial(r, 0x1.0p-1F, 0x1.555556p-3F, 0x1.5554e8p-5F, 0x1.1110ep-7F,
                             0x1.6d43bp-10F, 0x1.a1256cp-13F);
  return {1.0F + (r + r * r * p), exponent};
}

STINT_ALWAYS_INLINE float Exp(float x) {
  const float above = x < -104.0F ? -104.0F : x;  // NaN passes both.
  const Power power = ReduceExp(above > 89.0F ? 89.0F : above);
  // Two factors, so that results may be subnormal.
  const int32_t half = power.exponent >> 1;
  const float scale1 = FloatFromBits(static_cast<uint32_t>(half + 127) << 23);
  const float scale2 = FloatFromBits(static_cast<uint32_t>(power.exponent - half + 127) << 23);
  return power.value * scale1 * scale2;
}

// The bits of Exp for |x| up to 87, or NaN.
STINT_ALWAYS_INLINE float NormalExp(float x) {
  const Power power = ReduceExp(x);
  return power.value * FloatFromBits(static_cast<uint32_t>(power.exponent + 127) << 23);
}

STINT_ALWAYS_INLINE float Log(float x) {
  const bool small = x < 0x1p-126F;
  const float scaled = x * 0x1p23F;
  const uint32_t offset = BitsOf(small ? scaled : x) - 0x3f3504f3U;  // sqrt(1/2)
  const auto exponent =
      static_cast<float>((static_cast<int32_t>(offset) >> 23) + (small ? -23 : 0));
  const float f = FloatFromBits((offset & 0x7fffffU) + 0x3f3504f3U) - 1.0F;
  const float square = f * f;
  const float p =
      Polynomial(f, 0x1.555554p-2F, -0x1.fffffcp-3F, 0x1.999d5ap-3F, -0x1.555b4ap-3F,
                 0x1.23d21ap-3F, -0x1.fcf4c6p-4F, 0x1.dea282p-4F, -0x1.d635bcp-4F, 0x1.1d8ea6p-4F);
  const float rest = (f * square * p + exponent * 0x1.0bfbe8p-15F) - 0.5F * square;
  const float value = (f + rest) + exponent * 0x1.62ep-1F;
  const float finite = x < kInfinity<float> ? value : x;  // +inf and NaN give themselves.
  const float at_zero = x == 0.0F ? -kInfinity<float> : finite;
  return x < 0.0F ? kNan<float> : at_zero;
}

STINT_ALWAYS_INLINE float Tanh(float x) {
  const float magnitude = Abs(x);
  const float z = x * x;
  const float p = Polynomial(z, -0x1.555556p-2F, 0x1.1110f6p-3F, -0x1.ba0d94p-5F, 0x1.64fad8p-6F,
                             -0x1.1394cap-7F, 0x1.36bdb2p-9F);
  const float near = magnitude + magnitude * (z * p);
  const float clamped = magnitude > 10.0F ? 10.0F : magnitude;
  const float far = 1.0F - 2.0F / (NormalExp(2.0F * clamped) + 1.0F);
  return CopySign(magnitude < 0.6F ? near : far, x);
}

STINT_ALWAYS_INLINE float Erf(float x) {
  const float magnitude = Abs(x);
  const float z = x * x;
  const float p = Polynomial(z, 0x1.06eba8p-3F, -0x1.812744p-2F, 0x1.ce2e2ep-4F, -0x1.b811b6p-6F,
                             0x1.54e64ap-8F, -0x1.ab4c2p-11F, 0x1.604feep-14F);
  const float near = magnitude + magnitude * p;
  // -log(erfc(x)) up to 4, where erf is 1.
  const float clamped = magnitude > 4.0F ? 4.0F : magnitude;
  const float t = Polynomial(clamped, -0x1.6e903cp-12F, 0x1.216122p+0F, 0x1.4351cep-1F,
                             0x1.c49b32p-4F, -0x1.b60be4p-6F, 0x1.41d538p-8F, -0x1.51487ap-11F,
                             0x1.ccd686p-15F, -0x1.5c34d2p-19F, 0x1.7e9638p-25F);
  const float far = 1.0F - NormalExp(-t);
  return CopySign(magnitude < 0.9F ? near : far, x);
}

// The functions below go through double. Arguments are floats, so ranges are small and an error of
// 2^-40 is as good as none.
namespace wide {

STINT_ALWAYS_INLINE double FromFloat(float x) { return static_cast<double>(x); }

struct Reduced {
  double n;
  double value;  // e^r - 1, where x = n ln 2 + r.
  double scale;  // 2^n
};

// |x| <= 600, or NaN.
STINT_ALWAYS_INLINE Reduced ReduceExp(double x) {
  const double shifted = x * 0x1.71547652b82fep+0 + 0x1.8p52;
  const double n = shifted - 0x1.8p52;
  const double r = (x - n * 0x1.62e42feep-1) - n * 0x1.a39ef35793c76p-33;
  const double p = Polynomial(r, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040,
                              1.0 / 40320, 1.0 / 362880, 1.0 / 3628800);
  const uint64_t exponent = BitsOf(shifted) - BitsOf(0x1.8p52);
  return {n, r + r * r * p, DoubleFromBits((exponent + 1023) << 52)};
}
STINT_ALWAYS_INLINE double Exp(double x) {
  const Reduced e = ReduceExp(x);
  return e.value * e.scale + e.scale;
}
STINT_ALWAYS_INLINE double Expm1(double x) {
  const Reduced e = ReduceExp(x);
  return e.value * e.scale + (e.scale - 1.0);
}

// x > 0, normal, finite.
STINT_ALWAYS_INLINE double Log(double x) {
  const uint64_t offset = BitsOf(x) - 0x3fe6a09e667f3bcdU + (uint64_t{1023} << 52);
  const double exponent = DoubleFromBits((offset >> 52) | 0x4330000000000000U) - (0x1p52 + 1023);
  const double m = DoubleFromBits((offset & 0xfffffffffffffU) + 0x3fe6a09e667f3bcdU);
  const double s = (m - 1.0) / (m + 1.0);
  const double z = s * s;
  const double p = Polynomial(z, 0x1.5555555555555p-1, 0x1.9999999999a39p-2, 0x1.2492492476a1ap-2,
                              0x1.c71c7201a55d7p-3, 0x1.745cf8e4bba1bp-3, 0x1.3b1c3c1c81c8fp-3,
                              0x1.0fbde0f4ad17bp-3, 0x1.0c0aff044a970p-3);
  return exponent * 0x1.62e42fefa39efp-1 + (2.0 * s + s * (z * p));
}
// x > -1, finite; relatively exact near 0.
STINT_ALWAYS_INLINE double Log1p(double x) {
  const double u = 1.0 + x;
  const double large = 1.0 - (u - x);
  const double lost = x < 1.0 ? x - (u - 1.0) : large;
  return Log(u) + lost / u;
}

// x >= 0 or NaN.
STINT_ALWAYS_INLINE double Atan(double x) {
  const bool inverted = x > 1.0;
  const double reciprocal = 1.0 / x;
  const double y = inverted ? reciprocal : x;
  const bool shifted = y > 0x1.a827999fcef32p-2;  // tan(pi / 8)
  const double moved = (y - 1.0) / (y + 1.0);
  const double t = shifted ? moved : y;
  const double z = t * t;
  const double p = Polynomial(z, -0x1.5555555555545p-2, 0x1.999999999096ep-3, -0x1.2492491dc80f0p-3,
                              0x1.c71c6dcb613f5p-4, -0x1.745c7eb4fab7ap-4, 0x1.3b06805f918adp-4,
                              -0x1.105da68f4b9f9p-4, 0x1.d5e437a857a29p-5, -0x1.6f2e0395562acp-5,
                              0x1.747c139b7128cp-6);
  const double angle = (t + t * (z * p)) + (shifted ? 0x1.921fb54442d18p-1 : 0.0);
  const double complement = 0x1.921fb54442d18p+0 - angle;
  return inverted ? complement : angle;
}

struct Angle {
  double r;           // |r| <= pi / 4, a little more.
  uint64_t quadrant;  // Its low two bits.
};

// |x| below this goes through ReduceAngle.
inline constexpr float kLargeAngle = 0x1p22F;
STINT_ALWAYS_INLINE Angle ReduceAngle(double x) {
  const double shifted = x * 0x1.45f306dc9c883p-1 + 0x1.8p52;
  const double n = shifted - 0x1.8p52;
  return {(x - n * 0x1.921fb54p+0) - n * 0x1.10b4611a62633p-30, BitsOf(shifted)};
}
STINT_ALWAYS_INLINE double SinPolynomial(double r) {
  const double z = r * r;
  return r +
         r * (z * Polynomial(z, -0x1.5555555555555p-3, 0x1.1111111110babp-7, -0x1.a01a019e820aep-13,
                             0x1.71de37946ed6dp-19, -0x1.ae6008d114485p-26, 0x1.5e0a4fc16be59p-33));
}
STINT_ALWAYS_INLINE double CosPolynomial(double r) {
  const double z = r * r;
  return 1.0 - 0.5 * z +
         z * (z * Polynomial(z, 0x1.5555555555555p-5, -0x1.6c16c16c16963p-10, 0x1.a01a019f4ddfdp-16,
                             -0x1.27e4fa16cc2d1p-22, 0x1.1eeb67d026ec6p-29,
                             -0x1.907cd8ff5ede7p-37));
}
// The sine of the angle plus `quadrants` right angles.
STINT_ALWAYS_INLINE double SinOf(Angle angle, uint64_t quadrants) {
  const double sine = SinPolynomial(angle.r);
  const double cosine = CosPolynomial(angle.r);
  const uint64_t quadrant = angle.quadrant + quadrants;
  const double value = (quadrant & 1) != 0 ? cosine : sine;
  return DoubleFromBits(BitsOf(value) ^ ((quadrant & 2) << 62));
}

// Of any |x| >= kLargeAngle; infinities and NaN give NaN.
double SinLarge(double x);
double CosLarge(double x);
double TanLarge(double x);

STINT_ALWAYS_INLINE float ToFloat(double x) { return static_cast<float>(x); }
// Keeps the sign of zeros, and x itself where the function is x to the last bit.
STINT_ALWAYS_INLINE float Odd(double magnitude, float x) {
  return Abs(x) < 0x1p-100F ? x : CopySign(ToFloat(magnitude), x);
}

}  // namespace wide

STINT_ALWAYS_INLINE float Expm1(float x) {
  const float above = x < -104.0F ? -104.0F : x;
  const float clamped = above > 89.0F ? 89.0F : above;
  const float value = wide::ToFloat(wide::Expm1(wide::FromFloat(clamped)));
  return Abs(x) < 0x1p-100F ? x : value;
}

STINT_ALWAYS_INLINE float Log1p(float x) {
  const float value = wide::ToFloat(wide::Log1p(wide::FromFloat(x)));
  const float finite = x < kInfinity<float> ? value : x;
  const float tiny = Abs(x) < 0x1p-100F ? x : finite;
  const float at_end = x == -1.0F ? -kInfinity<float> : tiny;
  return x < -1.0F ? kNan<float> : at_end;
}

STINT_ALWAYS_INLINE float Sin(float x) {
  if (!(Abs(x) < wide::kLargeAngle)) return wide::ToFloat(wide::SinLarge(wide::FromFloat(x)));
  const double value = wide::SinOf(wide::ReduceAngle(wide::FromFloat(x)), 0);
  return Abs(x) < 0x1p-100F ? x : wide::ToFloat(value);
}

STINT_ALWAYS_INLINE float Cos(float x) {
  if (!(Abs(x) < wide::kLargeAngle)) return wide::ToFloat(wide::CosLarge(wide::FromFloat(x)));
  return wide::ToFloat(wide::SinOf(wide::ReduceAngle(wide::FromFloat(x)), 1));
}

STINT_ALWAYS_INLINE float Tan(float x) {
  if (!(Abs(x) < wide::kLargeAngle)) return wide::ToFloat(wide::TanLarge(wide::FromFloat(x)));
  const wide::Angle angle = wide::ReduceAngle(wide::FromFloat(x));
  const double value = wide::SinOf(angle, 0) / wide::SinOf(angle, 1);
  return Abs(x) < 0x1p-100F ? x : wide::ToFloat(value);
}

STINT_ALWAYS_INLINE float Atan(float x) {
  return wide::Odd(wide::Atan(wide::FromFloat(Abs(x))), x);
}

STINT_ALWAYS_INLINE float Asin(float x) {
  const double a = wide::FromFloat(Abs(x));
  return wide::Odd(wide::Atan(a / Sqrt((1.0 - a) * (1.0 + a))), x);
}

STINT_ALWAYS_INLINE float Acos(float x) {
  const double a = wide::FromFloat(Abs(x));
  const double angle = wide::Atan(Sqrt((1.0 - a) * (1.0 + a)) / a);
  return wide::ToFloat(x < 0.0F ? 0x1.921fb54442d18p+1 - angle : angle);
}

STINT_ALWAYS_INLINE float Sinh(float x) {
  const float magnitude = Abs(x);
  const double e = wide::Expm1(wide::FromFloat(magnitude > 200.0F ? 200.0F : magnitude));
  return wide::Odd(0.5 * (e + e / (e + 1.0)), x);
}

STINT_ALWAYS_INLINE float Cosh(float x) {
  const float magnitude = Abs(x);
  const double e = wide::Exp(wide::FromFloat(magnitude > 200.0F ? 200.0F : magnitude));
  return wide::ToFloat(0.5 * (e + 1.0 / e));
}

STINT_ALWAYS_INLINE float Asinh(float x) {
  const double a = wide::FromFloat(Abs(x));
  const double square = a * a;
  const double value = wide::Log1p(a + square / (1.0 + Sqrt(square + 1.0)));
  return Abs(x) < kInfinity<float> ? wide::Odd(value, x) : x;
}

STINT_ALWAYS_INLINE float Acosh(float x) {
  const double t = wide::FromFloat(x) - 1.0;
  const float value = wide::ToFloat(wide::Log1p(t + Sqrt(2.0 * t + t * t)));
  const float finite = x < kInfinity<float> ? value : x;
  return x < 1.0F ? kNan<float> : finite;
}

STINT_ALWAYS_INLINE float Atanh(float x) {
  const double a = wide::FromFloat(Abs(x));
  const float value = wide::Odd(0.5 * wide::Log1p(2.0 * a / (1.0 - a)), x);
  const float inside = Abs(x) == 1.0F ? CopySign(kInfinity<float>, x) : value;
  return Abs(x) <= 1.0F ? inside : kNan<float>;
}

STINT_ALWAYS_INLINE float Pow(float x, float y) {
  const float magnitude = Abs(x);
  const double log = wide::Log(wide::FromFloat(magnitude));
  const double log_or_zero = magnitude == 0.0F ? -kInfinity<double> : log;
  const double any_log = magnitude < kInfinity<float> ? log_or_zero : kInfinity<double>;
  const double product = wide::FromFloat(y) * any_log;
  const double above = product < -200.0 ? -200.0 : product;
  const double clamped = above > 200.0 ? 200.0 : above;
  const float power = wide::ToFloat(wide::Exp(clamped));
  // Signs: an odd exponent keeps that of x; a fraction has no power of a negative finite x.
  const bool integral = Floor(y) == y;
  const float half = 0.5F * y;
  const bool odd = integral && Floor(half) != half;
  const float signed_power = odd ? CopySign(power, x) : power;
  const bool undefined =
      (x < 0.0F && magnitude < kInfinity<float> && !integral) || x != x || y != y;
  const float value = undefined ? kNan<float> : signed_power;
  const bool one = x == 1.0F || y == 0.0F || (x == -1.0F && Abs(y) == kInfinity<float>);
  return one ? 1.0F : value;
}

}  // namespace stint::math

#endif  // STINT_RUNTIME_BASE_MATH_F32_H_
