// The project's own elementary functions. Every machine gets the same bits: only + - * / and sqrt
// are used, no contraction into fused multiply-add (compile with -ffp-contract=off), no library
// function. float is within 2 ULP (most within 1) over the whole range, double within 2 ULP;
// special values are C's, subnormals are kept. A NaN's payload and sign are not specified.
//
// The float functions are inline and, but for sine, cosine and tangent of huge arguments, free of
// branches, so that loops over them vectorise and give the bits of the scalar call.
#ifndef STINT_RUNTIME_BASE_MATH_H_
#define STINT_RUNTIME_BASE_MATH_H_

#include "runtime/base/math_f32.h"
#include "runtime/base/math_round.h"

namespace stint::math {

double Exp(double x);
double Expm1(double x);
double Log(double x);
double Log1p(double x);
// As C's pow: Pow(1, y) and Pow(x, 0) are 1 also for NaN.
double Pow(double x, double y);
// Exact argument reduction over the whole range.
double Sin(double x);
double Cos(double x);
double Tan(double x);
double Asin(double x);
double Acos(double x);
double Atan(double x);
double Sinh(double x);
double Cosh(double x);
double Tanh(double x);
double Asinh(double x);
double Acosh(double x);
double Atanh(double x);
double Erf(double x);

}  // namespace stint::math

#endif  // STINT_RUNTIME_BASE_MATH_H_
