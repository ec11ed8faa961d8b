// Elementary functions over the SIMD vocabulary, for epilogues and gates. Included after an
// <isa>.h, whose namespace they join; no include guard of their own would be needed, as a file has
// one ISA.
//
// Errors, over all floats unless a range is given: Exp2 3 ULP (results from 2^-126 on); Exp 2 ULP;
// Sigmoid and Swish 1.3e-6 absolute within [-20, 20], Swish 20 ULP; GeluTanh
// 1.3e-6 absolute within [-20, 20]; Tanh 5 ULP; Erf 3 ULP; Gelu 5e-7 absolute within [-5, 5]. NaN
// gives NaN.
#ifndef STINT_BACKENDS_CPU_SIMD_FUNCTIONS_H_
#define STINT_BACKENDS_CPU_SIMD_FUNCTIONS_H_

namespace stint::cpu::STINT_ISA {

namespace {

// 2^y for y up to 127; below -126 something between 0 and 2^-126.
STINT_INLINE Vector Exp2(Vector y) {
  const Vector r = FractionOf(y);
  Vector p = Fma(Fill(1.877576608e-03f), r, Fill(8.989340252e-03f));
  p = Fma(p, r, Fill(5.582631792e-02f));
  p = Fma(p, r, Fill(2.401536171e-01f));
  p = Fma(p, r, Fill(6.931530732e-01f));
  p = Fma(p, r, Fill(9.999999251e-01f));
  return ScaleByPower(p, y);
}

// e^x for x up to 88; 0 below -87, where results would no longer be normal.
STINT_INLINE Vector Exp(Vector x) {
  const Vector limited = AtLeast(Fill(-88.0f), x);
  const Vector n = Floor(Fma(limited, Fill(1.44269504f), Fill(0.5f)));
  // ln 2 in two parts, of which the first has so few bits that its products are exact.
  const Vector r = Fma(n, Fill(-0x1.0bfbe8p-15f), Fma(n, Fill(-0x1.62ep-1f), limited));
  Vector p = Fma(Fill(0x1.a1256cp-13f), r, Fill(0x1.6d43bp-10f));
  p = Fma(p, r, Fill(0x1.1110ep-7f));
  p = Fma(p, r, Fill(0x1.5554e8p-5f));
  p = Fma(p, r, Fill(0x1.555556p-3f));
  p = Fma(p, r, Fill(0x1.0p-1f));
  const Vector power = ScaleByPower(Fma(r * r, p, r) + Fill(1.0f), n);
  return SelectGreater(Fill(-87.0f), x, Fill(0.0f), power);
}

// 1 / (1 + e^-x)
STINT_INLINE Vector Sigmoid(Vector x) {
  const Vector y = AtLeast(Fill(-126.0f), AtMost(Fill(126.0f), x * Fill(-1.44269504f)));
  return OneOver(Exp2(y) + Fill(1.0f));
}

// A polynomial up to 0.6, and 1 - 2 / (1 + e^2|x|) beyond.
STINT_INLINE Vector Tanh(Vector x) {
  const Vector size = Absolute(x);
  const Vector z = x * x;
  Vector p = Fma(Fill(2.370765666e-03f), z, Fill(-8.410071023e-03f));
  p = Fma(p, z, Fill(2.178832144e-02f));
  p = Fma(p, z, Fill(-5.396155268e-02f));
  p = Fma(p, z, Fill(1.333331317e-01f));
  p = Fma(p, z, Fill(-3.333333433e-01f));
  const Vector near = Fma(size, z * p, size);
  const Vector power = Exp2(AtMost(Fill(10.0f), size) * Fill(2.88539008f));
  const Vector far = Fill(1.0f) - Fill(2.0f) * OneOver(power + Fill(1.0f));
  return CopySign(SelectGreater(size, Fill(0.6f), far, near), x);
}

STINT_INLINE Vector Swish(Vector x) { return x * Sigmoid(x); }

STINT_INLINE Vector HardSwish(Vector x) {
  const Vector ramp = Fma(x, Fill(1.0f / 6), Fill(0.5f));
  return x * AtMost(Fill(1.0f), AtLeast(Fill(0.0f), ramp));
}

// A polynomial up to 1, and 1 - 2^q(|x|) beyond.
STINT_INLINE Vector Erf(Vector x) {
  const Vector size = Absolute(x);
  const Vector z = x * x;
  Vector p = Fma(Fill(-5.631421998e-04f), z, Fill(4.917551372e-03f));
  p = Fma(p, z, Fill(-2.671131126e-02f));
  p = Fma(p, z, Fill(1.128018011e-01f));
  p = Fma(p, z, Fill(-3.761232619e-01f));
  p = Fma(p, z, Fill(1.128379122e+00f)) * x;
  const Vector limited = AtMost(Fill(4.0f), size);
  Vector q = Fma(Fill(-1.334549137e-05f), limited, Fill(3.181897810e-04f));
  q = Fma(q, limited, Fill(-3.441250807e-03f));
  q = Fma(q, limited, Fill(2.263865189e-02f));
  q = Fma(q, limited, Fill(-1.033555451e-01f));
  q = Fma(q, limited, Fill(-6.390471428e-01f));
  q = Fma(q, limited, Fill(-1.125956980e+00f));
  q = Fma(q, limited, Fill(-7.484109912e-04f));
  const Vector tail = Fill(1.0f) - Exp2(q * Fill(1.44269504f));
  return SelectGreater(size, Fill(1.0f), CopySign(tail, x), p);
}

// x / 2 * (1 + erf(x / sqrt(2)))
STINT_INLINE Vector Gelu(Vector x) {
  return x * Fill(0.5f) * (Fill(1.0f) + Erf(x * Fill(0.70710678f)));
}

// x / 2 * (1 + tanh(u)) = x / (1 + e^-2u) with u = sqrt(2 / pi) * (x + 0.044715 * x^3)
STINT_INLINE Vector GeluTanh(Vector x) {
  return x * Sigmoid(x * Fma(x * x, Fill(0.0713548163f), Fill(1.59576912f)));
}

}  // namespace

}  // namespace stint::cpu::STINT_ISA

#endif  // STINT_BACKENDS_CPU_SIMD_FUNCTIONS_H_
