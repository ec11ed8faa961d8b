// The narrow float formats, against tables made from their definition: the value of every code, and
// for conversions the nearest code by distance, ties to the even code.
#include "runtime/base/float_formats.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace stint {
namespace {

// The value of code `code` (without sign) by the definition of a format with subnormals.
double ValueOf(int code, int mantissa, int bias) {
  const int exponent = code >> mantissa;
  const int fraction = code & ((1 << mantissa) - 1);
  if (exponent == 0) return std::ldexp(fraction, 1 - bias - mantissa);
  return std::ldexp(fraction + (1 << mantissa), exponent - bias - mantissa);
}

// The code nearest to `magnitude`, ties to even, as if the format went on beyond `largest`.
int NearestCode(double magnitude, int mantissa, int bias, int largest) {
  if (magnitude >= ValueOf(largest + 1, mantissa, bias)) return largest + 1;
  int low = 0;
  int high = largest + 1;
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    (ValueOf(middle, mantissa, bias) <= magnitude ? low : high) = middle;
  }
  const double below = magnitude - ValueOf(low, mantissa, bias);
  const double above = ValueOf(high, mantissa, bias) - magnitude;
  if (below == above) return low % 2 == 0 ? low : high;
  return below < above ? low : high;
}

// Floats of all magnitudes, and around the places where rounding decides.
std::vector<float> Samples(int mantissa, int bias, int largest) {
  std::vector<float> samples = {0.0F, 1e-45F, std::numeric_limits<float>::max(), 1e30F};
  const int step = largest > 1000 ? 7 : 1;
  for (int code = 0; code <= largest; code += step) {
    const auto value = static_cast<float>(ValueOf(code, mantissa, bias));
    const auto next = static_cast<float>(ValueOf(code + 1, mantissa, bias));
    const float middle = value + (next - value) / 2;
    for (const float sample : {value, middle}) {
      samples.push_back(sample);
      samples.push_back(std::nextafter(sample, 0.0F));
      samples.push_back(std::nextafter(sample, std::numeric_limits<float>::infinity()));
    }
  }
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    const float sample = std::abs(FloatFromBits(static_cast<uint32_t>(random())));
    if (std::isfinite(sample)) samples.push_back(sample);
  }
  return samples;
}

TEST_CASE("every half has its value, and converts back to itself") {
  for (int code = 0; code < 0x7c00; ++code) {
    const float value = HalfToFloat(static_cast<uint16_t>(code));
    REQUIRE(value == ValueOf(code, 10, 15));
    REQUIRE(FloatToHalf(value) == code);
    REQUIRE(HalfToFloat(static_cast<uint16_t>(code | 0x8000)) == -value);
    REQUIRE(FloatToHalf(-value) == (code | 0x8000));
  }
  CHECK(HalfToFloat(0x7c00) == std::numeric_limits<float>::infinity());
  CHECK(HalfToFloat(0xfc00) == -std::numeric_limits<float>::infinity());
  CHECK(std::isnan(HalfToFloat(0x7c01)));
  CHECK(std::isnan(HalfToFloat(0xfe00)));
}

TEST_CASE("floats round to the nearest half, ties to even, and overflow to infinity") {
  for (const float sample : Samples(10, 15, 0x7bff)) {
    const int code = NearestCode(sample, 10, 15, 0x7bff);
    REQUIRE(FloatToHalf(sample) == code);
    REQUIRE(FloatToHalf(-sample) == (code | 0x8000));
  }
  CHECK(FloatToHalf(65519.0F) == 0x7bff);
  CHECK(FloatToHalf(65520.0F) == 0x7c00);
  CHECK(FloatToHalf(std::numeric_limits<float>::infinity()) == 0x7c00);
  CHECK((FloatToHalf(std::numeric_limits<float>::quiet_NaN()) & 0x7fff) > 0x7c00);
}

TEST_CASE("floats round to the nearest bfloat16, ties to even") {
  for (const float sample : Samples(7, 127, 0x7f7f)) {
    REQUIRE(FloatToBFloat16(sample) == NearestCode(sample, 7, 127, 0x7f7f));
  }
  for (int code = 0; code <= 0x7f7f; ++code) {
    REQUIRE(BFloat16ToFloat(static_cast<uint16_t>(code)) == ValueOf(code, 7, 127));
  }
  CHECK(FloatToBFloat16(std::numeric_limits<float>::infinity()) == 0x7f80);
  // A NaN whose payload lies in the bits that are cut off stays a NaN.
  CHECK((FloatToBFloat16(FloatFromBits(0x7f800001)) & 0x7fff) > 0x7f80);
}

struct Float8Case {
  const char* name;
  const Float8Format& format;
  double largest;
  int beyond;  // What overflow gives without saturation.
};

