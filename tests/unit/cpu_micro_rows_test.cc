// Kernels of rows (backends/cpu/micro/rows.h) against sums in double: every length up to a few
// vectors and one of several blocks, nothing outside touched, NaN and infinities, stated errors.
#include "backends/cpu/micro/rows.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>

#include "backends/cpu/micro/tiles.h"
#include "tests/unit/cpu_micro_testing.h"

namespace stint::testing {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<size_t> Lengths() {
  std::vector<size_t> lengths = {10007};
  for (size_t count = 1; count <= 70; ++count) lengths.push_back(count);
  return lengths;
}

// In units in the last place of a float at `expected`, which is normal.
double Ulps(float found, double expected) {
  int exponent = 0;
  std::frexp(expected, &exponent);
  return std::abs(static_cast<double>(found) - expected) / std::ldexp(1.0, exponent - 24);
}

double ExactSum(const std::vector<float>& x, float largest) {
  double sum = 0;
  for (const float value : x) sum += std::exp(static_cast<double>(value) - largest);
  return sum;
}

}  // namespace

TEST_CASE("Powers and their sums of rows are within their errors", "[cpu][micro]") {
  for (const cpu::Isa isa : MicroIsas()) {
    const cpu::RowKernels& rows = *cpu::NhwcKernelsFor(isa).rows;
    for (const size_t count : Lengths()) {
      std::vector<float> values = RandomVector(count, static_cast<uint32_t>(count));
      for (float& value : values) value *= 40;
      const GuardedFloats x(values);
      const GuardedFloats y(count);
      const float largest = rows.largest(x.data(), static_cast<int64_t>(count));
      CHECK(largest == *std::max_element(values.begin(), values.end()));
      const float sum = rows.exp_sum(x.data(), static_cast<int64_t>(count), largest, y.data());
      CHECK(Ulps(sum, ExactSum(values, largest)) < 3);
      CHECK(sum == rows.exp_sum(x.data(), static_cast<int64_t>(count), largest, nullptr));
      double worst = 0;
      for (size_t i = 0; i < count; ++i) {
        // The difference is rounded before the kernel sees it.
        const float shifted = values[i] - largest;
        worst = std::max(worst, Ulps(y.values()[i], std::exp(static_cast<double>(shifted))));
      }
      CHECK(worst < 2);
      CHECK((x.Intact() && y.Intact()));
    }
  }
}

TEST_CASE("Moments of rows keep what the mean's rounding lost", "[cpu][micro]") {
  for (const cpu::Isa isa : MicroIsas()) {
    const cpu::RowKernels& rows = *cpu::NhwcKernelsFor(isa).rows;
    for (const size_t count : Lengths()) {
      std::vector<float> values = RandomVector(count, static_cast<uint32_t>(count));
      for (float& value : values) value += 300.0f;
      const GuardedFloats x(values);
      double sum = 0;
      for (const float value : values) sum += value;
      const double mean = sum / static_cast<double>(count);
      double squares = 0;
      for (const float value : values) squares += (value - mean) * (value - mean);
      cpu::RowMoments moments;
      rows.moments(x.data(), static_cast<int64_t>(count), true, &moments);
      const double found = static_cast<double>(moments.mean) + static_cast<double>(moments.rest);
      CHECK(std::abs(found - mean) < 1e-6);
      CHECK(std::abs(moments.variance - squares / static_cast<double>(count)) < 1e-6);
      rows.moments(x.data(), static_cast<int64_t>(count), false, &moments);
      CHECK((moments.mean == 0.0f && moments.rest == 0.0f));
      CHECK(ErrorOf(moments.variance, squares / static_cast<double>(count) + mean * mean) < 1e-6);
      rows.standardize(x.data(), static_cast<int64_t>(count), {300.0f, 0.25f, 0}, 2.0f, x.data());
      CHECK(x.values().back() == ((values.back() - 300.0f) - 0.25f) * 2.0f);
      CHECK(x.Intact());
    }
  }
}

TEST_CASE("Rows are scaled and lowered in place", "[cpu][micro]") {
  for (const cpu::Isa isa : MicroIsas()) {
    const cpu::RowKernels& rows = *cpu::NhwcKernelsFor(isa).rows;
    for (const size_t count : Lengths()) {
      const std::vector<float> values = RandomVector(count, 3);
      const GuardedFloats scaled(values);
      const GuardedFloats lowered(values);
      rows.scale(scaled.data(), static_cast<int64_t>(count), 0.3f, scaled.data());
      rows.lower(lowered.data(), static_cast<int64_t>(count), 0.7f, 2.1f, lowered.data());
      bool equal = true;
      for (size_t i = 0; i < count; ++i) {
        equal = equal && scaled.values()[i] == values[i] * 0.3f &&
                lowered.values()[i] == (values[i] - 0.7f) - 2.1f;
      }
      CHECK(equal);
      CHECK((scaled.Intact() && lowered.Intact()));
    }
  }
}

TEST_CASE("Rows with NaN, infinities and what a mask left out", "[cpu][micro]") {
  for (const cpu::Isa isa : MicroIsas()) {
    const cpu::RowKernels& rows = *cpu::NhwcKernelsFor(isa).rows;
    for (const size_t count : {1, 5, 16, 23, 65, 4099}) {
      const auto length = static_cast<int64_t>(count);
      for (const size_t place : {size_t{0}, count / 2, count - 1}) {
        std::vector<float> values = RandomVector(count, 5);
        values[place] = kNan;
        CHECK(std::isnan(rows.largest(values.data(), length)));
        CHECK(std::isnan(rows.exp_sum(values.data(), length, 1.0f, nullptr)));
        values.assign(count, -kInfinity);
        CHECK(rows.largest(values.data(), length) == -kInfinity);
        CHECK(std::isnan(rows.exp_sum(values.data(), length, -kInfinity, nullptr)));
        values[place] = -3.0f;
        std::vector<float> powers(count);
        CHECK(rows.largest(values.data(), length) == -3.0f);
        CHECK(rows.exp_sum(values.data(), length, -3.0f, powers.data()) == 1.0f);
        CHECK(std::count(powers.begin(), powers.end(), 0.0f) == length - 1);
      }
    }
  }
}

}  // namespace stint::testing
