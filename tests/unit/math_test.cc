// The elementary functions, against the C library in long double: errors in ULP over the whole
// range of float and over samples of double, special values, exact remainders and roundings.
#include "runtime/base/math.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace stint {
namespace {

constexpr double kLargest = 1e9;  // Of errors that no tolerance admits.

// |found - expected| in units in the last place of T at `expected`.
template <typename T>
double UlpError(T found, long double expected) {
  const auto rounded = static_cast<T>(expected);
  if (std::isnan(rounded) || std::isnan(found)) {
    return std::isnan(rounded) && std::isnan(found) ? 0 : kLargest;
  }
  if (found == rounded) return 0;
  if (expected == 0) return kLargest;
  using Limits = std::numeric_limits<T>;
  int exponent = 0;
  std::frexp(expected, &exponent);
  exponent = std::clamp(exponent, Limits::min_exponent, Limits::max_exponent);
  // Infinity stands for the next power of two, where one of the two is finite.
  const long double value =
      std::isinf(found)
          ? std::copysign(std::ldexp(1.0L, Limits::max_exponent), static_cast<long double>(found))
          : static_cast<long double>(found);
  const long double unit = std::ldexp(1.0L, exponent - Limits::digits);
  return static_cast<double>(std::min(std::abs(value - expected) / unit, (long double)kLargest));
}

struct Function {
  const char* name;
  float (*f32)(float);
  double (*f64)(double);
  long double (*exact)(long double);
};

#define STINT_FUNCTION(Name, library)                                                    \
  {#Name, [](float x) { return math::Name(x); }, [](double x) { return math::Name(x); }, \
   [](long double x) { return std::library(x); }}
const Function kFunctions[] = {
    STINT_FUNCTION(Exp, exp),     STINT_FUNCTION(Expm1, expm1), STINT_FUNCTION(Log, log),
    STINT_FUNCTION(Log1p, log1p), STINT_FUNCTION(Sin, sin),     STINT_FUNCTION(Cos, cos),
    STINT_FUNCTION(Tan, tan),     STINT_FUNCTION(Asin, asin),   STINT_FUNCTION(Acos, acos),
    STINT_FUNCTION(Atan, atan),   STINT_FUNCTION(Sinh, sinh),   STINT_FUNCTION(Cosh, cosh),
    STINT_FUNCTION(Tanh, tanh),   STINT_FUNCTION(Asinh, asinh), STINT_FUNCTION(Acosh, acosh),
    STINT_FUNCTION(Atanh, atanh), STINT_FUNCTION(Erf, erf)};
#undef STINT_FUNCTION

TEST_CASE("functions of float are within 2 ULP over all bit patterns") {
  constexpr uint64_t kStep = 300007;  // Prime: every exponent and many fractions.
  for (const Function& function : kFunctions) {
    INFO(function.name);
    double worst = 0;
    for (uint64_t bits = 0; bits <= UINT32_MAX; bits += kStep) {
      const float x = FloatFromBits(static_cast<uint32_t>(bits));
      worst = std::max(worst, UlpError(function.f32(x), function.exact(x)));
    }
    CHECK(worst <= 2);
  }
}

// Doubles of all magnitudes, and many in the ranges where functions are interesting.
std::vector<double> Doubles(int count) {
  std::mt19937_64 random(11);
  std::vector<double> samples;
  for (int i = 0; i < count; ++i) {
    const double unit = std::ldexp(static_cast<double>(static_cast<int64_t>(random())), -63);
    const double ranges[] = {1, 20, 800, 1e5};
    samples.push_back(i % 5 == 4 ? DoubleFromBits(random()) : unit * ranges[i % 5]);
  }
  return samples;
}

TEST_CASE("functions of double and of float are within 2 ULP where they are used") {
  // A library whose long double is double cannot judge: it rounds as coarsely as we do.
  const double tolerance = std::numeric_limits<long double>::digits > 53 ? 2 : 4;
  const std::vector<double> samples = Doubles(20000);
  for (const Function& function : kFunctions) {
    INFO(function.name);
    double worst = 0;
    double worst_float = 0;
    for (const double x : samples) {
      worst = std::max(worst, UlpError(function.f64(x), function.exact(x)));
      const auto y = static_cast<float>(x);
      worst_float = std::max(worst_float, UlpError(function.f32(y), function.exact(y)));
    }
    CHECK(worst <= tolerance);
    CHECK(worst_float <= 2);
  }
}

TEST_CASE("special values are C's, signs of zeros included") {
  const double values[] = {0.0,
                           -0.0,
                           1.0,
                           -1.0,
                           std::numeric_limits<double>::infinity(),
                           -std::numeric_limits<double>::infinity(),
                           std::numeric_limits<double>::quiet_NaN(),
                           5e-324,
                           -5e-324};
  for (const Function& function : kFunctions) {
    for (const double x : values) {
      INFO(function.name << " of " << x);
      const auto expected = static_cast<double>(function.exact(x));
      CHECK(UlpError(function.f64(x), function.exact(x)) <= 1);
      if (!std::isnan(expected)) CHECK(std::signbit(function.f64(x)) == std::signbit(expected));
      const auto y = static_cast<float>(x);
      const auto expected_float = static_cast<float>(function.exact(y));
      CHECK(UlpError(function.f32(y), function.exact(y)) <= 1);
      if (!std::isnan(expected_float)) {
        CHECK(std::signbit(function.f32(y)) == std::signbit(expected_float));
      }
    }
  }
}

TEST_CASE("circular functions reduce huge arguments exactly") {
  // The double nearest to a multiple of pi / 2.
  const double worst_case = 6381956970095103.0 * std::ldexp(1.0, 797);
  CHECK(math::Cos(worst_case) == Approx(-4.68716592425462761112e-19).epsilon(1e-14).scale(0));
  CHECK(math::Sin(1e22) == Approx(-0.8522008497671888017727).epsilon(1e-15));
  CHECK(math::Sin(1e10F) == Approx(-0.48750602508751069).epsilon(1e-6));
}

template <typename T>
void CheckPower(T x, T y) {
  const long double expected = std::pow(static_cast<long double>(x), static_cast<long double>(y));
  const T found = math::Pow(x, y);
  INFO(x << " to the " << y << " gave " << found);
  REQUIRE(UlpError(found, expected) <= 2);
  if (expected == expected) REQUIRE(std::signbit(found) == std::signbit(expected));
}

TEST_CASE("powers are within 2 ULP and have C's special values") {
  const double specials[] = {
      0.0,   -0.0,  1,   -1,       2,         -2,
      3,     -3,    0.5, -0.5,     1.5,       1e30,
      -1e30, 1e-30, 1e8, HUGE_VAL, -HUGE_VAL, std::numeric_limits<double>::quiet_NaN()};
  for (const double x : specials) {
    for (const double y : specials) {
      CheckPower(x, y);
      CheckPower(static_cast<float>(x), static_cast<float>(y));
    }
  }
  std::mt19937_64 random(3);
  for (int i = 0; i < 20000; ++i) {
    const double x = std::ldexp(static_cast<double>(random()), -60);
    const double y = std::ldexp(static_cast<double>(static_cast<int64_t>(random())), -57);
    CheckPower(x, y);
    CheckPower(static_cast<float>(x), static_cast<float>(y));
  }
}

template <typename T, typename Bits>
void CheckExactFunctions(uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto same = [](T a, T b) { return BitsOf(a) == BitsOf(b) || (a != a && b != b); };
  for (int i = 0; i < 50000; ++i) {
    const T x = __builtin_bit_cast(T, static_cast<Bits>(random()));
    T y = __builtin_bit_cast(T, static_cast<Bits>(random()));
    if (i % 2 == 0) y = x / static_cast<T>(1 + random() % 1000);
    INFO(x << " and " << y);
    REQUIRE(same(math::Remainder(x, y), std::fmod(x, y)));
    const T quarters = static_cast<T>(static_cast<int64_t>(random() % 4001) - 2000) / 4;
    for (const T value : {x, quarters}) {
      REQUIRE(same(math::RoundEven(value), std::nearbyint(value)));
      REQUIRE(same(math::Floor(value), std::floor(value)));
      REQUIRE(same(math::Ceil(value), std::ceil(value)));
      REQUIRE(same(math::Trunc(value), std::trunc(value)));
    }
  }
}

TEST_CASE("remainders and roundings are exact to the bit") {
  CheckExactFunctions<float, uint32_t>(1);
  CheckExactFunctions<double, uint64_t>(2);
}

}  // namespace
}  // namespace stint
