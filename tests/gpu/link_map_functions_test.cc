// The Map functions of GPU kernels, compiled as C++: elementary functions against double, all
// others bit by bit against the functions of the CPU.
#include <sys/types.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <random>
#include <type_traits>
#include <vector>

#include "runtime/base/float_formats.h"
#include "runtime/ops/map/convert.h"
#include "runtime/ops/map/functions.h"

namespace stint::gpu_functions {

using ::uint;
using std::ceil;
using std::floor;
using std::fma;
using std::sqrt;
using std::trunc;
inline float roundEven(float x) { return std::nearbyint(x); }

#define BITS_OF(value) __builtin_bit_cast(uint32_t, value)
#define FLOAT_OF(bits) __builtin_bit_cast(float, static_cast<uint32_t>(bits))
#define TO_FLOAT(value) static_cast<float>(value)
#define TO_INT(value) static_cast<int32_t>(value)
#define TO_UINT(value) static_cast<uint32_t>(value)
#define PRECISE
#include "backends/gpu/kernels/map_functions.glsl"

}  // namespace stint::gpu_functions

namespace stint {

namespace {

namespace gpu = gpu_functions;

// How far `found` is from `expected`, in units of the last place of the latter as a float.
double Ulps(float found, double expected) {
  const auto nearest = static_cast<float>(expected);
  if (std::isnan(found) && std::isnan(expected)) return 0;
  if (found == nearest) return 0;
  if (!std::isfinite(found) || !std::isfinite(nearest)) {
    // Where the exact value is within a hair of overflow, either side is right.
    return std::abs(expected) > 3.4028230e38 && std::abs(found) > 3.4028230e38 ? 1 : 1e30;
  }
  const int exponent = std::max(std::ilogb(nearest == 0 ? 1e-44f : nearest), -126);
  return std::abs(found - expected) / std::ldexp(1.0, exponent - 23);
}

// All exponents, evenly within each, and what lies near `around`.
std::vector<float> Samples(float low, float high) {
  std::vector<float> samples = {0.0f,       -0.0f,          1.0f,     -1.0f,     0.5f,   -0.5f,
                                2.0f,       -2.0f,          INFINITY, -INFINITY, NAN,    3.4e38f,
                                -3.4e38f,   1.1754944e-38f, 1e-45f,   -1e-45f,   1e-40f, 88.72283f,
                                -87.33654f, 104.0f,         -104.0f};
  std::mt19937_64 random(1);
  for (int i = 0; i < 200000; ++i)
    samples.push_back(FloatFromBits(static_cast<uint32_t>(random())));
  std::uniform_real_distribution<float> inside(low, high);
  for (int i = 0; i < 200000; ++i) samples.push_back(inside(random));
  return samples;
}

struct Worst {
  double ulps = 0;
  float x = 0;
  float y = 0;
  void Take(double found, float at, float second = 0) {
    if (!(found > ulps)) return;
    ulps = found;
    x = at;
    y = second;
  }
};

struct Unary {
  const char* name;
  float (*function)(float);
  double (*exact)(double);
  float low;
  float high;
  double allowed;  // Units of the last place.
};

const Unary kUnary[] = {
    {"exp", gpu::f32_exp, std::exp, -105, 90, 2},
    {"expm1", gpu::f32_expm1, std::expm1, -2, 2, 3},
    {"log", gpu::f32_log, std::log, 0.5f, 2, 2},
    {"log1p", gpu::f32_log1p, std::log1p, -1, 2, 3},
    {"sin", gpu::f32_sin, std::sin, -5000, 5000, 3},
    {"cos", gpu::f32_cos, std::cos, -5000, 5000, 3},
    {"tan", gpu::f32_tan, std::tan, -5000, 5000, 4},
    {"asin", gpu::f32_asin, std::asin, -1, 1, 3},
    {"acos", gpu::f32_acos, std::acos, -1, 1, 3},
    {"atan", gpu::f32_atan, std::atan, -3, 3, 3},
    {"sinh", gpu::f32_sinh, std::sinh, -3, 3, 4},
    {"cosh", gpu::f32_cosh, std::cosh, -90, 90, 4},
    {"tanh", gpu::f32_tanh, std::tanh, -3, 3, 3},
    {"asinh", gpu::f32_asinh, std::asinh, -3, 3, 4},
    {"acosh", gpu::f32_acosh, std::acosh, 1, 3, 4},
    {"atanh", gpu::f32_atanh, std::atanh, -1, 1, 4},
    {"erf", gpu::f32_erf, std::erf, -4, 4, 3},
    {"sqrt", gpu::f32_sqrt, std::sqrt, 0, 4, 1},
};

TEST_CASE("GPU functions of floats are near the exact values", "[gpu][functions]") {
  for (const Unary& unary : kUnary) {
    Worst worst;
    for (const float x : Samples(unary.low, unary.high)) {
      worst.Take(Ulps(unary.function(x), unary.exact(x)), x);
    }
    INFO(unary.name << " at " << worst.x << " is " << worst.ulps << " ULP off: found "
                    << unary.function(worst.x) << ", exact " << unary.exact(worst.x));
    CHECK(worst.ulps <= unary.allowed);
  }
}

TEST_CASE("GPU functions of floats keep the sign of zeros", "[gpu][functions]") {
  for (const Unary& unary : kUnary) {
    if (unary.exact(0.0) != 0) continue;
    INFO(unary.name);
    CHECK(BitsOf(unary.function(-0.0f)) == 0x80000000u);
    CHECK(BitsOf(unary.function(0.0f)) == 0);
  }
}

TEST_CASE("GPU pow is near the exact value", "[gpu][functions]") {
  std::mt19937_64 random(2);
  std::uniform_real_distribution<float> base(0, 5);
  std::uniform_real_distribution<float> exponent(-60, 60);
  const float specials[] = {0.0f,   -0.0f,  1,        -1,        2,    -2,
                            3,      -3,     0.5f,     -0.5f,     1.5f, 1e30f,
                            -1e30f, 1e-40f, INFINITY, -INFINITY, NAN,  16777217.0f};
  Worst worst;
  const auto check = [&](float x, float y) {
    worst.Take(Ulps(gpu::f32_pow(x, y), std::pow(double{x}, double{y})), x, y);
  };
  for (const float x : specials) {
    for (const float y : specials) check(x, y);
  }
  for (int i = 0; i < 400000; ++i) {
    check(base(random), exponent(random));
    check(FloatFromBits(static_cast<uint32_t>(random())), exponent(random) / 30);
    check(1 + exponent(random) / 1e4f, exponent(random) * 300);
    check(base(random), std::round(exponent(random)));
    check(-base(random), std::round(exponent(random)));
  }
  INFO(worst.x << " ^ " << worst.y << " is " << worst.ulps << " ULP off");
  CHECK(worst.ulps <= 3);
}

template <typename T>
std::vector<T> Operands() {
  std::vector<T> operands;
  std::mt19937_64 random(3);
  if constexpr (std::is_same_v<T, bool>) {
    operands = {false, true};
  } else if constexpr (std::is_same_v<T, float>) {
    operands = Samples(-10, 10);
    operands.resize(600);
    for (const double x : {2147483648.0, 2147483520.0, 4294967296.0, 4294967040.0, 9.3e18, 3e9,
                           65504.0, 65520.0, 6e-8, 2.5, 255.5, 1e10}) {
      operands.push_back(static_cast<float>(x));
      operands.push_back(static_cast<float>(-x));
    }
  } else {
    for (int i = 0; i < 300; ++i) operands.push_back(static_cast<T>(random() >> (random() % 64)));
    for (int i = 0; i < 34; ++i) operands.push_back(static_cast<T>(i));
    for (int i = 1; i < 34; ++i) operands.push_back(static_cast<T>(-i));
    operands.push_back(std::numeric_limits<T>::min());
    operands.push_back(std::numeric_limits<T>::max());
  }
  return operands;
}

// Bits, but that all NaNs are one.
template <typename T>
uint64_t Key(T value) {
  if constexpr (std::is_same_v<T, float>) {
    return value != value ? 0x7fc00000u : BitsOf(value);
  } else {
    return static_cast<uint64_t>(value);
  }
}

template <typename T, typename Found, typename Expected>
void CheckUnary(const char* name, Found found, Expected expected) {
  INFO(name);
  int wrong = 0;
  for (const T a : Operands<T>()) wrong += Key(found(a)) != Key(expected(a)) ? 1 : 0;
  CHECK(wrong == 0);
}
template <typename T, typename Found, typename Expected>
void CheckBinary(const char* name, Found found, Expected expected) {
  INFO(name);
  const std::vector<T> operands = Operands<T>();
  int wrong = 0;
  for (const T a : operands) {
    for (const T b : operands) wrong += Key(found(a, b)) != Key(expected(a, b)) ? 1 : 0;
  }
  CHECK(wrong == 0);
}

#define CHECK_UNARY(Opcode, T, name) \
  CheckUnary<T>(#name, gpu::name,    \
                [](T a) { return map_functions::Function<MapOpcode::k##Opcode>::Of(a); });
#define CHECK_BINARY(Opcode, T, name)                               \
  CheckBinary<T>(#name, gpu::name, [](T a, T b) {                   \
    return map_functions::Function<MapOpcode::k##Opcode>::Of(a, b); \
  });
#define CHECK_FOR_ALL_NUMBERS(CHECK_ARITY, Opcode, text) \
  CHECK_ARITY(Opcode, float, f32_##text)                 \
  CHECK_ARITY(Opcode, int32_t, i32_##text)               \
  CHECK_ARITY(Opcode, uint32_t, u32_##text)
#define CHECK_FOR_INTEGERS(CHECK_ARITY, Opcode, text) \
  CHECK_ARITY(Opcode, int32_t, i32_##text)            \
  CHECK_ARITY(Opcode, uint32_t, u32_##text)

TEST_CASE("GPU functions are those of the CPU: arithmetic", "[gpu][functions]"){
    CHECK_FOR_ALL_NUMBERS(CHECK_BINARY, Add, add) CHECK_FOR_ALL_NUMBERS(CHECK_BINARY, Sub, sub)
        CHECK_FOR_ALL_NUMBERS(CHECK_BINARY, Mul, mul) CHECK_FOR_ALL_NUMBERS(CHECK_BINARY, Div, div)
            CHECK_FOR_ALL_NUMBERS(CHECK_BINARY, Mod, mod)
                CHECK_FOR_ALL_NUMBERS(CHECK_BINARY, Rem, rem)
                    CHECK_FOR_ALL_NUMBERS(CHECK_BINARY, Min, min)
                        CHECK_FOR_ALL_NUMBERS(CHECK_BINARY, Max, max)
                            CHECK_FOR_ALL_NUMBERS(CHECK_UNARY, Neg, neg)
                                CHECK_FOR_ALL_NUMBERS(CHECK_UNARY, Abs, abs)
                                    CHECK_FOR_ALL_NUMBERS(CHECK_UNARY, Sign, sign)
                                        CHECK_UNARY(Reciprocal, float, f32_rcp)
                                            CHECK_UNARY(Floor, float, f32_floor)
                                                CHECK_UNARY(Ceil, float, f32_ceil)
                                                    CHECK_UNARY(Trunc, float, f32_trunc)
                                                        CHECK_UNARY(RoundEven, float, f32_rne)}

TEST_CASE("GPU functions are those of the CPU: integers", "[gpu][functions]"){
    CHECK_FOR_INTEGERS(CHECK_BINARY, Pow, pow) CHECK_FOR_INTEGERS(CHECK_BINARY, ShiftLeft, shl)
        CHECK_FOR_INTEGERS(CHECK_BINARY, ShiftRight, shr) CHECK_FOR_INTEGERS(CHECK_BINARY, And, and)
            CHECK_FOR_INTEGERS(CHECK_BINARY, Or, or) CHECK_FOR_INTEGERS(CHECK_BINARY, Xor, xor)
                CHECK_FOR_INTEGERS(CHECK_UNARY, Not, not)
                    CHECK_FOR_INTEGERS(CHECK_UNARY, Wrap8, wrap8)
                        CHECK_FOR_INTEGERS(CHECK_UNARY, Wrap16, wrap16)
                            CHECK_BINARY(And, bool, bool_and) CHECK_BINARY(Or, bool, bool_or)
                                CHECK_BINARY(Xor, bool, bool_xor) CHECK_UNARY(Not, bool, bool_not)}

TEST_CASE("GPU functions are those of the CPU: comparisons", "[gpu][functions]"){
    CHECK_FOR_ALL_NUMBERS(CHECK_BINARY, Less, lt) CHECK_FOR_ALL_NUMBERS(CHECK_BINARY, LessEqual, le)
        CHECK_FOR_ALL_NUMBERS(CHECK_BINARY, Equal, eq)
            CHECK_FOR_ALL_NUMBERS(CHECK_BINARY, NotEqual, ne)
                CHECK_FOR_ALL_NUMBERS(CHECK_BINARY, Greater, gt)
                    CHECK_FOR_ALL_NUMBERS(CHECK_BINARY, GreaterEqual, ge)
                        CHECK_BINARY(Equal, bool, bool_eq) CHECK_BINARY(NotEqual, bool, bool_ne)
                            CHECK_UNARY(IsNan, float, f32_isnan)
                                CHECK_UNARY(IsPositiveInfinity, float, f32_isinfp)
                                    CHECK_UNARY(IsNegativeInfinity, float, f32_isinfn)}
#define CHECK_CONVERSION(To, From, name, rule) \
  CheckUnary<From>(#name, gpu::name, [](From a) { return ConvertValue<To, ConvertRule::rule>(a); });

TEST_CASE("GPU functions are those of the CPU: conversions", "[gpu][functions]"){
    CHECK_CONVERSION(float, int32_t, f32_from_i32, kCast) CHECK_CONVERSION(float, uint32_t,
                                                                           f32_from_u32, kCast)
        CHECK_CONVERSION(float, bool, f32_from_bool, kCast) CHECK_CONVERSION(int32_t, float,
                                                                             i32_from_f32, kCast)
            CHECK_CONVERSION(int32_t, uint32_t, i32_from_u32,
                             kCast) CHECK_CONVERSION(int32_t, bool, i32_from_bool, kCast)
                CHECK_CONVERSION(uint32_t, float, u32_from_f32,
                                 kCast) CHECK_CONVERSION(uint32_t, int32_t, u32_from_i32, kCast)
                    CHECK_CONVERSION(uint32_t, bool, u32_from_bool,
                                     kCast) CHECK_CONVERSION(bool, float, bool_from_f32, kCast)
                        CHECK_CONVERSION(bool, int32_t, bool_from_i32, kCast)
                            CHECK_CONVERSION(bool, uint32_t, bool_from_u32, kCast)
                                CHECK_CONVERSION(int32_t, float, i32_saturated_from_f32, kSaturate)
                                    CHECK_CONVERSION(int32_t, uint32_t, i32_saturated_from_u32,
                                                     kSaturate)
                                        CHECK_CONVERSION(uint32_t, float, u32_saturated_from_f32,
                                                         kSaturate)
                                            CHECK_CONVERSION(uint32_t, int32_t,
                                                             u32_saturated_from_i32, kSaturate)}

#define CHECK_NARROWING(dtype, name)                                        \
  CheckUnary<int32_t>(#name, gpu::name, [](int32_t a) {                     \
    return int32_t{StoreElement<DType::dtype>(a, MapStoreMode::kSaturate)}; \
  });

TEST_CASE("GPU functions are those of the CPU: elements", "[gpu][functions]") {
  CHECK_NARROWING(kInt8, int8_saturated)
  CHECK_NARROWING(kUInt8, uint8_saturated)
  CHECK_NARROWING(kInt16, int16_saturated)
  CHECK_NARROWING(kUInt16, uint16_saturated)
  CheckUnary<float>("float16_from_f32", gpu::float16_from_f32,
                    [](float x) { return FloatToHalf(x); });
  CheckUnary<float>("bfloat16_from_f32", gpu::bfloat16_from_f32,
                    [](float x) { return FloatToBFloat16(x); });
  // From integers there is one rounding.
  CheckUnary<int32_t>(
      "bfloat16 of i32", [](int32_t x) { return gpu::bfloat16_from_f32(gpu::f32_odd_from_i32(x)); },
      [](int32_t x) { return FloatToBFloat16(RoundToOdd(x)); });
  CheckUnary<uint32_t>(
      "float16 of u32", [](uint32_t x) { return gpu::float16_from_f32(gpu::f32_odd_from_u32(x)); },
      [](uint32_t x) { return FloatToHalf(RoundToOdd(x)); });
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    if (Key(gpu::f32_from_float16(bits)) != Key(HalfToFloat(half))) FAIL("float16 " << bits);
    if (Key(gpu::f32_from_bfloat16(bits)) != Key(BFloat16ToFloat(half))) FAIL("bfloat16 " << bits);
  }
}

}  // namespace

}  // namespace stint
