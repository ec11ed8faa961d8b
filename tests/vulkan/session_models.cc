#include "tests/vulkan/session_models.h"

#include "runtime/ops/conv.h"
#include "runtime/ops/map.h"
#include "runtime/ops/matmul.h"
#include "runtime/ops/pool.h"
#include "runtime/ops/prefix.h"
#include "runtime/ops/softmax.h"

namespace stint::testing {

namespace {

constexpr DType kF32 = DType::kFloat32;
constexpr int64_t kWidth = 8;    // Of a row of the attention.
constexpr int64_t kExtent = 10;  // Of the image.

// Numbers in [-0.5, 0.5] without an order.
Tensor Numbers(std::vector<int64_t> extents, int64_t seed) {
  int64_t count = 1;
  for (const int64_t extent : extents) count *= extent;
  std::vector<float> values;
  for (int64_t i = 0; i < count; ++i) {
    values.push_back(static_cast<float>((i * 37 + seed * 11) % 101) / 100.0f - 0.5f);
  }
  return Tensor::Of<float>(std::move(extents), values);
}

}  // namespace

uint32_t ConvNet::Conv(uint32_t x, int64_t in, int64_t out, int64_t extent) {
  const uint32_t weights = Constant(Numbers({out, in, 3, 3}, out));
  const uint32_t y = Value(kF32, {n_, out, extent, extent});
  ConvAttributes attributes;
  for (int axis = 0; axis < 2; ++axis) {
    attributes.strides.Push(1);
    attributes.dilations.Push(1);
  }
  for (int side = 0; side < 4; ++side) attributes.pads.Push(1);
  Op(OpKind::kConv, Attributes::Of(attributes), {Whole(x), Whole(weights)}, {Whole(y)});
  return y;
}

ConvNet::ConvNet() : n_(Symbol(0, 0)) {
  const uint32_t x = PlanBuilder::Input(kF32, {n_, 3, kExtent, kExtent});
  const uint32_t wide = Conv(x, 3, 6, kExtent);
  const int64_t half = kExtent / 2;
  const uint32_t pooled = Value(kF32, {n_, 6, half, half});
  PoolAttributes pool;
  for (int axis = 0; axis < 2; ++axis) {
    pool.kernel.Push(2);
    pool.strides.Push(2);
    pool.dilations.Push(1);
  }
  for (int side = 0; side < 4; ++side) pool.pads.Push(0);
  Op(OpKind::kPool, Attributes::Of(pool), {Whole(wide)}, {Whole(pooled)});
  const uint32_t again = Conv(pooled, 6, 6, half);
  const uint32_t sum = Value(kF32, {n_, 6, half, half});
  Map(BinaryProgram(MapOpcode::kAdd, kF32), {Whole(pooled), Whole(again)}, Whole(sum));
  const uint32_t y = Value(kF32, {n_, 6, half, half});
  SoftmaxAttributes softmax;
  softmax.axis = 1;
  Op(OpKind::kSoftmax, Attributes::Of(softmax), {Whole(sum)}, {Whole(y)});
  Output(Whole(y));
}

Tensor ConvNet::Input() { return Numbers({2, 3, kExtent, kExtent}, 5); }

uint32_t Attention::Project(uint32_t x, int64_t seed) {
  const uint32_t weights = Constant(Numbers({kWidth, kWidth}, seed));
  const uint32_t y = Value(kF32, {n_, kWidth});
  Op(OpKind::kMatMul, Attributes::Of(MatMulAttributes()), {Whole(x), Whole(weights)}, {Whole(y)});
  return y;
}

Attention::Attention(bool interrupted) : n_(Symbol(0, 0)) {
  const uint32_t x = PlanBuilder::Input(kF32, {n_, kWidth});
  const uint32_t queries = Project(x, 1);
  const uint32_t keys = Project(x, 2);
  const uint32_t values = Project(x, 3);
  uint32_t scores = Value(kF32, {n_, n_});
  Op(OpKind::kMatMul, Attributes::Of(MatMulAttributes()),
     {Whole(queries), View(keys, {kWidth, n_}, {1, kWidth})}, {Whole(scores)});
  if (interrupted) {
    const uint32_t sums = Value(kF32, {n_, n_});
    PrefixAttributes prefix;
    prefix.axis.Push(1);
    Op(OpKind::kPrefix, Attributes::Of(prefix), {Whole(scores)}, {Whole(sums)});
    scores = sums;
  }
  const uint32_t weights = Value(kF32, {n_, n_});
  SoftmaxAttributes softmax;
  softmax.axis = 1;
  Op(OpKind::kSoftmax, Attributes::Of(softmax), {Whole(scores)}, {Whole(weights)});
  const uint32_t mixed = Value(kF32, {n_, kWidth});
  Op(OpKind::kMatMul, Attributes::Of(MatMulAttributes()), {Whole(weights), Whole(values)},
     {Whole(mixed)});
  const uint32_t y = Value(kF32, {n_, kWidth});
  Map(BinaryProgram(MapOpcode::kAdd, kF32), {Whole(mixed), Whole(x)}, Whole(y));
  Output(Whole(y));
}

Tensor Attention::Input() { return Numbers({7, kWidth}, 9); }

}  // namespace stint::testing
