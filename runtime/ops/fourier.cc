#include "runtime/ops/fourier.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

#include "runtime/base/math.h"

namespace stint {

namespace {

constexpr int64_t kMaxRadix = 61;

template <typename T>
Complex<T> operator+(Complex<T> a, Complex<T> b) {
  return {a.re + b.re, a.im + b.im};
}
template <typename T>
Complex<T> operator-(Complex<T> a, Complex<T> b) {
  return {a.re - b.re, a.im - b.im};
}
template <typename T>
Complex<T> operator*(Complex<T> a, Complex<T> b) {
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
template <typename T>
Complex<T> Conjugate(Complex<T> a) {
  return {a.re, -a.im};
}
// -i a
template <typename T>
Complex<T> QuarterBack(Complex<T> a) {
  return {a.im, -a.re};
}

// The next radix of a transform of `rest` points; `rest` itself when it is a large prime.
int64_t NextFactor(int64_t rest) {
  if (rest % 4 == 0) return 4;
  if (rest % 2 == 0) return 2;
  for (int64_t factor = 3; factor * factor <= rest && factor <= kMaxRadix; factor += 2) {
    if (rest % factor == 0) return factor;
  }
  return rest;
}

}  // namespace

Complex<double> RootOfUnity(int64_t j, int64_t n) {
  const int64_t eighth = 8 * j / n;
  const int64_t rest = 8 * j - eighth * n;
  const bool odd = eighth % 2 != 0;
  // At most an eighth of a turn from the nearest axis.
  const double turn = static_cast<double>(odd ? n - rest : rest) / static_cast<double>(n) / 8;
  double along = math::Cos(2 * M_PI * turn);
  double across = math::Sin(2 * M_PI * turn);
  if (odd) std::swap(along, across);
  switch (eighth / 2) {
    case 0:
      return {along, -across};
    case 1:
      return {-across, -along};
    case 2:
      return {-along, across};
    default:
      return {across, along};
  }
}

template <typename T>
bool MixedRadix<T>::Suits(int64_t length) {
  while (length > 1) {
    const int64_t factor = NextFactor(length);
    if (factor > kMaxRadix) return false;
    length /= factor;
  }
  return true;
}

template <typename T>
MixedRadix<T>::MixedRadix(int64_t length, Scratch& tables)
    : length_(length), roots_(tables.Take<Complex<T>>(length)) {
  for (int64_t rest = length; rest > 1; rest /= factors_[factor_count_ - 1]) {
    factors_[factor_count_++] = NextFactor(rest);
  }
  // A factor of 2 comes first.
  for (int i = 1; i < factor_count_; ++i) {
    if (factors_[i] == 2) std::swap(factors_[0], factors_[i]);
  }
}

template <typename T>
void MixedRadix<T>::Fill() const {
  for (int64_t j = 0; j < length_; ++j) {
    const Complex<double> root = RootOfUnity(j, length_);
    roots_[static_cast<size_t>(j)] = {static_cast<T>(root.re), static_cast<T>(root.im)};
  }
}

template <typename T>
void MixedRadix<T>::Butterfly(const Complex<T>* in, Complex<T>* out, int64_t radix) const {
  if (radix == 2) {
    out[0] = in[0] + in[1];
    out[1] = in[0] - in[1];
    return;
  }
  if (radix == 4) {
    const Complex<T> even = in[0] + in[2];
    const Complex<T> even_difference = in[0] - in[2];
    const Complex<T> odd = in[1] + in[3];
    const Complex<T> odd_difference = QuarterBack(in[1] - in[3]);
    out[0] = even + odd;
    out[1] = even_difference + odd_difference;
    out[2] = even - odd;
    out[3] = even_difference - odd_difference;
    return;
  }
  const int64_t half = radix / 2;
  Complex<T> sums[kMaxRadix];
  Complex<T> differences[kMaxRadix];
  out[0] = in[0];
  for (int64_t j = 1; j <= half; ++j) {
    sums[j] = in[j] + in[radix - j];
    differences[j] = in[j] - in[radix - j];
    out[0] = out[0] + sums[j];
  }
  const int64_t step = length_ / radix;
  for (int64_t k = 1; k <= half; ++k) {
    Complex<T> even = in[0];
    Complex<T> odd = {0, 0};
    for (int64_t j = 1; j <= half; ++j) {
      const Complex<T> root = roots_[static_cast<size_t>(j * k % radix * step)];
      even = even + Complex<T>{root.re * sums[j].re, root.re * sums[j].im};
      odd = odd + Complex<T>{root.im * differences[j].re, root.im * differences[j].im};
    }
    const Complex<T> turned = {-odd.im, odd.re};
    out[k] = even + turned;
    out[radix - k] = even - turned;
  }
}

// One factor; `done` is the product of those before it.
template <typename T>
void MixedRadix<T>::Pass(const Complex<T>* in, Complex<T>* out, int64_t radix, int64_t done) const {
  const int64_t inner = length_ / (done * radix);
  Complex<T> gathered[kMaxRadix];
  Complex<T> transformed[kMaxRadix];
  for (int64_t k = 0; k < done; ++k) {
    for (int64_t i = 0; i < inner; ++i) {
      for (int64_t j = 0; j < radix; ++j) gathered[j] = in[i + inner * (j + radix * k)];
      Butterfly(gathered, transformed, radix);
      for (int64_t j = 0; j < radix; ++j) {
        const Complex<T> root = roots_[static_cast<size_t>(j * done * i)];
        Complex<T>& target = out[i + inner * (k + done * j)];
        target = i * j == 0 ? transformed[j] : transformed[j] * root;
      }
    }
  }
}

template <typename T>
void MixedRadix<T>::Forward(Complex<T>* data, Complex<T>* work) const {
  Complex<T>* from = data;
  Complex<T>* to = work;
  int64_t done = 1;
  for (int i = 0; i < factor_count_; ++i) {
    Pass(from, to, factors_[i], done);
    done *= factors_[i];
    std::swap(from, to);
  }
  if (from != data) std::copy_n(from, length_, data);
}

Bluestein::Bluestein(int64_t length, Scratch& tables)
    : length_(length),
      padded_(static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(2 * length - 1)))),
      transform_(padded_, tables),
      chirp_(tables.Take<Complex<double>>(length)),
      spectrum_(tables.Take<Complex<double>>(padded_)) {}

