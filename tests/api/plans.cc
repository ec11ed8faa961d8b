#include "tests/api/plans.h"

#include "runtime/ops/map.h"
#include "runtime/ops/matmul.h"
#include "tests/compiler/session_testing.h"

namespace stint::testing {

namespace {

constexpr DType kF32 = DType::kFloat32;

std::vector<uint8_t> BytesOf(const PlanBuilder& builder) {
  compiler::AlignedBytes bytes = compiler::BytesOf(builder.plan);
  return {bytes.span().begin(), bytes.span().end()};
}

std::vector<uint8_t> Product() {
  PlanBuilder builder;
  const Dim n = builder.Symbol(0, 0);
  const uint32_t x = builder.Input(kF32, {n, 2});
  const uint32_t w = builder.Constant(Tensor::Of<float>({2, 2}, {1, 2, 3, 4}));
  const uint32_t product = builder.Value(kF32, {n, 2});
  const uint32_t y = builder.Value(kF32, {n, 2});
  builder.Op(OpKind::kMatMul, Attributes::Of(MatMulAttributes()),
             {builder.Whole(x), builder.Whole(w)}, {builder.Whole(product)});
  builder.Map(UnaryProgram(MapOpcode::kNeg, kF32, kF32), {builder.Whole(product)},
              builder.Whole(y));
  builder.Output(builder.Whole(y));
  builder.plan.properties = {{"author", "a test"}};
  return BytesOf(builder);
}

std::vector<uint8_t> Accumulator() {
  PlanBuilder builder;
  const uint32_t x = builder.Input(kF32, {2});
  const uint32_t state = builder.Input(kF32, {2});
  const uint32_t sum = builder.Value(kF32, {2});
  const uint32_t negated = builder.Value(kF32, {2});
  builder.Map(BinaryProgram(MapOpcode::kAdd, kF32), {builder.Whole(x), builder.Whole(state)},
              builder.Whole(sum));
  builder.Map(UnaryProgram(MapOpcode::kNeg, kF32, kF32), {builder.Whole(sum)},
              builder.Whole(negated));
  builder.Output(builder.Whole(sum));
  builder.Output(builder.Whole(negated));
  return BytesOf(builder);
}

std::vector<uint8_t> Pixels() {
  PlanBuilder builder;
  const Dim height = builder.Symbol(0, 2);
  const Dim width = builder.Symbol(0, 3);
  const uint32_t x = builder.Input(kF32, {1, 3, height, width});
  const uint32_t y = builder.Value(kF32, {1, 3, height, width});
  builder.Map(UnaryProgram(MapOpcode::kNeg, kF32, kF32), {builder.Whole(x)}, builder.Whole(y));
  builder.Output(builder.Whole(y));
  return BytesOf(builder);
}

std::vector<uint8_t> Prefix() {
  PlanBuilder builder;
  const uint32_t x = builder.Input(kF32, {4});
  builder.Input(DType::kInt64, {1});
  const Dim count = builder.Symbol(1, 0, SymbolSource::kElement);
  builder.Output(builder.View(x, {count}, {1}));
  return BytesOf(builder);
}

std::vector<uint8_t> Part() {
  PlanBuilder builder;
  const uint32_t x = builder.Input(kF32, {64});
  const uint32_t y = builder.Value(kF32, {64});
  builder.Map(UnaryProgram(MapOpcode::kNeg, kF32, kF32), {builder.Whole(x)}, builder.Whole(y));
  builder.Output(builder.View(y, {2}, {1}));
  return BytesOf(builder);
}

std::vector<uint8_t> Default() {
  PlanBuilder builder;
  const uint32_t x = builder.Input(kF32, {2});
  const uint32_t added = builder.Constant(Tensor::Of<float>({2}, {10, 10}));
  builder.plan.functions[0].inputs.push_back(added);
  const uint32_t y = builder.Value(kF32, {2});
  builder.Map(BinaryProgram(MapOpcode::kAdd, kF32), {builder.Whole(x), builder.Whole(added)},
              builder.Whole(y));
  builder.Output(builder.Whole(y));
  builder.Output(builder.Whole(x));
  return BytesOf(builder);
}

}  // namespace

const std::vector<uint8_t>& ProductPlan() {
  static const std::vector<uint8_t> bytes = Product();
  return bytes;
}
const std::vector<uint8_t>& AccumulatorPlan() {
  static const std::vector<uint8_t> bytes = Accumulator();
  return bytes;
}
const std::vector<uint8_t>& PixelsPlan() {
  static const std::vector<uint8_t> bytes = Pixels();
  return bytes;
}
const std::vector<uint8_t>& PrefixPlan() {
  static const std::vector<uint8_t> bytes = Prefix();
  return bytes;
}
const std::vector<uint8_t>& PartPlan() {
  static const std::vector<uint8_t> bytes = Part();
  return bytes;
}
const std::vector<uint8_t>& DefaultPlan() {
  static const std::vector<uint8_t> bytes = Default();
  return bytes;
}

}  // namespace stint::testing
