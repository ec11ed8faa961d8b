// Fourier transforms of one line of complex numbers, of any length: mixed radix (4, 2, odd factors
// up to 61) by decimation in frequency, Bluestein's algorithm in float64 for other lengths. The
// roots of unity are computed in float64 from exact fractions of a turn.
//
// An object is tables, which it takes from a Scratch when it is made, fills once, and reads: any
// number of threads may transform with it, each with a Work of its own.
#ifndef STINT_RUNTIME_OPS_FOURIER_H_
#define STINT_RUNTIME_OPS_FOURIER_H_

#include <cstdint>

#include "runtime/ops/scratch.h"

namespace stint {

template <typename T>
struct Complex {
  T re, im;
};

// exp(-2 pi i j / n), 0 <= j < n < 2^59.
Complex<double> RootOfUnity(int64_t j, int64_t n);

// T: float or double.
template <typename T>
class MixedRadix {
 public:
  // Whether all prime factors of `length` are small enough.
  static bool Suits(int64_t length);
  MixedRadix(int64_t length, Scratch& tables);
  void Fill() const;
  // In place: sum over j of data[j] exp(-2 pi i j k / n). `work` is as long as `data`.
  void Forward(Complex<T>* data, Complex<T>* work) const;

 private:
  void Pass(const Complex<T>* in, Complex<T>* out, int64_t radix, int64_t done) const;
  void Butterfly(const Complex<T>* in, Complex<T>* out, int64_t radix) const;

  int64_t length_;
  int64_t factors_[64];
  int factor_count_ = 0;
  std::span<Complex<T>> roots_;
};

// The transform as a convolution with a chirp.
class Bluestein {
 public:
  Bluestein(int64_t length, Scratch& tables);
  // A power of two that holds the convolution.
  int64_t padded() const { return padded_; }
  // `work` and `line` are padded() long each.
  void Fill(Complex<double>* work) const;
  template <typename T>
  void Forward(Complex<T>* data, Complex<double>* line, Complex<double>* work) const;

 private:
  int64_t length_;
  int64_t padded_;
  MixedRadix<double> transform_;
  std::span<Complex<double>> chirp_;     // exp(-pi i j^2 / n)
  std::span<Complex<double>> spectrum_;  // Of the chirp's conjugate, divided by padded_.
};

template <typename T>
class Fourier {
 public:
  // What one thread works in.
  struct Work {
    std::span<Complex<T>> mixed;
    std::span<Complex<double>> line;
    std::span<Complex<double>> padded;
  };

  // `length` from 1 to 2^30.
  Fourier(int64_t length, Scratch& tables)
      : length_(length),
        smooth_(MixedRadix<T>::Suits(length)),
        mixed_(smooth_ ? length : 1, tables),
        bluestein_(smooth_ ? 1 : length, tables) {}

  Work TakeWork(Scratch& scratch) const {
    const int64_t padded = smooth_ ? 0 : bluestein_.padded();
    return {scratch.Take<Complex<T>>(smooth_ ? length_ : 0), scratch.Take<Complex<double>>(padded),
            scratch.Take<Complex<double>>(padded)};
  }
  // Computes the tables.
  void Fill(const Work& work) const {
    smooth_ ? mixed_.Fill() : bluestein_.Fill(work.padded.data());
  }
  void Forward(Complex<T>* data, const Work& work) const {
    smooth_ ? mixed_.Forward(data, work.mixed.data())
            : bluestein_.Forward(data, work.line.data(), work.padded.data());
  }

 private:
  int64_t length_;
  bool smooth_;
  MixedRadix<T> mixed_;
  Bluestein bluestein_;
};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_FOURIER_H_
