// Map's shapes, MatMul, Reduce, Softmax, Prefix, TopK, Resample: hand-computed values.
#include <catch2/catch.hpp>
#include <cmath>

#include "runtime/ops/map.h"
#include "runtime/ops/matmul.h"
#include "runtime/ops/normalize.h"
#include "runtime/ops/prefix.h"
#include "runtime/ops/reduce.h"
#include "runtime/ops/resample.h"
#include "runtime/ops/softmax.h"
#include "runtime/ops/sum.h"
#include "runtime/ops/top_k.h"
#include "tests/unit/ops_testing.h"

namespace stint::testing {

namespace {

using Extents = std::vector<int64_t>;
using Floats32 = std::vector<float>;

ReduceAttributes ReduceOver(ReduceKind kind, DimList axes) {
  ReduceAttributes reduce;
  reduce.kind = kind;
  reduce.axes = axes;
  return reduce;
}

ResampleAttributes ResampleTo(ResampleMode mode, int64_t extent) {
  ResampleAttributes resample;
  resample.mode = mode;
  resample.extents = Dims({extent});
  return resample;
}

}  // namespace

TEST_CASE("Map broadcasts its inputs, or to the extents given") {
  MapAttributes map;
  map.program = BinaryProgram(MapOpcode::kAdd, DType::kFloat32);
  const TensorShape a = Shape(DType::kFloat32, {3, 1});
  const TensorShape b = Shape(DType::kFloat32, {2, 1, 4});
  CHECK(ExtentsOf(Infer(kMapOp, map, {a, b}).results[0]) == Extents{2, 3, 4});
  CHECK_FALSE(Infer(kMapOp, map, {a, b}).results[1].present());
  CHECK(Infer(kMapOp, map, {a, Shape(DType::kFloat32, {2, 4})}).error ==
        "Map: shape: found extents 3 and 2, allowed equal extents or 1 for broadcasting");
  CHECK(Infer(kMapOp, map, {a}).error ==
        "Map: operands: found 1, allowed 2 as the program has inputs");
  CHECK(Infer(kMapOp, map, {a, Shape(DType::kInt32, {})}).error ==
        "Map: operand 1: found int32, allowed float32");
  map.has_extents = 1;
  map.extents = Dims({2, 3, 4});
  CHECK(Infer(kMapOp, map, {a, b}).error.empty());
  map.extents = Dims({3, 4});
  CHECK(Infer(kMapOp, map, {a, b}).error == "Map: extents: found rank 3, allowed 0 to 2");
  CHECK(Infer(kMapOp, MapAttributes(), {}).error ==
        "Map: program: found none, allowed 1 to 64 instructions");
}

TEST_CASE("MatMul broadcasts batches and starts at the bias") {
  const Tensor a = Tensor::Of<float>({2, 1, 2}, {1, 2, 3, 4});
  const Tensor b = Tensor::Of<float>({2, 3}, {1, 10, 100, 2, 20, 200});
  const Tensor bias = Tensor::Of<float>({3}, {0.5F, 0, -1});
  const Ran ran = Run(kMatMulOp, MatMulAttributes(), {a.view(), b.view(), bias.view()});
  REQUIRE(ran.error.empty());
  CHECK(ran.results[0].extents() == Extents{2, 1, 3});
  CHECK(ran.results[0].values<float>() == Floats32{5.5F, 50, 499, 11.5F, 110, 1099});
}

TEST_CASE("MatMul over no K gives zeros") {
  const Tensor a(DType::kFloat32, {2, 0});
  const Tensor b(DType::kFloat32, {0, 1});
  CHECK(Compute<float>(kMatMulOp, MatMulAttributes(), {a.view(), b.view()}) == Floats32{0, 0});
}

TEST_CASE("8-bit MatMul subtracts zero points per row and per column, 64-bit MatMul wraps") {
  const Tensor a = Tensor::Of<uint8_t>({2, 1}, {10, 20});
  const Tensor b = Tensor::Of<int8_t>({1, 2}, {-1, 5});
  const Tensor a_zero = Tensor::Of<uint8_t>({2}, {9, 30});
  const Tensor b_zero = Tensor::Of<int8_t>({2}, {0, 3});
  const TensorView none;
  CHECK(Compute<int32_t>(kMatMulOp, MatMulAttributes(),
                         {a.view(), b.view(), none, a_zero.view(), b_zero.view()}) ==
        std::vector<int32_t>{-1, 2, 10, -20});
  const Tensor large = Tensor::Of<int64_t>({1, 1}, {INT64_MAX});
  const Tensor two = Tensor::Of<int64_t>({1, 1}, {2});
  CHECK(Compute<int64_t>(kMatMulOp, MatMulAttributes(), {large.view(), two.view()}) ==
        std::vector<int64_t>{-2});
}

TEST_CASE("MatMul refuses shapes and types that do not fit") {
  const TensorShape a = Shape(DType::kFloat32, {2, 3});
  const MatMulAttributes matmul;
  CHECK(Infer(kMatMulOp, matmul, {a, Shape(DType::kFloat32, {2, 3})}).error ==
        "MatMul: shape: found 3 and 2, allowed equal numbers: K of A and B");
  CHECK(Infer(kMatMulOp, matmul, {a, Shape(DType::kFloat32, {3})}).error ==
        "MatMul: B: found rank 1, allowed 2 to 8");
  CHECK(Infer(kMatMulOp, matmul, {a, Shape(DType::kFloat64, {3, 1})}).error ==
        "MatMul: B: found float64, allowed float32");
  CHECK(Infer(kMatMulOp, matmul,
              {a, Shape(DType::kFloat32, {3, 1}), TensorShape(), Shape(DType::kUInt8, {})})
            .error == "MatMul: zero point of A: found uint8, allowed none with these operands");
}

TEST_CASE("half precision is rounded once, after the epilogue") {
  // 2048 + 1 needs 12 bits: a rounding before the epilogue would lose the 1.
  MatMulAttributes matmul;
  matmul.epilogue = BinaryProgram(MapOpcode::kSub, DType::kFloat16);
  constexpr uint16_t kHalf2048 = 0x6800;
  constexpr uint16_t kHalf1 = 0x3c00;
  Tensor a(DType::kFloat16, {1, 2});
  a.view().as<uint16_t>()[0] = kHalf2048;
  a.view().as<uint16_t>()[1] = kHalf1;
  Tensor b(DType::kFloat16, {2, 1});
  b.view().as<uint16_t>()[0] = b.view().as<uint16_t>()[1] = kHalf1;
  Tensor c(DType::kFloat16, {});
  c.view().as<uint16_t>()[0] = kHalf2048;
  const TensorView none;
  const Ran ran = Run(kMatMulOp, matmul, {a.view(), b.view(), none, none, none, c.view()});
  REQUIRE(ran.error.empty());
  CHECK(ran.results[0].values<uint16_t>() == std::vector<uint16_t>{kHalf1});
}

TEST_CASE("Reduce keeps reduced axes, takes negative and repeated ones") {
  const Tensor x = Tensor::Of<int32_t>({2, 3}, {1, 2, 3, 4, 5, 6});
  const Ran ran = Run(kReduceOp, ReduceOver(ReduceKind::kSum, Dims({-1, 1})), {x.view()});
  REQUIRE(ran.error.empty());
  CHECK(ran.results[0].extents() == Extents{2, 1});
  CHECK(ran.results[0].values<int32_t>() == std::vector<int32_t>{6, 15});
  CHECK(Infer(kReduceOp, ReduceOver(ReduceKind::kSum, Dims({2})), {Shape(DType::kInt32, {2, 3})})
            .error == "Reduce: axes: found 2, allowed axes -2 to 1");
  CHECK(Infer(kReduceOp, ReduceOver(ReduceKind::kArgMax, Dims({0, 1})),
              {Shape(DType::kInt32, {2, 3})})
            .error == "Reduce: axes: found 2, allowed 1 to 1");
}

TEST_CASE("Reduce of nothing gives the neutral element") {
  const Tensor x(DType::kFloat32, {0});
  const auto of = [&](ReduceKind kind) {
    return Compute<float>(kReduceOp, ReduceOver(kind, Dims({0})), {x.view()})[0];
  };
  CHECK(of(ReduceKind::kSum) == 0);
  CHECK(of(ReduceKind::kProduct) == 1);
  CHECK(of(ReduceKind::kMax) == -INFINITY);
  CHECK(of(ReduceKind::kMin) == INFINITY);
  CHECK(std::isnan(of(ReduceKind::kMean)));
  const Tensor bytes(DType::kInt8, {0});
  CHECK(Compute<int8_t>(kReduceOp, ReduceOver(ReduceKind::kMax, Dims({0})), {bytes.view()}) ==
        std::vector<int8_t>{-128});
  CHECK(Compute<int8_t>(kReduceOp, ReduceOver(ReduceKind::kMin, Dims({0})), {bytes.view()}) ==
        std::vector<int8_t>{127});
  const Tensor unsigned_bytes(DType::kUInt8, {0});
  CHECK(Compute<uint8_t>(kReduceOp, ReduceOver(ReduceKind::kMin, Dims({0})),
                         {unsigned_bytes.view()}) == std::vector<uint8_t>{255});
}

TEST_CASE("Reduce: NaN wins, integers wrap, means of integers truncate") {
  const Tensor x = Tensor::Of<float>({3}, {1, NAN, 3});
  CHECK(std::isnan(
      Compute<float>(kReduceOp, ReduceOver(ReduceKind::kMax, Dims({0})), {x.view()})[0]));
  CHECK(std::isnan(
      Compute<float>(kReduceOp, ReduceOver(ReduceKind::kMin, Dims({0})), {x.view()})[0]));
  const Tensor bytes = Tensor::Of<int8_t>({2}, {100, 101});
  CHECK(Compute<int8_t>(kReduceOp, ReduceOver(ReduceKind::kSum, Dims({0})), {bytes.view()}) ==
        std::vector<int8_t>{-55});
  CHECK(Compute<int8_t>(kReduceOp, ReduceOver(ReduceKind::kMean, Dims({0})), {bytes.view()}) ==
        std::vector<int8_t>{100});
  const Tensor negative = Tensor::Of<int32_t>({2}, {-3, -4});
  CHECK(Compute<int32_t>(kReduceOp, ReduceOver(ReduceKind::kMean, Dims({0})), {negative.view()}) ==
        std::vector<int32_t>{-3});
}

TEST_CASE("positions of extremes: the first, or the last if asked; NaN is extreme") {
  const Tensor x = Tensor::Of<float>({5}, {2, 1, 2, 1, 0.5F});
  const Tensor with_nan = Tensor::Of<float>({4}, {2, NAN, 3, NAN});
  ReduceAttributes largest = ReduceOver(ReduceKind::kArgMax, Dims({0}));
  ReduceAttributes smallest = ReduceOver(ReduceKind::kArgMin, Dims({0}));
  using Positions = std::vector<int64_t>;
  CHECK(Compute<int64_t>(kReduceOp, largest, {x.view()}) == Positions{0});
  CHECK(Compute<int64_t>(kReduceOp, smallest, {x.view()}) == Positions{4});
  CHECK(Compute<int64_t>(kReduceOp, largest, {with_nan.view()}) == Positions{1});
  CHECK(Compute<int64_t>(kReduceOp, smallest, {with_nan.view()}) == Positions{1});
  largest.select_last = 1;
  CHECK(Compute<int64_t>(kReduceOp, largest, {x.view()}) == Positions{2});
  CHECK(Compute<int64_t>(kReduceOp, largest, {with_nan.view()}) == Positions{3});
}

TEST_CASE("Reduce runs its prologue on the input and its epilogue on the result") {
  ReduceAttributes norm = ReduceOver(ReduceKind::kSum, Dims({0}));
  norm.prologue = BinaryProgram(MapOpcode::kMul, DType::kFloat32);
  norm.epilogue = UnaryProgram(MapOpcode::kSqrt, DType::kFloat32, DType::kFloat32);
  const Tensor x = Tensor::Of<float>({2}, {3, 8});
  const Tensor y = Tensor::Of<float>({2}, {3, 2});
  CHECK(Compute<float>(kReduceOp, norm, {x.view(), y.view()}) == Floats32{5});
  CHECK(Infer(kReduceOp, norm, {Shape(DType::kFloat64, {2}), Shape(DType::kFloat32, {2})}).error ==
        "Reduce: prologue: found float32 as input 0, allowed float64");
}

TEST_CASE("blocked sums combine blocks of 256 in pairs") {
  BlockedSum<float> sum;
  // In plain order the ones would vanish against 2^24; block sums of ones are exact.
  sum.Add(0x1p24F);
  for (int i = 1; i < 256; ++i) sum.Add(0);
  for (int i = 0; i < 3 * 256; ++i) sum.Add(1);
  CHECK(sum.Total() == 0x1p24F + 768);
  BlockedSum<int64_t> integers;
  for (int i = 0; i < 1000; ++i) integers.Add(i);
  CHECK(integers.Total() == 499500);
}

TEST_CASE("Normalize takes mean and deviation away, of no axes too") {
  NormalizeAttributes normalize;
  normalize.axis = 1;
  normalize.epsilon = 0.75;
  const Tensor x = Tensor::Of<float>({2, 2}, {1e6F, 1e6F + 1, -3, 5});
  const Floats32 y = Compute<float>(kNormalizeOp, normalize, {x.view()});
  CHECK(y[0] == -0.5F);
  CHECK(y[1] == 0.5F);
  CHECK(y[3] == Approx(4 / std::sqrt(16.75)));
  normalize.kind = NormalizeKind::kRms;
  CHECK(Compute<float>(kNormalizeOp, normalize, {x.view()})[2] == Approx(-3 / std::sqrt(17.75)));
  normalize.axis = 2;
  CHECK(Compute<float>(kNormalizeOp, normalize, {x.view()})[3] == Approx(5 / std::sqrt(25.75)));
  normalize.axis = 3;
  CHECK(Infer(kNormalizeOp, normalize, {Shape(DType::kFloat32, {2, 2})}).error ==
        "Normalize: axis: found 3, allowed 0 to 2");
  CHECK(Infer(kNormalizeOp, normalize, {Shape(DType::kInt32, {2, 2})}).error ==
        "Normalize: input: found int32, allowed float16 to float64");
}

TEST_CASE("Softmax normalises rows, also of the same huge number") {
  SoftmaxAttributes softmax;
  softmax.axis = 1;
  const Tensor x = Tensor::Of<float>({2, 2}, {1e30F, 1e30F, 0, std::log(3.0F)});
  const Floats32 y = Compute<float>(kSoftmaxOp, softmax, {x.view()});
  CHECK(y[0] == 0.5F);
  CHECK(y[1] == 0.5F);
  CHECK(y[2] == Approx(0.25));
  CHECK(y[3] == Approx(0.75));
  softmax.log = 1;
  const Floats32 logs = Compute<float>(kSoftmaxOp, softmax, {x.view()});
  CHECK(logs[0] == Approx(std::log(0.5)));
  CHECK(logs[3] == Approx(std::log(0.75)));
  softmax.axis = 2;
  CHECK(Infer(kSoftmaxOp, softmax, {Shape(DType::kFloat32, {2, 2})}).error ==
        "Softmax: axis: found 2, allowed 0 to 1");
}

TEST_CASE("Prefix sums and products, exclusive and from the end") {
  PrefixAttributes prefix;
  prefix.axis = Dims({-1});
  const Tensor x = Tensor::Of<int32_t>({2, 3}, {1, 2, 3, 4, 5, 6});
  using Values = std::vector<int32_t>;
  CHECK(Compute<int32_t>(kPrefixOp, prefix, {x.view()}) == Values{1, 3, 6, 4, 9, 15});
  prefix.exclusive = 1;
  CHECK(Compute<int32_t>(kPrefixOp, prefix, {x.view()}) == Values{0, 1, 3, 0, 4, 9});
  prefix.reverse = 1;
  prefix.kind = PrefixKind::kProduct;
  CHECK(Compute<int32_t>(kPrefixOp, prefix, {x.view()}) == Values{6, 3, 1, 30, 6, 1});
  prefix.axis = Dims({2});
  CHECK(Infer(kPrefixOp, prefix, {Shape(DType::kInt32, {2, 3})}).error ==
        "Prefix: axis: found 2, allowed axes -2 to 1");
}

TEST_CASE("TopK sorts, ties by index, NaN as the largest") {
  TopKAttributes top;
  top.k = Dims({3});
  const Tensor x = Tensor::Of<float>({5}, {1, 3, NAN, 3, 2});
  Ran ran = Run(kTopKOp, top, {x.view()});
  REQUIRE(ran.error.empty());
  CHECK(ran.results[1].values<int64_t>() == std::vector<int64_t>{2, 1, 3});
  top.largest = 0;
  top.k = Dims({5});
  ran = Run(kTopKOp, top, {x.view()});
  CHECK(ran.results[1].values<int64_t>() == std::vector<int64_t>{0, 4, 1, 3, 2});
  CHECK(ran.results[0].values<float>()[1] == 2);
  top.k = Dims({6});
  CHECK(Run(kTopKOp, top, {x.view()}).error ==
        "TopK: shape: found 1 and 0, allowed equal numbers: k no larger than the axis");
  top.k = Dims({-1});
  CHECK(!Run(kTopKOp, top, {x.view()}).error.empty());
  const Tensor u = Tensor::Of<uint64_t>({2}, {1, UINT64_MAX});
  top.k = Dims({1});
  top.largest = 1;
  CHECK(Compute<uint64_t>(kTopKOp, top, {u.view()}) == std::vector<uint64_t>{UINT64_MAX});
}

TEST_CASE("linear Resample: values between, borders repeated") {
  const Tensor x = Tensor::Of<float>({2}, {0, 4});
  ResampleAttributes linear = ResampleTo(ResampleMode::kLinear, 4);
  CHECK(Compute<float>(kResampleOp, linear, {x.view()}) == Floats32{0, 1, 3, 4});
  linear.coordinate = ResizeCoordinate::kAlignCorners;
  linear.extents = Dims({5});
  CHECK(Compute<float>(kResampleOp, linear, {x.view()}) == Floats32{0, 1, 2, 3, 4});
  const Tensor bytes = Tensor::Of<uint8_t>({2}, {0, 255});
  linear.extents = Dims({3});
  CHECK(Compute<uint8_t>(kResampleOp, linear, {bytes.view()}) == std::vector<uint8_t>{0, 127, 255});
}

TEST_CASE("cubic and antialiased Resample sum to one") {
  const Tensor x = Tensor::Of<float>({4}, {2, 2, 2, 2});
  for (const ResampleMode mode : {ResampleMode::kLinear, ResampleMode::kCubic}) {
    for (const int64_t exclude : {0, 1}) {
      for (const int64_t antialias : {0, 1}) {
        ResampleAttributes resample = ResampleTo(mode, 3);
        resample.exclude_outside = exclude;
        resample.antialias = antialias;
        for (const float y : Compute<float>(kResampleOp, resample, {x.view()})) {
          CHECK(y == Approx(2).epsilon(1e-6));
        }
      }
    }
  }
  // Half the resolution: the triangle of width 4 over 1, 2, 3, 4 at positions 0.5 and 2.5.
  const Tensor ramp = Tensor::Of<float>({4}, {1, 2, 3, 4});
  ResampleAttributes half = ResampleTo(ResampleMode::kLinear, 2);
  half.antialias = 1;
  const Floats32 y = Compute<float>(kResampleOp, half, {ramp.view()});
  CHECK(y[0] == Approx((0.25 * 1 + 0.75 * 1 + 0.75 * 2 + 0.25 * 3) / 2));
  CHECK(y[1] == Approx((0.25 * 2 + 0.75 * 3 + 0.75 * 4 + 0.25 * 4) / 2));
}

TEST_CASE("a Resample region may reach outside, where the extrapolation value is") {
  const Tensor x = Tensor::Of<float>({3}, {1, 2, 3});
  ResampleAttributes crop = ResampleTo(ResampleMode::kLinear, 3);
  crop.coordinate = ResizeCoordinate::kTfCropAndResize;
  crop.region = Floats({0, 2});
  crop.extrapolation = 10;
  CHECK(Compute<float>(kResampleOp, crop, {x.view()}) == Floats32{1, 3, 10});
  crop.mode = ResampleMode::kNearest;
  CHECK(Compute<float>(kResampleOp, crop, {x.view()}) == Floats32{1, 3, 10});
}

TEST_CASE("Resample refuses what its tables could not hold") {
  const TensorShape x = Shape(DType::kFloat32, {4});
  ResampleAttributes resample = ResampleTo(ResampleMode::kLinear, 2);
  CHECK(Infer(kResampleOp, resample, {x}).error.empty());
  CHECK(Infer(kResampleOp, resample, {Shape(DType::kFloat32, {0})}).error ==
        "Resample: extents: found 2 elements from none on axis 0, allowed 0");
  CHECK(Infer(kResampleOp, resample, {Shape(DType::kBool, {4})}).error ==
        "Resample: input: found bool, allowed numbers");
  resample.antialias = 1;
  resample.scales = Floats({1e-9});
  CHECK(Infer(kResampleOp, resample, {x}).error ==
        "Resample: scales: found 1e-09 with antialias, allowed 0.000244141 or more");
  resample.scales = Floats({NAN});
  CHECK(Infer(kResampleOp, resample, {x}).error ==
        "Resample: scales: found nan, allowed finite numbers from 0");
  resample.scales = FloatList();
  resample.region = Floats({0});
  CHECK(Infer(kResampleOp, resample, {x}).error == "Resample: region: found 1, allowed 2 to 2");
}

}  // namespace stint::testing
