// Composed Map programs give what the two programs give one after the other; canonical programs are
// the same bytes for every spelling of a program, and the same bits as the program.
#include <catch2/catch.hpp>

#include "runtime/ops/map/build_map.h"
#include "runtime/ops/map/compose_maps.h"
#include "tests/unit/map_testing.h"

namespace stint {
namespace {

using testing::Buffers;
using testing::RunOverVector;

constexpr int64_t kCount = 500;

MapProgram Finished(const MapBuilder& builder) {
  const Result<MapProgram> program = builder.Finish();
  INFO(program.status().message());
  REQUIRE(program.ok());
  return *program;
}

// x op y, both loaded from `from`, stored as `to`.
MapProgram Binary(MapOpcode opcode, DType from, DType to, MapStoreMode mode = MapStoreMode::kWrap) {
  MapBuilder builder;
  const int x = builder.Load(from);
  const int y = builder.Load(from);
  builder.Store(builder.Binary(opcode, x, y), to, mode);
  return Finished(builder);
}

MapProgram Unary(MapOpcode opcode, DType from, DType to) {
  MapBuilder builder;
  builder.Store(builder.Unary(opcode, builder.Load(from)), to);
  return Finished(builder);
}

// Runs producer and then consumer, whose input 0 it feeds, and the composition of both.
void CheckComposition(const MapProgram& producer, const MapProgram& consumer) {
  const Result<MapProgram> composed = ComposeMaps(producer, consumer, {});
  INFO(composed.status().message());
  REQUIRE(composed.ok());
  REQUIRE(composed->input_count == producer.input_count + consumer.input_count - 1);
  const Buffers first = testing::RandomInputs(producer, kCount, 1);
  Buffers second = testing::RandomInputs(consumer, kCount, 2);
  second[0] = RunOverVector(producer, first, kCount, false)[0];
  Buffers all = first;
  all.insert(all.end(), second.begin() + 1, second.end());
  const Buffers expected = RunOverVector(consumer, second, kCount, false);
  const Buffers found = RunOverVector(*composed, all, kCount, false);
  for (size_t i = 0; i < expected.size(); ++i) {
    CHECK(testing::FirstDifference(consumer.outputs[i], found[i], expected[i]).empty());
  }
}

TEST_CASE("a composition equals one program after the other") {
  const DType f32 = DType::kFloat32;
  CheckComposition(Binary(MapOpcode::kMul, f32, f32), Binary(MapOpcode::kSub, f32, f32));
  CheckComposition(Unary(MapOpcode::kExp, f32, f32), Unary(MapOpcode::kSqrt, f32, DType::kFloat16));
  CheckComposition(Binary(MapOpcode::kLess, f32, DType::kBool),
                   Unary(MapOpcode::kNot, DType::kBool, DType::kBool));
  CheckComposition(Unary(MapOpcode::kNeg, f32, DType::kInt64),
                   Binary(MapOpcode::kAdd, DType::kInt64, DType::kInt64));
  CheckComposition(Unary(MapOpcode::kNeg, DType::kFloat64, f32), Binary(MapOpcode::kAdd, f32, f32));
  CheckComposition(Unary(MapOpcode::kAbs, f32, DType::kUInt32),
                   Binary(MapOpcode::kDiv, DType::kUInt32, DType::kUInt64));
}

TEST_CASE("a composition keeps narrow integers in between as narrow as they were stored") {
  const DType sources[] = {DType::kFloat32, DType::kFloat64, DType::kInt32,
                           DType::kInt64,   DType::kUInt32,  DType::kUInt64};
  const DType narrow[] = {DType::kInt8, DType::kUInt8, DType::kInt16, DType::kUInt16,
                          DType::kInt4, DType::kUInt4, DType::kInt2,  DType::kUInt2};
  for (const DType source : sources) {
    for (const DType between : narrow) {
      for (const MapStoreMode mode : {MapStoreMode::kWrap, MapStoreMode::kSaturate}) {
        INFO(NameOf(source) << " by way of " << NameOf(between) << ", mode "
                            << static_cast<int>(mode));
        const MapProgram producer = Binary(MapOpcode::kAdd, source, between, mode);
        CheckComposition(producer, Binary(MapOpcode::kMul, between, DType::kInt32));
      }
    }
  }
  CheckComposition(Binary(MapOpcode::kAdd, DType::kUInt8, DType::kUInt8),
                   Binary(MapOpcode::kAdd, DType::kUInt8, DType::kInt32));
  CheckComposition(Binary(MapOpcode::kAdd, DType::kInt16, DType::kInt16),
                   Binary(MapOpcode::kAdd, DType::kInt16, DType::kFloat32));
}

TEST_CASE("a sum that already wrapped is not wrapped again") {
  const MapProgram sum = Binary(MapOpcode::kAdd, DType::kInt8, DType::kInt8);
  const Result<MapProgram> composed = ComposeMaps(sum, sum, {});
  REQUIRE(composed.ok());
  // Three loads, two sums with their wraps, one store.
  CHECK(composed->instruction_count == 8);
}

TEST_CASE("float16 in between is rounded once, at the final store") {
  const MapProgram sum = Binary(MapOpcode::kAdd, DType::kFloat16, DType::kFloat16);
  const Result<MapProgram> composed = ComposeMaps(sum, sum, {});
  REQUIRE(composed.ok());
  // 2048 + 1 is no half; + 1 again is. Rounded in between the second 1 would be lost as well.
  const uint16_t values[] = {0x6800, 0x3c00, 0x3c00};
  uint16_t result = 0;
  const void* inputs[] = {&values[0], &values[1], &values[2]};
  void* output = &result;
  RunMapElement(*composed, inputs, nullptr, &output);
  CHECK(result == 0x6801);
}

TEST_CASE("roundings that cannot be repeated are refused") {
  const auto refuses = [](const MapProgram& producer, DType between) {
    const Result<MapProgram> composed =
        ComposeMaps(producer, Unary(MapOpcode::kNeg, between, DType::kFloat32), {});
    return composed.status().code() == Code::kUnsupported;
  };
  const DType f32 = DType::kFloat32;
  CHECK(refuses(Unary(MapOpcode::kNeg, f32, DType::kFloat8E4M3FN), DType::kFloat8E4M3FN));
  CHECK(refuses(Unary(MapOpcode::kNeg, f32, DType::kFloat4E2M1), DType::kFloat4E2M1));
  // A cast asks for the rounding itself.
  MapBuilder cast;
  cast.Store(cast.Load(f32), DType::kFloat16);
  CHECK(refuses(Finished(cast), DType::kFloat16));
  CHECK(refuses(Unary(MapOpcode::kNeg, DType::kFloat64, DType::kBFloat16), DType::kBFloat16));
}

TEST_CASE("inputs with one number are one tensor, other outputs are kept") {
  const DType f32 = DType::kFloat32;
  MapBuilder two;
  const int x = two.Load(f32);
  two.Store(two.Unary(MapOpcode::kNeg, x), f32);
  two.Store(two.Unary(MapOpcode::kAbs, x), f32);
  const int producer_inputs[] = {0};
  const int consumer_inputs[] = {0, -1};
  const MapComposition composition = {.consumer_input = 1,
                                      .producer_output = 0,
                                      .keep_producer_output = true,
                                      .producer_inputs = producer_inputs,
                                      .consumer_inputs = consumer_inputs};
  const Result<MapProgram> composed =
      ComposeMaps(Finished(two), Binary(MapOpcode::kSub, f32, f32), composition);
  REQUIRE(composed.ok());
  CHECK(composed->input_count == 1);
  REQUIRE(composed->output_count == 3);
  const float value = 3;
  float results[3] = {};
  const void* inputs[] = {&value};
  void* outputs[] = {&results[0], &results[1], &results[2]};
  RunMapElement(*composed, inputs, nullptr, outputs);
  CHECK(results[0] == 6);   // x - (-x)
  CHECK(results[1] == -3);  // Kept.
  CHECK(results[2] == 3);   // The producer's other output.
}

TEST_CASE("compositions that do not fit or do not agree are errors") {
  const DType f32 = DType::kFloat32;
  const MapProgram sum = Binary(MapOpcode::kAdd, f32, f32);
  const auto code = [](const MapProgram& a, const MapProgram& b, const MapComposition& how) {
    return ComposeMaps(a, b, how).status().code();
  };
  CHECK(code(sum, sum, {.consumer_input = 2}) == Code::kInvalid);
  CHECK(code(sum, sum, {.producer_output = 1}) == Code::kInvalid);
  CHECK(code(Unary(MapOpcode::kNeg, f32, DType::kInt32), sum, {}) == Code::kInvalid);
  const int producer_inputs[] = {0, 3};
  const int consumer_inputs[] = {0, 1};
  CHECK(code(sum, sum, {.producer_inputs = producer_inputs, .consumer_inputs = consumer_inputs}) ==
        Code::kInvalid);
  const int too_many[] = {0, 16};
  CHECK(code(sum, sum, {.producer_inputs = too_many, .consumer_inputs = consumer_inputs}) ==
        Code::kLimit);
  MapBuilder builder;
  int value = builder.Load(f32);
  for (int i = 0; i < 40; ++i) value = builder.Unary(MapOpcode::kSin, value);
  builder.Store(value, f32);
  const MapProgram chain = Finished(builder);
  CHECK(code(chain, chain, {}) == Code::kLimit);
}

// clip(x * scale + bias, 0, 6), spelt in the order that `swap` says.
MapProgram Clipped(bool swap) {
  MapBuilder builder;
  const int x = builder.Load(DType::kFloat32);
  const int six = swap ? builder.Constant(MapType::kF32, 6) : -1;
  const int scale = builder.Load(DType::kFloat32);
  const int bias = builder.Load(DType::kFloat32);
  const int zero = builder.Constant(MapType::kF32, 0);
  if (swap) builder.Unary(MapOpcode::kExp, zero);  // Nobody reads it.
  const int product =
      swap ? builder.Binary(MapOpcode::kMul, scale, x) : builder.Binary(MapOpcode::kMul, x, scale);
  const int sum = swap ? builder.Binary(MapOpcode::kAdd, bias, product)
                       : builder.Binary(MapOpcode::kAdd, product, bias);
  const int positive = builder.Binary(MapOpcode::kMax, sum, zero);
  builder.Store(swap
                    ? builder.Binary(MapOpcode::kMin, six, positive)
                    : builder.Binary(MapOpcode::kMin, positive, builder.Constant(MapType::kF32, 6)),
                DType::kFloat32);
  return Finished(builder);
}

TEST_CASE("spellings of one program have one canonical form, with the same bits") {
  const MapProgram plain = CanonicalMap(Clipped(false));
  const MapProgram swapped = CanonicalMap(Clipped(true));
  CHECK_FALSE(Clipped(false) == Clipped(true));
  CHECK(plain == swapped);
  CHECK(CanonicalMap(plain) == plain);
  const Buffers inputs = testing::RandomInputs(plain, kCount, 4);
  const Buffers expected = RunOverVector(Clipped(true), inputs, kCount, false);
  const Buffers found = RunOverVector(plain, inputs, kCount, false);
  CHECK(testing::FirstDifference(DType::kFloat32, found[0], expected[0]).empty());
}

TEST_CASE("canonical programs share equal values and drop what nothing reads") {
  MapBuilder builder;
  const int x = builder.Load(DType::kFloat32);
  const int y = builder.Load(DType::kFloat32);
  const int first = builder.Binary(MapOpcode::kGreater, x, y);
  const int second = builder.Binary(MapOpcode::kLess, y, x);
  builder.Store(builder.Binary(MapOpcode::kAnd, first, second), DType::kBool);
  const MapProgram program = CanonicalMap(Finished(builder));
  CHECK(program.instruction_count == 5);  // ld, ld, lt, and, st
  CHECK(program.instructions[2].opcode == MapOpcode::kLess);
}

TEST_CASE("the order of operands is kept where a bit depends on it") {
  const auto maximum = [](bool swap) {
    MapBuilder builder;
    const int x = builder.Load(DType::kFloat32);
    const int zero = builder.Constant(MapType::kF32, 0);
    builder.Store(
        swap ? builder.Binary(MapOpcode::kMax, zero, x) : builder.Binary(MapOpcode::kMax, x, zero),
        DType::kFloat32);
    return Finished(builder);
  };
  for (const bool swap : {false, true}) {
    const MapProgram program = maximum(swap);
    const MapProgram canonical = CanonicalMap(program);
    const float input = -0.0F;
    uint32_t results[2] = {};
    const void* inputs[] = {&input};
    void* outputs[] = {&results[0], &results[1]};
    RunMapElement(program, inputs, nullptr, &outputs[0]);
    RunMapElement(canonical, inputs, nullptr, &outputs[1]);
    CHECK(results[0] == results[1]);
  }
  const MapProgram difference = Binary(MapOpcode::kSub, DType::kFloat32, DType::kFloat32);
  CHECK(CanonicalMap(difference) == difference);
}

}  // namespace
}  // namespace stint
