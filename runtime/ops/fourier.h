// Fourier transforms of one line of complex numbers, of any length: mixed radix (4, 2, odd factors
// up to 61) by decimation in frequency, Bluestein's algorithm in float64 for other lengths. The
// roots of unity are computed in float64 from exact fractions of a turn.
#ifndef STINT_RUNTIME_OPS_FOURIER_H_
#define STINT_RUNTIME_OPS_FOURIER_H_

#include <cstdint>

#include "runtime/base/array.h"

namespace stint {

template <typename T>
struct Complex {
  T re, im;
};

// exp(-2 pi i j / n), 0 <= j < n < 2^59.
Complex<double> RootOfUnity(int64_t j, int64_t n);

// T: float or double. One object serves one thread.
template <typename T>
class MixedRadix {
 public:
  // Whether all prime factors of `length` are small enough.
  static bool Suits(int64_t length);
  // kLimit: memory.
  Status Create(int64_t length);
  // In place: sum over j of data[j] exp(-2 pi i j k / n).
  void Forward(Complex<T>* data);

 private:
  void Pass(const Complex<T>* in, Complex<T>* out, int64_t radix, int64_t done) const;
  void Butterfly(const Complex<T>* in, Complex<T>* out, int64_t radix) const;

  int64_t length_ = 1;
  int64_t factors_[64];
  int factor_count_ = 0;
  Array<Complex<T>> roots_;
  Array<Complex<T>> work_;
};

// The transform as a convolution with a chirp.
class Bluestein {
 public:
  Status Create(int64_t length);
  template <typename T>
  void Forward(Complex<T>* data);

 private:
  int64_t length_ = 0;
  int64_t padded_ = 0;
  MixedRadix<double> transform_;
  Array<Complex<double>> chirp_;     // exp(-pi i j^2 / n)
  Array<Complex<double>> spectrum_;  // Of the chirp's conjugate, divided by padded_.
  Array<Complex<double>> work_;
};

template <typename T>
class Fourier {
 public:
  // `length` from 1 to 2^30. kLimit: memory.
  Status Create(int64_t length) {
    smooth_ = MixedRadix<T>::Suits(length);
    return smooth_ ? mixed_.Create(length) : bluestein_.Create(length);
  }
  void Forward(Complex<T>* data) { smooth_ ? mixed_.Forward(data) : bluestein_.Forward(data); }

 private:
  bool smooth_ = true;
  MixedRadix<T> mixed_;
  Bluestein bluestein_;
};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_FOURIER_H_
