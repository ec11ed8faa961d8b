// Numbers of about 106 bits as unevaluated sums of two doubles: what the double functions of math.h
// compute in, so that their results are rounded once. Private to runtime/base.
#ifndef STINT_RUNTIME_BASE_DOUBLE_DOUBLE_H_
#define STINT_RUNTIME_BASE_DOUBLE_DOUBLE_H_

#include "runtime/base/math_round.h"

namespace stint::math {

// |lo| is at most half an ULP of hi.
struct DoubleDouble {
  double hi;
  double lo;

  double Rounded() const { return hi + lo; }
};

// Exact; needs |a| >= |b| or a = 0.
inline DoubleDouble QuickSum(double a, double b) {
  const double sum = a + b;
  return {sum, b - (sum - a)};
}

// Exact.
inline DoubleDouble Sum(double a, double b) {
  const double sum = a + b;
  const double part = sum - a;
  return {sum, (a - (sum - part)) + (b - part)};
}

// Exact unless it overflows or underflows; |a| and |b| below 2^990.
inline DoubleDouble Product(double a, double b) {
  constexpr double kSplit = 0x1p27 + 1;
  const double a_big = a * kSplit;
  const double b_big = b * kSplit;
  const double a_hi = a_big - (a_big - a);
  const double b_hi = b_big - (b_big - b);
  const double a_lo = a - a_hi;
  const double b_lo = b - b_hi;
  const double product = a * b;
  return {product, ((a_hi * b_hi - product) + a_hi * b_lo + a_lo * b_hi) + a_lo * b_lo};
}

inline DoubleDouble operator-(DoubleDouble a) { return {-a.hi, -a.lo}; }

inline DoubleDouble operator+(DoubleDouble a, double b) {
  const DoubleDouble sum = Sum(a.hi, b);
  return QuickSum(sum.hi, sum.lo + a.lo);
}

inline DoubleDouble operator+(DoubleDouble a, DoubleDouble b) {
  const DoubleDouble high = Sum(a.hi, b.hi);
  const DoubleDouble low = Sum(a.lo, b.lo);
  const DoubleDouble part = QuickSum(high.hi, high.lo + low.hi);
  return QuickSum(part.hi, part.lo + low.lo);
}

inline DoubleDouble operator*(DoubleDouble a, double b) {
  const DoubleDouble product = Product(a.hi, b);
  return QuickSum(product.hi, product.lo + a.lo * b);
}

inline DoubleDouble operator*(DoubleDouble a, DoubleDouble b) {
  const DoubleDouble product = Product(a.hi, b.hi);
  return QuickSum(product.hi, product.lo + (a.hi * b.lo + a.lo * b.hi));
}

inline DoubleDouble operator/(DoubleDouble a, DoubleDouble b) {
  const double first = a.hi / b.hi;
  const DoubleDouble rest = a + -(b * first);
  return QuickSum(first, rest.hi / b.hi);
}

// a >= 0.
inline DoubleDouble Sqrt(DoubleDouble a) {
  if (a.hi == 0) return {0, 0};
  const double root = Sqrt(a.hi);
  const DoubleDouble rest = a + -Product(root, root);
  return QuickSum(root, rest.hi / (2 * root));
}

// Exact for powers of two.
inline DoubleDouble Scale(DoubleDouble a, double power) { return {a.hi * power, a.lo * power}; }

inline constexpr DoubleDouble kPi = {0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53};
inline constexpr DoubleDouble kHalfPi = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54};

}  // namespace stint::math

#endif  // STINT_RUNTIME_BASE_DOUBLE_DOUBLE_H_