void Bluestein::Fill(Complex<double>* work) const {
  transform_.Fill();
  std::fill(spectrum_.begin(), spectrum_.end(), Complex<double>{0, 0});
  for (int64_t j = 0; j < length_; ++j) {
    const Complex<double> root = RootOfUnity(j * j % (2 * length_), 2 * length_);
    const Complex<double> scaled = {root.re / static_cast<double>(padded_),
                                    -root.im / static_cast<double>(padded_)};
    chirp_[static_cast<size_t>(j)] = root;
    spectrum_[static_cast<size_t>(j)] = scaled;
    spectrum_[static_cast<size_t>((padded_ - j) % padded_)] = scaled;
  }
  transform_.Forward(spectrum_.data(), work);
}

template <typename T>
void Bluestein::Forward(Complex<T>* data, Complex<double>* line, Complex<double>* work) const {
  const auto length = static_cast<size_t>(length_);
  for (size_t j = 0; j < length; ++j) {
    line[j] = Complex<double>{data[j].re, data[j].im} * chirp_[j];
  }
  std::fill(line + length, line + padded_, Complex<double>{0, 0});
  transform_.Forward(line, work);
  for (size_t j = 0; j < spectrum_.size(); ++j) line[j] = Conjugate(line[j] * spectrum_[j]);
  transform_.Forward(line, work);
  for (size_t j = 0; j < length; ++j) {
    const Complex<double> value = Conjugate(line[j]) * chirp_[j];
    data[j] = {static_cast<T>(value.re), static_cast<T>(value.im)};
  }
}

template class MixedRadix<float>;
template class MixedRadix<double>;
template void Bluestein::Forward(Complex<float>*, Complex<double>*, Complex<double>*) const;
template void Bluestein::Forward(Complex<double>*, Complex<double>*, Complex<double>*) const;

}  // namespace stint
