// Map programs: what the verifier refuses, what opcodes and conversions mean.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "runtime/ops/map/build_map.h"
#include "runtime/ops/map/opcode_table.h"
#include "tests/unit/map_testing.h"

namespace stint {
namespace {

using testing::Buffers;
using testing::DTypeOf;
using testing::RunOverVector;
using testing::Sum;

// The verifier's message after `damage`.
template <typename Damage>
std::string MessageAfter(Damage&& damage) {
  MapProgram program = Sum();
  damage(program);
  const Status status = VerifyMap(program, "epilogue");
  CHECK(status.code() == Code::kInvalid);
  CHECK(std::string(status.where()).starts_with("epilogue"));
  return status.message();
}

TEST_CASE("the verifier accepts a sum and refuses every damage to it") {
  REQUIRE(VerifyMap(Sum(), "epilogue").ok());
  using P = MapProgram&;
  CHECK_THAT(MessageAfter([](P p) { p.instruction_count = 0; }), Catch::Contains("0 instructions"));
  CHECK_THAT(MessageAfter([](P p) { p.instruction_count = 65; }),
             Catch::Contains("65 instructions"));
  CHECK_THAT(MessageAfter([](P p) { p.input_count = 17; }), Catch::Contains("17 inputs"));
  CHECK_THAT(MessageAfter([](P p) { p.output_count = 0; }), Catch::Contains("0 outputs"));
  CHECK_THAT(MessageAfter([](P p) { p.output_count = 5; }), Catch::Contains("5 outputs"));
  CHECK_THAT(MessageAfter([](P p) { p.constant_count = 33; }), Catch::Contains("33 constants"));
  CHECK_THAT(MessageAfter([](P p) { p.instructions[9].a = 1; }), Catch::Contains("beyond"));
  CHECK_THAT(MessageAfter([](P p) { p.constants[0] = 1; }), Catch::Contains("beyond"));
  CHECK_THAT(MessageAfter([](P p) { p.inputs[5] = DType::kBool; }), Catch::Contains("beyond"));
  CHECK_THAT(MessageAfter([](P p) { p.inputs[0] = DType::kNone; }),
             Catch::Contains("element type"));
  CHECK_THAT(MessageAfter([](P p) { p.inputs[0] = static_cast<DType>(200); }),
             Catch::Contains("element type 200"));
  CHECK_THAT(MessageAfter([](P p) { p.outputs[0] = DType::kComplex64; }),
             Catch::Contains("of an output"));
  CHECK_THAT(MessageAfter([](P p) { p.instructions[2].opcode = static_cast<MapOpcode>(9); }),
             Catch::Contains("opcode 9"));
  CHECK_THAT(MessageAfter([](P p) { p.instructions[2].opcode = static_cast<MapOpcode>(255); }),
             Catch::Contains("opcode 255"));
  CHECK_THAT(MessageAfter([](P p) { p.instructions[2].type = MapType::kBool; }),
             Catch::Contains("type bool for add"));
  CHECK_THAT(MessageAfter([](P p) { p.instructions[2].type = static_cast<MapType>(7); }),
             Catch::Contains("unknown"));
  CHECK_THAT(MessageAfter([](P p) { p.instructions[2].zero = 1; }), Catch::Contains("unused"));
  CHECK_THAT(MessageAfter([](P p) { p.instructions[2].c = 1; }), Catch::Contains("unused"));
  CHECK_THAT(MessageAfter([](P p) { p.instructions[0].b = 1; }), Catch::Contains("unused"));
  CHECK_THAT(MessageAfter([](P p) { p.instructions[0].a = 2; }), Catch::Contains("input 2"));
  CHECK_THAT(MessageAfter([](P p) { p.instructions[0].result = 32; }),
             Catch::Contains("register 32"));
  CHECK_THAT(MessageAfter([](P p) { p.instructions[2].a = 32; }), Catch::Contains("register 32"));
  CHECK_THAT(MessageAfter([](P p) { p.instructions[2].b = 5; }),
             Catch::Contains("before it is written"));
  CHECK_THAT(MessageAfter([](P p) { p.instructions[2].type = MapType::kI32; }),
             Catch::Contains("of type f32 read as i32"));
  CHECK_THAT(MessageAfter([](P p) { p.inputs[1] = DType::kInt8; }),
             Catch::Contains("int8 loaded as f32, allowed i32"));
  CHECK_THAT(MessageAfter([](P p) { p.instructions[3].result = 1; }), Catch::Contains("output 1"));
  CHECK_THAT(MessageAfter([](P p) { p.instructions[3].b = 1; }), Catch::Contains("store mode 1"));
  CHECK_THAT(MessageAfter([](P p) { p.instructions[3].b = 5; }), Catch::Contains("store mode 5"));
  CHECK_THAT(MessageAfter([](P p) { p.instructions[3] = p.instructions[2]; }),
             Catch::Contains("no store to output 0"));
  CHECK_THAT(MessageAfter([](P p) {
               p.instructions[4] = p.instructions[3];
               p.instruction_count = 5;
             }),
             Catch::Contains("second store"));
}

TEST_CASE("the verifier checks constants, axes, conversions and selects") {
  const auto replace_add = [](MapInstruction instruction, uint64_t constant = 0) {
    return MessageAfter([&](MapProgram& program) {
      program.instructions[2] = instruction;
      program.constant_count = constant != 0 ? 1 : 0;
      program.constants[0] = constant;
    });
  };
  using enum MapOpcode;
  CHECK_THAT(replace_add({kImmediate, MapType::kF32, 2, 0}), Catch::Contains("constant 0"));
  CHECK_THAT(replace_add({kImmediate, MapType::kF32, 2, 0}, uint64_t{1} << 40),
             Catch::Contains("as f32"));
  CHECK_THAT(replace_add({kImmediate, MapType::kBool, 2, 0}, 2), Catch::Contains("as bool"));
  CHECK_THAT(replace_add({kImmediate, MapType::kI32, 2, 0}, 0xffffffff), Catch::Contains("as i32"));
  CHECK_THAT(replace_add({kIota, MapType::kI64, 2, 8}), Catch::Contains("axis 8"));
  CHECK_THAT(replace_add({kConvert, MapType::kI32, 2, 0, 7}), Catch::Contains("source type 7"));
  CHECK_THAT(replace_add({kConvert, MapType::kI32, 2, 0, 1}), Catch::Contains("read as f64"));
  CHECK_THAT(replace_add({kBitcast, MapType::kI64, 2, 0, 0}), Catch::Contains("bitcast"));
  CHECK_THAT(replace_add({kSelect, MapType::kF32, 2, 0, 0, 1}), Catch::Contains("read as bool"));
}

// One opcode applied to loaded inputs, over `count` elements.
template <typename T, typename Out = T>
std::vector<Out> Apply(MapOpcode opcode, MapType type, const std::vector<T>& a,
                       const std::vector<T>& b) {
  MapBuilder builder;
  const int x = builder.Load(DTypeOf(type));
  const int y = builder.Load(DTypeOf(type));
  const int result =
      InfoOf(opcode).arity == 1 ? builder.Unary(opcode, x) : builder.Binary(opcode, x, y);
  builder.Store(result, DTypeOf(builder.TypeOf(result)));
  const Result<MapProgram> program = builder.Finish();
  REQUIRE(program.ok());
  Buffers inputs(2, std::vector<uint8_t>(a.size() * sizeof(T)));
  std::memcpy(inputs[0].data(), a.data(), inputs[0].size());
  std::memcpy(inputs[1].data(), b.data(), inputs[1].size());
  const Buffers outputs =
      RunOverVector(*program, inputs, static_cast<int64_t>(a.size()), /*tiled=*/false);
  std::vector<Out> results(a.size());
  std::memcpy(results.data(), outputs[0].data(), outputs[0].size());
  return results;
}

TEST_CASE("integers wrap, and divisions and shifts never trap") {
  using enum MapOpcode;
  using V = std::vector<int32_t>;
  constexpr int32_t kLowest = std::numeric_limits<int32_t>::min();
  constexpr int32_t kHighest = std::numeric_limits<int32_t>::max();
  const MapType i32 = MapType::kI32;
  CHECK(Apply(kAdd, i32, V{kHighest, 2}, V{1, 3}) == V{kLowest, 5});
  CHECK(Apply(kMul, i32, V{1 << 16, -3}, V{1 << 16, 5}) == V{0, -15});
  CHECK(Apply(kDiv, i32, V{7, -7, 5, kLowest}, V{2, 2, 0, -1}) == V{3, -3, 0, kLowest});
  CHECK(Apply(kMod, i32, V{7, -7, 7, 5, kLowest}, V{3, 3, -3, 0, -1}) == V{1, 2, -2, 0, 0});
  CHECK(Apply(kRem, i32, V{7, -7, 7, 5, kLowest}, V{3, 3, -3, 0, -1}) == V{1, -1, 1, 0, 0});
  CHECK(Apply(kNeg, i32, V{kLowest, 3}, V{0, 0}) == V{kLowest, -3});
  CHECK(Apply(kAbs, i32, V{kLowest, -3}, V{0, 0}) == V{kLowest, 3});
  CHECK(Apply(kPow, i32, V{3, -2, 2, 0, -1, 5}, V{4, 3, -1, -1, -3, 0}) == V{81, -8, 0, 0, -1, 1});
  CHECK(Apply(kShiftLeft, i32, V{1, 1, 1, 1}, V{31, 32, 33, -1}) == V{kLowest, 0, 0, 0});
  CHECK(Apply(kShiftRight, i32, V{-8, -8, -8}, V{1, 31, 32}) == V{-4, -1, 0});
  CHECK(Apply(kWrap8, i32, V{200, -129, 5}, V{0, 0, 0}) == V{-56, 127, 5});
  CHECK(Apply(kWrap16, i32, V{40000, -5}, V{0, 0}) == V{-25536, -5});
  using U = std::vector<uint32_t>;
  CHECK(Apply(kWrap8, MapType::kU32, U{511, 7}, U{0, 0}) == U{255, 7});
  CHECK(Apply(kSub, MapType::kU32, U{1}, U{2}) == U{0xffffffff});
  CHECK(Apply(kDiv, MapType::kU32, U{0xffffffff, 3}, U{2, 0}) == U{0x7fffffff, 0});
  CHECK(Apply(kSign, MapType::kU32, U{0, 9}, U{0, 0}) == U{0, 1});
}

TEST_CASE("minimum and maximum give NaN if either is NaN; comparisons with NaN are false") {
  using enum MapOpcode;
  using V = std::vector<float>;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const V a = {1, nan, 2};
  const V b = {nan, 1, 3};
  for (const MapOpcode opcode : {kMin, kMax}) {
    const V result = Apply(opcode, MapType::kF32, a, b);
    CHECK(std::isnan(result[0]));
    CHECK(std::isnan(result[1]));
    CHECK(result[2] == (opcode == kMin ? 2 : 3));
  }
  using B = std::vector<uint8_t>;
  for (const MapOpcode opcode : {kLess, kLessEqual, kEqual, kGreater, kGreaterEqual}) {
    const B result = Apply<float, uint8_t>(opcode, MapType::kF32, a, b);
    CHECK(result[0] == 0);
    CHECK(result[1] == 0);
  }
  CHECK(Apply<float, uint8_t>(kNotEqual, MapType::kF32, a, b) == B{1, 1, 1});
  CHECK(Apply<float, uint8_t>(kIsNan, MapType::kF32, a, b) == B{0, 1, 0});
  CHECK(Apply<float, uint8_t>(kIsNegativeInfinity, MapType::kF32, {-HUGE_VALF, HUGE_VALF, 0}, b) ==
        B{1, 0, 0});
}

TEST_CASE("the remainder of floats has the dividend's sign, the modulus the divisor's") {
  using V = std::vector<float>;
  CHECK(Apply(MapOpcode::kRem, MapType::kF32, V{5.5F, -5.5F, 5.5F}, V{2, 2, -2}) ==
        V{1.5F, -1.5F, 1.5F});
  CHECK(Apply(MapOpcode::kMod, MapType::kF32, V{5.5F, -5.5F, 5.5F}, V{2, 2, -2}) ==
        V{1.5F, 0.5F, -0.5F});
  CHECK(Apply(MapOpcode::kRoundEven, MapType::kF32, V{0.5F, 1.5F, -2.5F}, V{0, 0, 0}) ==
        V{0, 2, -2});
}

TEST_CASE("a selected -inf or NaN in the branch not taken does not leak") {
  MapBuilder builder;
  const int condition = builder.Load(DType::kBool);
  const int yes = builder.Load(DType::kFloat32);
  builder.Store(builder.Select(condition, yes, builder.Constant(MapType::kF32, NAN)),
                DType::kFloat32);
  const Result<MapProgram> program = builder.Finish();
  REQUIRE(program.ok());
  Buffers inputs = {{1, 0, 1}, std::vector<uint8_t>(12)};
  const float values[] = {-HUGE_VALF, 1, 2};
  std::memcpy(inputs[1].data(), values, sizeof(values));
  for (const bool tiled : {false, true}) {
    const Buffers outputs = RunOverVector(*program, inputs, 3, tiled);
    float results[3];
    std::memcpy(results, outputs[0].data(), sizeof(results));
    CHECK(results[0] == -HUGE_VALF);
    CHECK(std::isnan(results[1]));
    CHECK(results[2] == 2);
  }
}

// Stores `value` in an element of `dtype` and reads the element's bytes back as an integer.
int64_t StoredAs(double value, MapType type, DType dtype, MapStoreMode mode) {
  MapBuilder builder;
  builder.Store(builder.Constant(type, value), dtype, mode);
  const Result<MapProgram> program = builder.Finish();
  REQUIRE(program.ok());
  int64_t stored = 0;
  void* output = &stored;
  RunMapElement(*program, nullptr, nullptr, &output);
  const int unused = 64 - 8 * static_cast<int>(BytesOf(dtype));
  const auto high = static_cast<uint64_t>(stored) << unused;
  if (InfoOf(dtype).kind == DTypeClass::kSigned) return static_cast<int64_t>(high) >> unused;
  return static_cast<int64_t>(high >> unused);
}

TEST_CASE("stores follow the Cast rules: integers keep low bits of the saturated int32") {
  constexpr auto kWrap = MapStoreMode::kWrap;
  const MapType f32 = MapType::kF32;
  CHECK(StoredAs(300.7, f32, DType::kUInt8, kWrap) == 44);
  CHECK(StoredAs(-1, f32, DType::kUInt8, kWrap) == 255);
  CHECK(StoredAs(-9, f32, DType::kInt4, kWrap) == 7);
  CHECK(StoredAs(-9, f32, DType::kUInt4, kWrap) == 7);
  CHECK(StoredAs(3, f32, DType::kInt2, kWrap) == -1);
  CHECK(StoredAs(NAN, f32, DType::kInt8, kWrap) == 0);
  CHECK(StoredAs(1e20, f32, DType::kInt32, kWrap) == INT32_MAX);
  CHECK(StoredAs(-1e20, f32, DType::kInt64, kWrap) == INT64_MIN);
  CHECK(StoredAs(1e20, f32, DType::kInt64, kWrap) == INT64_MAX);
  CHECK(StoredAs(NAN, f32, DType::kInt64, kWrap) == 0);
  CHECK(StoredAs(-1, f32, DType::kUInt32, kWrap) == 0xffffffff);
  CHECK(StoredAs(200, MapType::kI64, DType::kInt8, kWrap) == -56);
  CHECK(StoredAs(-2.9, f32, DType::kInt32, kWrap) == -2);
  CHECK(StoredAs(NAN, f32, DType::kBool, kWrap) == 1);
  CHECK(StoredAs(0.25, f32, DType::kBool, kWrap) == 1);
}

TEST_CASE("saturating stores clamp to the element's range") {
  constexpr auto kSaturate = MapStoreMode::kSaturate;
  CHECK(StoredAs(300, MapType::kF32, DType::kUInt8, kSaturate) == 255);
  CHECK(StoredAs(-5, MapType::kF32, DType::kUInt8, kSaturate) == 0);
  CHECK(StoredAs(1e30, MapType::kF32, DType::kInt8, kSaturate) == 127);
  CHECK(StoredAs(-1e30, MapType::kF64, DType::kInt16, kSaturate) == -32768);
  CHECK(StoredAs(9, MapType::kI32, DType::kInt4, kSaturate) == 7);
  CHECK(StoredAs(9, MapType::kI32, DType::kUInt2, kSaturate) == 3);
  CHECK(StoredAs(-1, MapType::kI64, DType::kUInt64, kSaturate) == 0);
  CHECK(StoredAs(1e15, MapType::kI64, DType::kUInt8, kSaturate) == 255);
  CHECK(StoredAs(1e15, MapType::kI64, DType::kInt32, kSaturate) == INT32_MAX);
  CHECK(StoredAs(4e9, MapType::kU32, DType::kInt8, kSaturate) == 127);
  CHECK(StoredAs(-1, MapType::kF32, DType::kUInt32, kSaturate) == 0);
}

TEST_CASE("stores of floats round once, also from float64 and integers") {
  constexpr auto kWrap = MapStoreMode::kWrap;
  // Between 1 and the next half, a hair above the middle: two roundings would give 1.
  CHECK(StoredAs(1 + 0x1p-11 + 0x1p-40, MapType::kF64, DType::kFloat16, kWrap) == 0x3c01);
  CHECK(StoredAs(1 + 0x1p-11, MapType::kF64, DType::kFloat16, kWrap) == 0x3c00);
  CHECK(StoredAs(70000, MapType::kF32, DType::kFloat16, kWrap) == 0x7c00);
  CHECK(StoredAs(1000, MapType::kF32, DType::kFloat8E4M3FN, kWrap) == 0x7f);
  CHECK(StoredAs(1000, MapType::kF32, DType::kFloat8E4M3FN, MapStoreMode::kSaturate) == 0x7e);
  CHECK(StoredAs(1e6, MapType::kF32, DType::kFloat8E5M2, kWrap) == 0x7c);
  CHECK(StoredAs(1.1, MapType::kF32, DType::kFloat8E8M0, MapStoreMode::kRoundUp) == 128);
  CHECK(StoredAs(1.1, MapType::kF32, DType::kFloat8E8M0, MapStoreMode::kRoundDown) == 127);
  CHECK(StoredAs(1.5, MapType::kF32, DType::kFloat8E8M0, MapStoreMode::kRoundNearest) == 128);
  CHECK(StoredAs(-7, MapType::kI32, DType::kFloat4E2M1, kWrap) == 15);
}

TEST_CASE("broadcasting aligns at the last axis and gives stride 0") {
  float value = 0;
  const TensorView like = testing::DenseView(DType::kFloat32, {2, 3, 4}, &value);
  const TensorView row = BroadcastTo(testing::DenseView(DType::kFloat32, {3, 1}, &value), like);
  CHECK(row.rank == 3);
  CHECK(row.strides[0] == 0);
  CHECK(row.strides[1] == 1);
  CHECK(row.strides[2] == 0);
  CHECK(ElementCount(row) == 24);
}

}  // namespace
}  // namespace stint
