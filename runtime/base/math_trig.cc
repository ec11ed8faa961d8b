// Circular functions of double, their inverses, and the remainder.
#include "runtime/base/double_double.h"
#include "runtime/base/math.h"

namespace stint::math {

namespace {

// An angle r, |r| <= pi / 4 or a hair more, plus `quadrant` right angles modulo 4.
struct ReducedAngle {
  DoubleDouble r;
  unsigned quadrant;
};

// 2 / pi, 32 bits a word.
constexpr uint32_t kTwoOverPi[38] = {
    0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab, 0xdebbc561,
    0xb7246e3a, 0x424dd2e0, 0x06492eea, 0x09d1921c, 0xfe1deb1c, 0xb129a73e, 0xe88235f5, 0x2ebb4484,
    0xe99c7026, 0xb45f7e41, 0x3991d639, 0x835339f4, 0x9c845f8b, 0xbdf9283b, 0x1ff897ff, 0xde05980f,
    0xef2f118b, 0x5a0a6d1f, 0x6d367ecf, 0x27cb09b7, 0x4f463f66, 0x9e5fea2d, 0x7527bac7, 0xebe5f17b,
    0x3d0739f7, 0x8a5292ea, 0x6bfb5fb1, 0x1f8d5d08, 0x56033046, 0xfc7b6bab};

constexpr int kWindow = 7;           // Words of 2 / pi that matter for one argument.
constexpr int kLimbs = kWindow + 2;  // Of the product with a mantissa, least limb first.

// limbs = mantissa * the window of 2 / pi that starts at `first`.
void MultiplyWindow(uint64_t mantissa, int first, uint32_t* limbs) {
  for (int i = 0; i < kLimbs; ++i) limbs[i] = 0;
  const uint64_t parts[2] = {mantissa & 0xffffffffU, mantissa >> 32};
  for (int part = 0; part < 2; ++part) {
    uint64_t carry = 0;
    for (int i = 0; i < kWindow; ++i) {
      const uint64_t word = kTwoOverPi[first + kWindow - 1 - i];
      carry += parts[part] * word + limbs[i + part];
      limbs[i + part] = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
    limbs[kWindow + part] = static_cast<uint32_t>(carry);
  }
}

// The bit of weight 2^bit of `limbs`.
unsigned BitAt(const uint32_t* limbs, int bit) { return (limbs[bit / 32] >> (bit % 32)) & 1; }

// Payne and Hanek's reduction, for finite x >= 2^22: x = mantissa 2^e, and words of 2 / pi whose
// products are multiples of 4 are left out.
ReducedAngle ReduceLarge(double x) {
  const uint64_t bits = BitsOf(x);
  const uint64_t mantissa = (bits & 0xfffffffffffffU) | (uint64_t{1} << 52);
  const int e = static_cast<int>(bits >> 52) - 1075;
  const int first = e >= 2 ? (e - 2) / 32 : 0;
  uint32_t limbs[kLimbs];
  MultiplyWindow(mantissa, first, limbs);
  const int point = 32 * (first + kWindow) - e;  // Bits right of the binary point.
  unsigned quadrant = BitAt(limbs, point) + 2 * BitAt(limbs, point + 1);
  // The fraction, or its distance to 1 when it is above a half.
  const bool negative = BitAt(limbs, point - 1) != 0;
  if (negative) ++quadrant;
  DoubleDouble fraction = {0, 0};
  for (int i = point / 32; i >= 0; --i) {
    uint32_t limb = negative ? ~limbs[i] : limbs[i];
    if (i == point / 32) limb &= (uint32_t{1} << (point % 32)) - 1;
    const double weight = DoubleFromBits(static_cast<uint64_t>(32 * i - point + 1023) << 52);
    fraction = fraction + static_cast<double>(limb) * weight;
  }
  const DoubleDouble r = fraction * kHalfPi;
  return {negative ? -r : r, quadrant};
}

// Finite x >= 0.
ReducedAngle ReduceAngle(double x) {
  if (x >= 0x1p22) return ReduceLarge(x);
  const double n = RoundEven(x * 0x1.45f306dc9c883p-1);
  // pi / 2 in four parts; products of n with the first three are exact.
  const DoubleDouble high = Sum(x - n * 0x1.921fb54p+0, -n * 0x1.10b46118p-30);
  const DoubleDouble low = Sum(-n * 0x1.313198ap-61, -n * 0x1.701b839a25205p-92);
  return {high + low, static_cast<unsigned>(n)};
}

DoubleDouble SinOf(DoubleDouble r) {
  const double z = r.hi * r.hi;
  const double p = Polynomial(z, -0x1.5555555555555p-3, 0x1.1111111111111p-7,
                              -0x1.a01a01a01a019p-13, 0x1.71de3a556c2c3p-19, -0x1.ae64567e723afp-26,
                              0x1.61245fb3dc7eep-33, -0x1.ae7c524f65a8ep-41, 0x1.9241fe47ad0d1p-49);
  return QuickSum(r.hi, r.hi * (z * p) + r.lo * (1 - 0.5 * z));
}

DoubleDouble CosOf(DoubleDouble r) {
  const DoubleDouble square = Product(r.hi, r.hi);
  const double z = square.hi;
  const double p =
      Polynomial(z, 0x1.5555555555555p-5, -0x1.6c16c16c16c17p-10, 0x1.a01a01a01a019p-16,
                 -0x1.27e4fb7789d95p-22, 0x1.1eed8eff330fcp-29, -0x1.9397495359c31p-37,
                 0x1.ae7ce7af943d1p-45, -0x1.65d22859f3f73p-53);
  return Scale(square, -0.5) + 1.0 + (z * z * p - r.hi * r.lo);
}

// The sine of the angle plus `quadrants` right angles.
DoubleDouble SinOf(const ReducedAngle& angle, unsigned quadrants) {
  const unsigned quadrant = (angle.quadrant + quadrants) & 3;
  const DoubleDouble value = (quadrant & 1) != 0 ? CosOf(angle.r) : SinOf(angle.r);
  return (quadrant & 2) != 0 ? -value : value;
}

// atan(y / x) for x, y >= 0, not both 0.
DoubleDouble AngleOf(DoubleDouble y, DoubleDouble x) {
  // atan(i / 8)
  static constexpr DoubleDouble kAtan[9] = {{0, 0},
                                            {0x1.fd5ba9aac2f6ep-4, -0x1.cd37686760c17p-59},
                                            {0x1.f5b75f92c80ddp-3, 0x1.8ab6e3cf7afbdp-57},
                                            {0x1.6f61941e4def1p-2, -0x1.c63aae6f6e918p-56},
                                            {0x1.dac670561bb4fp-2, 0x1.a2b7f222f65e2p-56},
                                            {0x1.1e00babdefeb4p-1, -0x1.928df287a668fp-58},
                                            {0x1.4978fa3269ee1p-1, 0x1.2419a87f2a458p-56},
                                            {0x1.700a7c5784634p-1, -0x1.8c34d25aadef6p-56},
                                            {0x1.921fb54442d18p-1, 0x1.1a62633145c07p-55}};
  const bool steep = y.hi > x.hi;
  const DoubleDouble ratio = steep ? x / y : y / x;
  const double eighths = RoundEven(ratio.hi * 8);
  const double c = eighths * 0.125;
  const DoubleDouble t = (ratio + -c) / (ratio * c + 1.0);
  const double z = t.hi * t.hi;
  const double p = Polynomial(z, -0x1.5555555555555p-2, 0x1.9999999999999p-3, -0x1.24924924921dcp-3,
                              0x1.c71c71c552d42p-4, -0x1.745d12c7d5643p-4, 0x1.3b0de4df15c2ep-4,
                              -0x1.0d59a3904b387p-4);
  const DoubleDouble angle = kAtan[static_cast<int>(eighths)] + (t + t.hi * (z * p));
  return steep ? kHalfPi + -angle : angle;
}

// sqrt(1 - x^2), |x| <= 1.
DoubleDouble Cathetus(double x) { return Sqrt(Sum(1.0, x) * Sum(1.0, -x)); }

template <typename T>
T ExactRemainder(T x, T y) {
  using Bits = BitsType<T>;
  constexpr int kMantissa = sizeof(T) == 4 ? 23 : 52;
  constexpr Bits kImplicit = Bits{1} << kMantissa;
  Bits rest = BitsOf(Abs(x));
  Bits divisor = BitsOf(Abs(y));
  const Bits infinity = BitsOf(kInfinity<T>);
  if (divisor == 0 || divisor > infinity || rest >= infinity) return kNan<T>;
  if (rest < divisor) return x;
  int exponent = static_cast<int>(rest >> kMantissa);
  int divisor_exponent = static_cast<int>(divisor >> kMantissa);
  rest &= kImplicit - 1;
  divisor &= kImplicit - 1;
  // Subnormals have exponent 1 without the implicit bit.
  if (exponent != 0)
    rest |= kImplicit;
  else
    exponent = 1;
  if (divisor_exponent != 0)
    divisor |= kImplicit;
  else
    divisor_exponent = 1;
  // Both mantissas as integers at the divisor's exponent: long division, one bit a step.
  rest %= divisor == 0 ? 1 : divisor;
  for (; exponent > divisor_exponent && rest != 0; --exponent) {
    rest <<= 1;
    if (rest >= divisor) rest -= divisor;
  }
  if (rest == 0) return CopySign(T(0), x);
  exponent = divisor_exponent;
  while (rest < kImplicit && exponent > 1) {
    rest <<= 1;
    --exponent;
  }
  const Bits high = rest < kImplicit ? 0 : static_cast<Bits>(exponent) << kMantissa;
  return CopySign(__builtin_bit_cast(T, high | (rest & (kImplicit - 1))), x);
}

}  // namespace

double Sin(double x) {
  const double magnitude = Abs(x);
  if (!(magnitude < kInfinity<double>)) return kNan<double>;
  if (magnitude < 0x1p-28) return x;
  const double value = SinOf(ReduceAngle(magnitude), 0).Rounded();
  return x < 0 ? -value : value;
}

double Cos(double x) {
  const double magnitude = Abs(x);
  if (!(magnitude < kInfinity<double>)) return kNan<double>;
  if (magnitude < 0x1p-28) return 1;
  return SinOf(ReduceAngle(magnitude), 1).Rounded();
}

double Tan(double x) {
  const double magnitude = Abs(x);
  if (!(magnitude < kInfinity<double>)) return kNan<double>;
  if (magnitude < 0x1p-28) return x;
  const ReducedAngle angle = ReduceAngle(magnitude);
  const double value = (SinOf(angle, 0) / SinOf(angle, 1)).Rounded();
  return x < 0 ? -value : value;
}

double Atan(double x) {
  const double magnitude = Abs(x);
  if (x != x || magnitude < 0x1p-28) return x;
  if (magnitude > 0x1p60) return CopySign(kHalfPi.hi, x);
  return CopySign(AngleOf({magnitude, 0}, {1, 0}).Rounded(), x);
}

double Asin(double x) {
  const double magnitude = Abs(x);
  if (magnitude < 0x1p-28) return x;
  if (!(magnitude <= 1)) return kNan<double>;
  return CopySign(AngleOf({magnitude, 0}, Cathetus(x)).Rounded(), x);
}

double Acos(double x) {
  const double magnitude = Abs(x);
  if (!(magnitude <= 1)) return kNan<double>;
  if (magnitude < 0x1p-60) return kHalfPi.hi;
  const DoubleDouble angle = AngleOf(Cathetus(x), {magnitude, 0});
  return x < 0 ? (kPi + -angle).Rounded() : angle.Rounded();
}

float Remainder(float x, float y) { return ExactRemainder(x, y); }
double Remainder(double x, double y) { return ExactRemainder(x, y); }

namespace wide {

double SinLarge(double x) { return Sin(x); }
double CosLarge(double x) { return Cos(x); }
double TanLarge(double x) { return Tan(x); }

}  // namespace wide

}  // namespace stint::math
