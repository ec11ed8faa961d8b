#include "tests/hal/random_calls.h"

#include <algorithm>

#include "runtime/ops/conv.h"
#include "runtime/ops/pool.h"

namespace stint::testing {

namespace {

using fuzz::Random;
using fuzz::RandomOp;

TensorShape ShapeOf(DType dtype, const std::vector<int64_t>& extents) {
  TensorShape shape;
  shape.dtype = dtype;
  shape.rank = static_cast<int>(extents.size());
  std::copy(extents.begin(), extents.end(), shape.extents);
  return shape;
}

DType WindowDType(Random& random) {
  return random.Of({DType::kFloat32, DType::kFloat32, DType::kFloat16, DType::kFloat64,
                    DType::kInt8, DType::kUInt8});
}

// N, C and `spatial` axes of a few elements.
std::vector<int64_t> ImageExtents(Random& random, int spatial, int64_t channels) {
  std::vector<int64_t> extents = {random.Between(0, 2), channels};
  for (int i = 0; i < spatial; ++i) extents.push_back(random.Between(1, 12));
  return extents;
}

// Fields that Conv and Pool have in common. Pads are given begin and end.
template <typename Attributes>
void RandomizeWindow(Random& random, int spatial, Attributes* attributes) {
  for (int i = 0; i < spatial; ++i) {
    attributes->strides.Push(random.Between(1, 3));
    attributes->dilations.Push(random.Between(1, 2));
  }
  for (int i = 0; i < 2 * spatial; ++i) attributes->pads.Push(random.Between(-1, 2));
}

// Its operands are by chance hardly ever of one mind: they are made to be.
RandomOp MakeConv(Random& random) {
  const int spatial = static_cast<int>(random.Between(1, 3));
  const int64_t group = random.Of<int64_t>({1, 1, 2, 5});
  const int64_t inputs = group * random.Between(1, 5);
  const int64_t outputs = group * random.Between(1, 5);
  ConvAttributes attributes;
  RandomizeWindow(random, spatial, &attributes);
  attributes.group = group;
  attributes.transposed = random.Chance(25) ? 1 : 0;
  const DType dtype = WindowDType(random);
  if (random.Chance(30)) attributes.epilogue = fuzz::RandomProgram(random, DType::kFloat32, 1);
  std::vector<int64_t> weights = {outputs, inputs / group};
  if (attributes.transposed != 0) weights = {inputs, outputs / group};
  for (int i = 0; i < spatial; ++i) weights.push_back(random.Between(1, 4));
  RandomOp op;
  op.operands = {ShapeOf(dtype, ImageExtents(random, spatial, inputs)), ShapeOf(dtype, weights)};
  const bool bias = dtype != DType::kInt8 && dtype != DType::kUInt8 && random.Chance(50);
  if (bias) op.operands.push_back(ShapeOf(dtype, {outputs}));
  op.attributes = compiler::Attributes::Of(attributes);
  return op;
}

RandomOp MakePool(Random& random) {
  const int spatial = static_cast<int>(random.Between(1, 3));
  PoolAttributes attributes;
  attributes.kind = random.Of({PoolKind::kMax, PoolKind::kAverage, PoolKind::kSum});
  RandomizeWindow(random, spatial, &attributes);
  for (int i = 0; i < spatial; ++i) attributes.kernel.Push(random.Between(1, 4));
  attributes.ceil_mode = random.Between(0, 1);
  attributes.count_include_pad = random.Between(0, 1);
  attributes.with_indices = attributes.kind == PoolKind::kMax ? random.Between(0, 1) : 0;
  RandomOp op;
  op.operands = {ShapeOf(WindowDType(random), ImageExtents(random, spatial, random.Between(1, 5)))};
  op.attributes = compiler::Attributes::Of(attributes);
  return op;
}

// Whether the shape function accepts; it gives the results.
bool Accepts(const OpInfo& info, RandomOp* op) {
  IntegerDims dims;
  op->results.assign(kMaxCoreResults, {});
  if (!InferOp(info, op->attributes.data(), op->operands, dims, op->results).ok()) return false;
  while (!op->results.empty() && !op->results.back().present()) op->results.pop_back();
  return !op->results.empty();
}

std::optional<RandomOp> MakeAnyOp(Random& random, const OpInfo& info) {
  if (info.kind != OpKind::kConv && info.kind != OpKind::kPool) {
    return fuzz::MakeOp(random, info, 400);
  }
  for (int i = 0; i < 100; ++i) {
    RandomOp op = info.kind == OpKind::kConv ? MakeConv(random) : MakePool(random);
    if (Accepts(info, &op)) return op;
  }
  return std::nullopt;
}

// Rows are not asked about ops whose results are all empty.
std::optional<RandomOp> MakeComputingOp(Random& random, const OpInfo& info) {
  IntegerDims dims;
  for (int i = 0; i < 10; ++i) {
    auto op = MakeAnyOp(random, info);
    if (!op) return std::nullopt;
    for (const TensorShape& result : op->results) {
      if (result.present() && ElementCount(result, dims).constant() > 0) return op;
    }
  }
  return std::nullopt;
}

DeviceTensor TensorOf(const TensorShape& shape) {
  DeviceTensor tensor;
  if (!shape.present()) return tensor;
  tensor.view.dtype = shape.dtype;
  tensor.view.rank = shape.rank;
  for (int axis = 0; axis < shape.rank; ++axis) {
    tensor.view.extents[axis] = shape.extents[axis].constant();
  }
  DenseStrides(shape.rank, tensor.view.extents, tensor.view.strides);
  return tensor;
}

// Strides of a transposed, broadcast or mirrored view.
void Restride(Random& random, TensorView* view) {
  int64_t stride = random.Of<int64_t>({1, 1, 2, -1});
  for (int axis = 0; axis < view->rank; ++axis) {
    view->strides[axis] = random.Chance(20) ? 0 : stride;
    stride *= view->extents[axis];
  }
}

}  // namespace

std::optional<RandomCall> MakeCall(Random& random, const OpInfo& info) {
  auto op = MakeComputingOp(random, info);
  if (!op) return std::nullopt;
  RandomCall call;
  call.info = &info;
  for (size_t i = 0; i < op->operands.size(); ++i) {
    call.operands.push_back(TensorOf(op->operands[i]));
    const bool strided = (info.strided_operands >> std::min<size_t>(i, 15) & 1) != 0;
    if (strided && random.Chance(40)) Restride(random, &call.operands.back().view);
  }
  for (const TensorShape& shape : op->results) call.results.push_back(TensorOf(shape));
  call.op = std::move(*op);
  return call;
}

}  // namespace stint::testing
