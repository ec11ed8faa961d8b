// Elements of any dtype as numbers: for summaries, comparison and seeded inputs.
#ifndef STINT_TOOLS_STINT_ELEMENTS_H_
#define STINT_TOOLS_STINT_ELEMENTS_H_

#include <complex>
#include <cstdint>
#include <string>

#include "runtime/ops/tensor.h"

namespace stint::cli {

// Any integer of 64 bits, signed or not; zero is not negative.
struct Integer {
  uint64_t magnitude = 0;
  bool negative = false;

  bool operator==(const Integer&) const = default;
};

// Bools and integers, sub-byte ones included: read exactly by IntegerAt.
bool IsIntegral(DType dtype);

// Element `index` of a dense tensor in row-major order.
Integer IntegerAt(const TensorView& view, int64_t index);
// Real dtypes have no imaginary part; 64-bit integers are rounded.
std::complex<double> NumberAt(const TensorView& view, int64_t index);
std::string ElementText(const TensorView& view, int64_t index);

// Fills a dense tensor from a generator that is the same on every machine: floats uniform in
// [-1, 1), integers and bools 0 or 1. `stream` separates tensors that share a seed.
void FillSeeded(const TensorView& view, uint64_t seed, uint64_t stream);

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_ELEMENTS_H_