TEST_CASE("float8: values, rounding, overflow, saturation and NaN of the four formats") {
  const Float8Case cases[] = {{"e4m3fn", kE4M3FN, 448, 0x7f},
                              {"e4m3fnuz", kE4M3FNUZ, 240, 0x80},
                              {"e5m2", kE5M2, 57344, 0x7c},
                              {"e5m2fnuz", kE5M2FNUZ, 57344, 0x80}};
  for (const Float8Case& it : cases) {
    INFO(it.name);
    const Float8Format& format = it.format;
    CHECK(Float8ToFloat(format.largest, format) == it.largest);
    for (int code = 0; code <= format.largest; ++code) {
      const double value = ValueOf(code, format.mantissa, format.bias);
      REQUIRE(Float8ToFloat(static_cast<uint8_t>(code), format) == value);
      if (code != 0) REQUIRE(Float8ToFloat(static_cast<uint8_t>(code | 0x80), format) == -value);
    }
    for (const float sample : Samples(format.mantissa, format.bias, format.largest)) {
      const int nearest = NearestCode(sample, format.mantissa, format.bias, format.largest);
      const bool overflows = nearest > format.largest;
      REQUIRE(FloatToFloat8(sample, format, true) == (overflows ? format.largest : nearest));
      REQUIRE(FloatToFloat8(sample, format, false) == (overflows ? it.beyond : nearest));
    }
    const float infinity = std::numeric_limits<float>::infinity();
    CHECK(FloatToFloat8(infinity, format, true) == format.largest);
    CHECK(FloatToFloat8(-infinity, format, true) == (format.largest | 0x80));
    CHECK(FloatToFloat8(infinity, format, false) == it.beyond);
    const float nan = std::numeric_limits<float>::quiet_NaN();
    CHECK(std::isnan(Float8ToFloat(FloatToFloat8(nan, format, true), format)));
  }
}

TEST_CASE("float8: only E5M2 has infinities, only the FNUZ formats have no negative zero") {
  CHECK(std::isinf(Float8ToFloat(0x7c, kE5M2)));
  CHECK(std::isnan(Float8ToFloat(0x7d, kE5M2)));
  CHECK(std::isnan(Float8ToFloat(0x7f, kE4M3FN)));
  CHECK(std::isnan(Float8ToFloat(0x80, kE4M3FNUZ)));
  CHECK(std::isnan(Float8ToFloat(0x80, kE5M2FNUZ)));
  CHECK(FloatToFloat8(-0.0F, kE4M3FN, true) == 0x80);
  CHECK(FloatToFloat8(-0.0F, kE5M2, true) == 0x80);
  CHECK(FloatToFloat8(-0.0F, kE4M3FNUZ, true) == 0);
  CHECK(FloatToFloat8(-1e-30F, kE5M2FNUZ, true) == 0);
}

TEST_CASE("float4: nearest of eight magnitudes, ties to the even code, always saturating") {
  const float values[] = {0, 0.5F, 1, 1.5F, 2, 3, 4, 6};
  for (int code = 0; code < 8; ++code) {
    CHECK(Float4ToFloat(static_cast<uint8_t>(code)) == values[code]);
    CHECK(Float4ToFloat(static_cast<uint8_t>(code | 8)) == -values[code]);
    CHECK(FloatToFloat4(values[code]) == code);
  }
  CHECK(FloatToFloat4(0.25F) == 0);
  CHECK(FloatToFloat4(0.75F) == 2);
  CHECK(FloatToFloat4(1.25F) == 2);
  CHECK(FloatToFloat4(1.75F) == 4);
  CHECK(FloatToFloat4(2.5F) == 4);
  CHECK(FloatToFloat4(3.5F) == 6);
  CHECK(FloatToFloat4(5.0F) == 6);
  CHECK(FloatToFloat4(std::nextafter(5.0F, 6.0F)) == 7);
  CHECK(FloatToFloat4(std::numeric_limits<float>::infinity()) == 7);
  CHECK(FloatToFloat4(-1e9F) == 15);
  CHECK(FloatToFloat4(std::numeric_limits<float>::quiet_NaN()) == 0);
}

TEST_CASE("float8e8m0: the three roundings, zero, overflow and NaN") {
  using enum E8M0Rounding;
  for (int code = 0; code < 255; ++code) {
    const float value = E8M0ToFloat(static_cast<uint8_t>(code));
    REQUIRE(value == std::ldexp(1.0, code - 127));
    REQUIRE(FloatToE8M0(value, kDown, true) == code);
  }
  CHECK(std::isnan(E8M0ToFloat(255)));
  CHECK(FloatToE8M0(1.1F, kUp, true) == 128);
  CHECK(FloatToE8M0(1.9F, kDown, true) == 127);
  CHECK(FloatToE8M0(1.4F, kNearest, true) == 127);
  CHECK(FloatToE8M0(1.5F, kNearest, true) == 128);
  CHECK(FloatToE8M0(0.0F, kNearest, true) == 0);
  CHECK(FloatToE8M0(std::numeric_limits<float>::max(), kUp, true) == 254);
  CHECK(FloatToE8M0(std::numeric_limits<float>::max(), kUp, false) == 255);
  CHECK(FloatToE8M0(std::numeric_limits<float>::quiet_NaN(), kUp, true) == 255);
}

TEST_CASE("rounding to odd and then to half is one rounding of the double") {
  std::mt19937_64 random(7);
  for (int i = 0; i < 50000; ++i) {
    // Close to the middle between two halves, where two roundings go wrong.
    const int code = static_cast<int>(random() % 0x7bff);
    const double low = ValueOf(code, 10, 15);
    const double middle = low + (ValueOf(code + 1, 10, 15) - low) / 2;
    const int away = static_cast<int>(random() % 3) - 1;
    const double sample = middle * (1 + away * std::ldexp(1.0, -50));
    REQUIRE(FloatToHalf(RoundToOdd(sample)) == NearestCode(sample, 10, 15, 0x7bff));
  }
  CHECK(RoundToOdd(1e300) == std::numeric_limits<float>::max());
  CHECK(RoundToOdd(1.5) == 1.5F);
  CHECK(RoundToOdd(-std::numeric_limits<double>::infinity()) ==
        -std::numeric_limits<float>::infinity());
  CHECK(std::isnan(RoundToOdd(std::numeric_limits<double>::quiet_NaN())));
}

}  // namespace
}  // namespace stint
