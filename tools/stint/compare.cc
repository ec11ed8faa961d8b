#include "tools/stint/compare.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>

#include "tools/stint/console.h"
#include "tools/stint/elements.h"
#include "tools/stint/host_tensor.h"

namespace stint::cli {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// How far beyond the tolerance two elements are; 0: within.
double FloatExcess(std::complex<double> a, std::complex<double> e, const Tolerance& tolerance) {
  const auto is_nan = [](std::complex<double> z) {
    return std::isnan(z.real()) || std::isnan(z.imag());
  };
  if (a == e || (is_nan(a) && is_nan(e))) return 0;
  const auto is_finite = [](std::complex<double> z) {
    return std::isfinite(z.real()) && std::isfinite(z.imag());
  };
  if (!is_finite(a) || !is_finite(e)) return kInfinity;
  return std::max(0.0, std::abs(a - e) - (tolerance.absolute + tolerance.relative * std::abs(e)));
}

// |a - e|, rounded.
double Distance(Integer a, Integer e) {
  if (a.negative != e.negative) {
    return static_cast<double>(a.magnitude) + static_cast<double>(e.magnitude);
  }
  const uint64_t larger = std::max(a.magnitude, e.magnitude);
  return static_cast<double>(larger - std::min(a.magnitude, e.magnitude));
}

double IntegerExcess(Integer a, Integer e, const Tolerance& tolerance) {
  if (a == e) return 0;
  if (!tolerance.on_integers) return Distance(a, e);
  const double allowed = tolerance.absolute + tolerance.relative * static_cast<double>(e.magnitude);
  return std::max(0.0, Distance(a, e) - allowed);
}

// Row-major index to coordinates.
std::string Coordinates(const TensorView& view, int64_t index) {
  std::vector<int64_t> coordinates(static_cast<size_t>(view.rank));
  for (int axis = view.rank; axis > 0; --axis) {
    const int64_t extent = view.extents[axis - 1];
    coordinates[static_cast<size_t>(axis - 1)] = index % extent;
    index /= extent;
  }
  return ExtentsText(coordinates);
}

}  // namespace

std::optional<std::string> FindDifference(const TensorView& actual, const TensorView& expected,
                                          const Tolerance& tolerance) {
  const std::string actual_shape = ExtentsText(ExtentsOf(actual));
  const std::string expected_shape = ExtentsText(ExtentsOf(expected));
  if (actual.dtype != expected.dtype || actual_shape != expected_shape) {
    return Format("found %s %s, allowed %s %s", NameOf(actual.dtype), actual_shape.c_str(),
                  NameOf(expected.dtype), expected_shape.c_str());
  }
  const bool integral = IsIntegral(actual.dtype);
  const int64_t count = ElementCount(actual);
  int64_t different = 0;
  int64_t worst = 0;
  double worst_excess = 0;
  for (int64_t i = 0; i < count; ++i) {
    const double excess =
        integral ? IntegerExcess(IntegerAt(actual, i), IntegerAt(expected, i), tolerance)
                 : FloatExcess(NumberAt(actual, i), NumberAt(expected, i), tolerance);
    if (excess <= 0) continue;
    ++different;
    if (excess <= worst_excess) continue;
    worst_excess = excess;
    worst = i;
  }
  if (different == 0) return std::nullopt;
  const bool exact = integral && !tolerance.on_integers;
  return Format("found %lld of %lld elements different, the worst %s at %s, allowed %s (%s)",
                static_cast<long long>(different), static_cast<long long>(count),
                ElementText(actual, worst).c_str(), Coordinates(actual, worst).c_str(),
                ElementText(expected, worst).c_str(),
                exact ? "exactly"
                      : Format("atol %g, rtol %g", tolerance.absolute, tolerance.relative).c_str());
}

}  // namespace stint::cli
