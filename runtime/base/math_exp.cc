// Exponentials and logarithms of double, and the functions made of them.
#include "runtime/base/double_double.h"
#include "runtime/base/math.h"

namespace stint::math {

namespace {

// ln 2 = kLn2High + kLn2Low; the high part has 32 bits, so that products with exponents are exact.
constexpr double kLn2High = 0x1.62e42feep-1;
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;

double PowerOfTwo(int exponent) {
  return DoubleFromBits(static_cast<uint64_t>(exponent + 1023) << 52);
}

// e^x = 2^exponent (1 + rest), |rest| < 0.42.
struct Exponential {
  DoubleDouble rest;
  int exponent;
};

// |x| <= 800.
Exponential ExponentialOf(DoubleDouble x) {
  const double n = RoundEven(x.hi * 0x1.71547652b82fep+0);
  const DoubleDouble r = Sum(x.hi - n * kLn2High, -n * kLn2Low) + x.lo;
  const DoubleDouble square = r * r;
  const double p = Polynomial(
      r.hi, 0x1.5555555555555p-3, 0x1.5555555555555p-5, 0x1.1111111111111p-7, 0x1.6c16c16c16c17p-10,
      0x1.a01a01a01969bp-13, 0x1.a01a01a019b5bp-16, 0x1.71de3a5aaefb9p-19, 0x1.27e4fb7a2b228p-22,
      0x1.ae642c5c1fa33p-26, 0x1.1eed79ee9ba6ap-29, 0x1.61bff1c64f494p-33, 0x1.9432d76be2661p-37);
  const DoubleDouble rest = r + (Scale(square, 0.5) + r.hi * square.hi * p);
  return {rest, static_cast<int>(n)};
}

// (1 + rest) 2^(exponent + shift): may overflow or be subnormal.
double Scaled(const Exponential& e, int shift) {
  const int exponent = e.exponent + shift;
  const int half = exponent / 2;
  return (e.rest + 1.0).Rounded() * PowerOfTwo(half) * PowerOfTwo(exponent - half);
}

// |x| <= 700.
DoubleDouble Expm1Of(double x) {
  const Exponential e = ExponentialOf({x, 0});
  if (e.exponent == 0) return e.rest;
  const double scale = PowerOfTwo(e.exponent);
  return Scale(e.rest + 1.0, scale) + -1.0;
}

// log(x), x > 0 and normal.
DoubleDouble LogOf(DoubleDouble x) {
  const uint64_t offset = BitsOf(x.hi) - 0x3fe6a09e667f3bcdU;  // sqrt(1/2)
  const int exponent = static_cast<int>(static_cast<int64_t>(offset) >> 52);
  const double half_scale = PowerOfTwo(-exponent / 2);
  const double scale = PowerOfTwo(-exponent + exponent / 2);
  const DoubleDouble f = Scale(Scale(x, half_scale), scale) + -1.0;
  const DoubleDouble s = f / (f + 2.0);
  const DoubleDouble z = s * s;
  constexpr DoubleDouble kTwoThirds = {0x1.5555555555555p-1, 0x1.5555555555555p-55};
  const double p = Polynomial(z.hi, 0x1.999999999999ap-2, 0x1.2492492492492p-2,
                              0x1.c71c71c71c705p-3, 0x1.745d1745d3f5bp-3, 0x1.3b13b138ec368p-3,
                              0x1.1111122126d32p-3, 0x1.e1e13eb311e4bp-4, 0x1.af46a02617d7cp-4,
                              0x1.82bc0b9b7fd9bp-4, 0x1.987a178cf8370p-4);
  const DoubleDouble inner = z * kTwoThirds + z.hi * z.hi * p;
  const DoubleDouble log_m = Scale(s, 2.0) + s * inner;
  const double n = exponent;
  return DoubleDouble{n * kLn2High, n * kLn2Low} + log_m;
}

// log of a positive finite double, subnormal or not.
DoubleDouble LogOf(double x) {
  if (x >= 0x1p-1022) return LogOf(DoubleDouble{x, 0});
  return LogOf(DoubleDouble{x * 0x1p54, 0}) + DoubleDouble{-54 * kLn2High, -54 * kLn2Low};
}

// x^y for 0 < x < inf, x != 1 and finite y.
double PositivePower(double x, double y) {
  const DoubleDouble log = LogOf(x);
  const double estimate = log.hi * y;
  if (estimate > 800) return kInfinity<double>;
  if (estimate < -800) return 0;
  // The split of a product must not overflow: a huge y has a tiny logarithm beside it.
  const DoubleDouble product = Abs(y) > 0x1p900 ? Scale(log * (y * 0x1p-200), 0x1p200) : log * y;
  return Scaled(ExponentialOf(product), 0);
}

}  // namespace

double Exp(double x) {
  if (x != x) return x;
  if (x > 710) return kInfinity<double>;
  if (x < -746) return 0;
  return Scaled(ExponentialOf({x, 0}), 0);
}

double Expm1(double x) {
  if (x != x || Abs(x) < 0x1p-60) return x;
  if (x > 700) return Exp(x);
  if (x < -50) return -1;
  return Expm1Of(x).Rounded();
}

double Log(double x) {
  if (x != x || x == kInfinity<double>) return x;
  if (x < 0) return kNan<double>;
  return x == 0 ? -kInfinity<double> : LogOf(x).Rounded();
}

double Log1p(double x) {
  if (x != x || x == kInfinity<double> || Abs(x) < 0x1p-60) return x;
  if (x < -1) return kNan<double>;
  return x == -1 ? -kInfinity<double> : LogOf(Sum(1.0, x)).Rounded();
}

double Pow(double x, double y) {
  if (x == 1 || y == 0) return 1;
  if (x != x || y != y) return kNan<double>;
  const double magnitude = Abs(x);
  if (Abs(y) == kInfinity<double>) {
    if (magnitude == 1) return 1;
    return (magnitude > 1) == (y > 0) ? kInfinity<double> : 0;
  }
  const bool integral = Floor(y) == y;
  const bool odd = integral && Floor(0.5 * y) != 0.5 * y;
  double value = 1;
  if (magnitude == 0 || magnitude == kInfinity<double>) {
    value = (magnitude == 0) == (y > 0) ? 0 : kInfinity<double>;
  } else if (x < 0 && !integral) {
    return kNan<double>;
  } else if (magnitude != 1) {
    value = PositivePower(magnitude, y);
  }
  return odd ? CopySign(value, x) : value;
}

double Sinh(double x) {
  const double magnitude = Abs(x);
  if (!(magnitude < kInfinity<double>) || magnitude < 0x1p-28) return x;
  if (magnitude > 711) return CopySign(kInfinity<double>, x);
  if (magnitude > 40) return CopySign(Scaled(ExponentialOf({magnitude, 0}), -1), x);
  const DoubleDouble e = Expm1Of(magnitude);
  return CopySign(0.5 * (e + e / (e + 1.0)).Rounded(), x);
}

double Cosh(double x) {
  const double magnitude = Abs(x);
  if (magnitude != magnitude) return x;
  if (magnitude > 711) return kInfinity<double>;
  if (magnitude > 40) return Scaled(ExponentialOf({magnitude, 0}), -1);
  const DoubleDouble e = Expm1Of(magnitude) + 1.0;
  return 0.5 * (e + DoubleDouble{1, 0} / e).Rounded();
}

double Tanh(double x) {
  const double magnitude = Abs(x);
  if (x != x || magnitude < 0x1p-28) return x;
  if (magnitude > 22) return CopySign(1.0, x);
  const DoubleDouble e = Expm1Of(2 * magnitude);
  return CopySign((e / (e + 2.0)).Rounded(), x);
}

double Asinh(double x) {
  const double magnitude = Abs(x);
  if (!(magnitude < kInfinity<double>) || magnitude < 0x1p-28) return x;
  if (magnitude > 0x1p40) {
    const DoubleDouble log = LogOf(magnitude) + DoubleDouble{kLn2High, kLn2Low};
    return CopySign(log.Rounded(), x);
  }
  const DoubleDouble root = Sqrt(Product(magnitude, magnitude) + 1.0);
  return CopySign(LogOf(root + magnitude).Rounded(), x);
}

double Acosh(double x) {
  if (x != x || x == kInfinity<double>) return x;
  if (x < 1) return kNan<double>;
  if (x > 0x1p40) return (LogOf(x) + DoubleDouble{kLn2High, kLn2Low}).Rounded();
  const DoubleDouble root = Sqrt(Product(x, x) + -1.0);
  return LogOf(root + x).Rounded();
}

double Atanh(double x) {
  const double magnitude = Abs(x);
  if (x != x || magnitude < 0x1p-28) return x;
  if (magnitude > 1) return kNan<double>;
  if (magnitude == 1) return CopySign(kInfinity<double>, x);
  const DoubleDouble ratio = Sum(1.0, magnitude) / Sum(1.0, -magnitude);
  return CopySign(0.5 * LogOf(ratio).Rounded(), x);
}

double Erf(double x) {
  const double magnitude = Abs(x);
  if (x != x) return x;
  if (magnitude >= 6) return CopySign(1.0, x);
  if (magnitude < 0.25) {
    const double p = Polynomial(
        x * x, 0x1.06eba8214db69p-3, -0x1.812746b0379e7p-2, 0x1.ce2f21a042be2p-4,
        -0x1.b82ce31288b51p-6, 0x1.565bcd0e6a53fp-8, -0x1.c02db40040b86p-11, 0x1.f9a326f9b89b7p-14,
        -0x1.f4d25c3e0c2ebp-17, 0x1.b9e6c9dc651a3p-20, -0x1.5f742ec43e71ap-23);
    return x + x * p;
  }
  // erf(i / 8)
  static constexpr double kErf[49] = {0,
                                      0x1.1f5e1a35c3b89p-3,
                                      0x1.1af54e232d609p-2,
                                      0x1.9dd0d2b721f39p-2,
                                      0x1.0a7ef5c18edd2p-1,
                                      0x1.3f196dcd0f135p-1,
                                      0x1.6c1c9759d0e5fp-1,
                                      0x1.91724951b8fc6p-1,
                                      0x1.af767a741088bp-1,
                                      0x1.c6dad2829ec62p-1,
                                      0x1.d8865d98abe01p-1,
                                      0x1.e5768c3b4a3fcp-1,
                                      0x1.eea5557137ae0p-1,
                                      0x1.f4f693b67bd77p-1,
                                      0x1.f92d077f8d56dp-1,
                                      0x1.fbe61eef4cf6ap-1,
                                      0x1.fd9ae142795e3p-1,
                                      0x1.fea4218d6594ap-1,
                                      0x1.ff404760319b4p-1,
                                      0x1.ff9960f3eb327p-1,
                                      0x1.ffcaa8f4c9beap-1,
                                      0x1.ffe514bbdc197p-1,
                                      0x1.fff2cfb0453d9p-1,
                                      0x1.fff9ba420e834p-1,
                                      0x1.fffd1ac4135f9p-1,
                                      0x1.fffeb3ebb267bp-1,
                                      0x1.ffff6f9f67e55p-1,
                                      0x1.ffffc316d9ed0p-1,
                                      0x1.ffffe710d565ep-1,
                                      0x1.fffff618c3da6p-1,
                                      0x1.fffffc2f171e3p-1,
                                      0x1.fffffe92ced93p-1,
                                      0x1.ffffff7b91176p-1,
                                      0x1.ffffffd169d0cp-1,
                                      0x1.fffffff01a8b6p-1,
                                      0x1.fffffffabd229p-1,
                                      0x1.fffffffe4fa30p-1,
                                      0x1.ffffffff79626p-1,
                                      0x1.ffffffffd759dp-1,
                                      0x1.fffffffff4188p-1,
                                      0x1.fffffffffc9e8p-1,
                                      0x1.ffffffffff11ap-1,
                                      0x1.ffffffffffc05p-1,
                                      0x1.ffffffffffef8p-1,
                                      0x1.fffffffffffbep-1,
                                      0x1.ffffffffffff0p-1,
                                      0x1.ffffffffffffcp-1,
                                      0x1.fffffffffffffp-1,
                                      1};
  const double eighths = RoundEven(magnitude * 8);
  const double c = eighths * 0.125;
  const double h = magnitude - c;
  // exp(-(c + t)^2) = exp(-c^2) sum a_n t^n with n a_n = -2 c a_{n-1} - 2 a_{n-2}; its integral
  // from 0 to h is what erf gains over erf(c).
  double previous = 0;
  double term = 1;
  double sum = 1;
  for (int n = 1; n <= 20; ++n) {
    const double next = (-2 * c * h * term - 2 * h * h * previous) / n;
    previous = term;
    term = next;
    sum += term / (n + 1);
  }
  const double gain = 0x1.20dd750429b6dp+0 * (h * (Exp(-c * c) * sum));
  return CopySign(kErf[static_cast<int>(eighths)] + gain, x);
}

}  // namespace stint::math
