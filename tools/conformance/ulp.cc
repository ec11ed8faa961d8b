#include "tools/conformance/ulp.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tools/stint/elements.h"

namespace stint::conformance {

namespace {

struct Format {
  int fraction_bits;
  int smallest_exponent;  // Of normal numbers.
};

std::optional<Format> FormatOf(DType dtype) {
  switch (dtype) {
    case DType::kFloat16:
      return Format{10, -14};
    case DType::kBFloat16:
      return Format{7, -126};
    case DType::kFloat32:
    case DType::kComplex64:
      return Format{23, -126};
    case DType::kFloat64:
    case DType::kComplex128:
      return Format{52, -1022};
    default:
      return std::nullopt;
  }
}

double Ulp(double actual, double expected, const Format& format) {
  if (actual == expected || (std::isnan(actual) && std::isnan(expected))) return 0;
  if (!std::isfinite(actual) || !std::isfinite(expected)) {
    return std::numeric_limits<double>::infinity();
  }
  const double distance = std::abs(actual - expected);
  if (distance <= std::ldexp(1.0, -format.fraction_bits)) return 0;
  const int exponent = expected == 0 ? format.smallest_exponent
                                     : std::max(std::ilogb(expected), format.smallest_exponent);
  return std::ceil(distance / std::ldexp(1.0, exponent - format.fraction_bits));
}

}  // namespace

std::optional<double> LargestUlp(const TensorView& actual, const TensorView& expected) {
  const std::optional<Format> format = FormatOf(actual.dtype);
  if (!format) return std::nullopt;
  double largest = 0;
  const int64_t count = ElementCount(expected);
  for (int64_t i = 0; i < count; ++i) {
    const auto a = cli::NumberAt(actual, i);
    const auto e = cli::NumberAt(expected, i);
    largest =
        std::max({largest, Ulp(a.real(), e.real(), *format), Ulp(a.imag(), e.imag(), *format)});
  }
  return largest;
}

}  // namespace stint::conformance
