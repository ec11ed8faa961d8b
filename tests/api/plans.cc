#include "tests/api/plans.h"

#include "runtime/ops/map.h"
#include "runtime/ops/matmul.h"
#include "runtime/ops/pool.h"
#include "tests/compiler/session_testing.h"
#include "tools/compiler/emit/golden.h"

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

std::vector<uint8_t> Golden() {
  const compiler::GoldenTensor tensor = {"t", kF32, {2}, std::vector<uint8_t>(8)};
  const std::vector<compiler::GoldenPair> pairs(2, {{tensor}, {tensor}});
  PlanBuilder builder;
  const uint32_t x = builder.Input(kF32, {2});
  builder.Output(builder.Whole(x));
  compiler::AddGolden(pairs, builder.plan);
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

std::vector<uint8_t> Hollow() {
  PlanBuilder builder;
  const uint32_t x = builder.Input(kF32, {4});
  const uint32_t y = builder.Value(kF32, {4});
  builder.Map(UnaryProgram(MapOpcode::kNeg, kF32, kF32), {builder.View(x, {0}, {1})},
              builder.View(y, {0}, {1}));
  builder.Output(builder.Whole(y));
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

// Channels last, as kernels that work by lines need it.
PlanUse Image(PlanBuilder& builder, uint32_t value, int64_t channels, int64_t side) {
  return builder.View(value, {1, channels, side, side},
                      {side * side * channels, 1, side * channels, channels});
}

std::vector<uint8_t> TwoPools() {
  constexpr int64_t kChannels = 64;
  constexpr int64_t kSide = 64;
  PlanBuilder builder;
  PoolAttributes attributes;
  attributes.kernel = Ints({3, 3});
  attributes.strides = Ints({1, 1});
  attributes.dilations = Ints({1, 1});
  attributes.pads = LongDims({1, 1, 1, 1});
  uint32_t value = builder.Input(kF32, {1, kSide, kSide, kChannels});
  for (int i = 0; i < 2; ++i) {
    const uint32_t pooled = builder.Value(kF32, {1, kSide, kSide, kChannels});
    builder.Op(OpKind::kPool, Attributes::Of(attributes), {Image(builder, value, kChannels, kSide)},
               {Image(builder, pooled, kChannels, kSide)});
    value = pooled;
  }
  builder.Output(builder.Whole(value));
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
const std::vector<uint8_t>& HollowPlan() {
  static const std::vector<uint8_t> bytes = Hollow();
  return bytes;
}
const std::vector<uint8_t>& DefaultPlan() {
  static const std::vector<uint8_t> bytes = Default();
  return bytes;
}
const std::vector<uint8_t>& TwoPoolsPlan() {
  static const std::vector<uint8_t> bytes = TwoPools();
  return bytes;
}
const std::vector<uint8_t>& GoldenPlan() {
  static const std::vector<uint8_t> bytes = Golden();
  return bytes;
}

}  // namespace stint::testing
