// The builder of Map programs: narrow integers wrap, registers are reused, constants are shared,
// and mistakes are reported by Finish.
#include <catch2/catch.hpp>

#include "runtime/ops/map/build_map.h"
#include "tests/unit/map_testing.h"

namespace stint {
namespace {

// x op y on elements of `dtype`, widened to int64 by the store.
int64_t Compute(MapOpcode opcode, DType dtype, int64_t x, int64_t y) {
  MapBuilder builder;
  const int a = builder.Load(dtype);
  const int b = builder.Load(dtype);
  builder.Store(builder.Binary(opcode, a, b), DType::kInt64);
  const Result<MapProgram> program = builder.Finish();
  REQUIRE(program.ok());
  int64_t result = 0;
  const void* inputs[] = {&x, &y};
  void* output = &result;
  RunMapElement(*program, inputs, nullptr, &output);
  return result;
}

TEST_CASE("arithmetic of 8- and 16-bit integers wraps to their width at once") {
  CHECK(Compute(MapOpcode::kAdd, DType::kInt8, 100, 100) == -56);
  CHECK(Compute(MapOpcode::kAdd, DType::kUInt8, 200, 100) == 44);
  CHECK(Compute(MapOpcode::kSub, DType::kUInt8, 1, 2) == 255);
  CHECK(Compute(MapOpcode::kMul, DType::kInt16, 300, 300) == 24464);
  CHECK(Compute(MapOpcode::kMul, DType::kUInt16, 300, 300) == 24464);
  CHECK(Compute(MapOpcode::kPow, DType::kInt8, 2, 7) == -128);
  CHECK(Compute(MapOpcode::kDiv, DType::kInt8, -128, -1) == -128);
  CHECK(Compute(MapOpcode::kShiftLeft, DType::kUInt8, 255, 1) == 254);
  CHECK(Compute(MapOpcode::kAdd, DType::kInt32, INT32_MAX, 1) == INT32_MIN);
}

TEST_CASE("a long chain needs few registers, and equal constants are stored once") {
  MapBuilder builder;
  int value = builder.Load(DType::kFloat32);
  for (int i = 0; i < 58; ++i) {
    value = builder.Binary(MapOpcode::kAdd, value, builder.Constant(MapType::kF32, 1));
  }
  builder.Store(value, DType::kFloat32);
  const Result<MapProgram> program = builder.Finish();
  REQUIRE(program.ok());
  CHECK(program->constant_count == 1);
  CHECK(program->instruction_count == 61);
  for (int i = 0; i < program->instruction_count; ++i) CHECK(program->instructions[i].result < 3);
  const float input = 1;
  float result = 0;
  const void* inputs[] = {&input};
  void* output = &result;
  RunMapElement(*program, inputs, nullptr, &output);
  CHECK(result == 59);
}

TEST_CASE("what nobody reads is left out") {
  MapBuilder builder;
  const int x = builder.Load(DType::kFloat32);
  builder.Unary(MapOpcode::kExp, x);
  builder.Store(x, DType::kFloat32);
  const Result<MapProgram> program = builder.Finish();
  REQUIRE(program.ok());
  CHECK(program->instruction_count == 2);
}

TEST_CASE("programs that do not fit are limits, mistakes of the caller are internal errors") {
  MapBuilder too_long;
  int value = too_long.Load(DType::kFloat32);
  for (int i = 0; i < 70; ++i) value = too_long.Unary(MapOpcode::kSin, value);
  too_long.Store(value, DType::kFloat32);
  CHECK(too_long.Finish().status().code() == Code::kLimit);

  MapBuilder too_many;
  for (int i = 0; i <= kMapMaxInputs; ++i) too_many.Load(DType::kFloat32);
  CHECK(too_many.Finish().status().code() == Code::kLimit);

  MapBuilder mixed;
  const int x = mixed.Load(DType::kFloat32);
  const int n = mixed.Load(DType::kInt32);
  mixed.Store(mixed.Binary(MapOpcode::kAdd, x, n), DType::kFloat32);
  CHECK(mixed.Finish().status().code() == Code::kInternal);
}

}  // namespace
}  // namespace stint
