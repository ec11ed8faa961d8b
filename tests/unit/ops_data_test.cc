// Copy, Gather, Scatter, Eval: what moves elements without looking at them.
#include <catch2/catch.hpp>

#include "runtime/ops/copy.h"
#include "runtime/ops/eval.h"
#include "runtime/ops/gather.h"
#include "runtime/ops/scatter.h"
#include "tests/unit/ops_testing.h"

namespace stint::testing {

namespace {

using Extents = std::vector<int64_t>;
using Values = std::vector<int32_t>;

CopyAttributes CopyTo(DimList extents, LongDimList starts) {
  CopyAttributes copy;
  copy.extents = extents;
  copy.starts = starts;
  return copy;
}

// What a table makes of the vector 0, 1, ..., extent - 1.
Values Tabled(CopyAttributes copy, AxisTable table, int64_t extent) {
  copy.tables = Ints({static_cast<int64_t>(table)});
  Values source;
  for (int32_t i = 0; i < extent; ++i) source.push_back(i);
  return Compute<int32_t>(kCopyOp, copy, {Tensor::Of<int32_t>({extent}, source).view()});
}

Values Nearest(ResizeCoordinate coordinate, ResizeRounding rounding, int64_t from, int64_t to,
               double scale = 0) {
  CopyAttributes copy = CopyTo(Dims({to}), LongDims({0}));
  copy.coordinate = coordinate;
  copy.rounding = rounding;
  copy.scales = Floats({scale});
  return Tabled(copy, AxisTable::kNearest, from);
}

GatherAttributes GatherAlong(int64_t axis) {
  GatherAttributes gather;
  gather.axis = axis;
  return gather;
}

}  // namespace

TEST_CASE("Copy places sources, the later one on top, and fills the rest") {
  CopyAttributes copy = CopyTo(Dims({6}), LongDims({-1, 3}));
  copy.fill = ListOf<SmallBytes>({uint8_t{9}, uint8_t{0}, uint8_t{0}, uint8_t{0}});
  const Tensor a = Tensor::Of<int32_t>({5}, {1, 2, 3, 4, 5});
  const Tensor b = Tensor::Of<int32_t>({1}, {7});
  CHECK(Compute<int32_t>(kCopyOp, copy, {a.view(), b.view()}) == Values{2, 3, 4, 7, 9, 9});
}

TEST_CASE("Copy reads strided views: transposed, reversed, broadcast") {
  const Tensor a = Tensor::Of<int32_t>({2, 3}, {1, 2, 3, 4, 5, 6});
  TensorView view = a.view();
  std::swap(view.extents[0], view.extents[1]);
  std::swap(view.strides[0], view.strides[1]);
  const CopyAttributes copy = CopyTo(Dims({3, 2}), LongDims({0, 0}));
  CHECK(Compute<int32_t>(kCopyOp, copy, {view}) == Values{1, 4, 2, 5, 3, 6});
  view.data = view.as<int32_t>() + 5;
  view.strides[0] = -1;
  view.strides[1] = 0;
  CHECK(Compute<int32_t>(kCopyOp, copy, {view}) == Values{6, 6, 5, 5, 4, 4});
}

TEST_CASE("Copy's tables: edge, reflect more than once, wrap, and an empty source") {
  const CopyAttributes copy = CopyTo(Dims({9}), LongDims({4}));
  CHECK(Tabled(copy, AxisTable::kEdge, 3) == Values{0, 0, 0, 0, 0, 1, 2, 2, 2});
  CHECK(Tabled(copy, AxisTable::kReflect, 3) == Values{0, 1, 2, 1, 0, 1, 2, 1, 0});
  CHECK(Tabled(copy, AxisTable::kReflect, 1) == Values(9, 0));
  CHECK(Tabled(copy, AxisTable::kWrap, 3) == Values{2, 0, 1, 2, 0, 1, 2, 0, 1});
  CHECK(Tabled(copy, AxisTable::kWrap, 0) == Values(9, 0));
}

TEST_CASE("nearest Copy follows Resize's coordinates") {
  // Expected indices by the formulas of the ONNX text.
  using enum ResizeCoordinate;
  using enum ResizeRounding;
  CHECK(Nearest(kHalfPixel, kPreferFloor, 2, 4) == Values{0, 0, 1, 1});
  CHECK(Nearest(kAsymmetric, kFloor, 2, 5) == Values{0, 0, 0, 1, 1});
  CHECK(Nearest(kAsymmetric, kPreferFloor, 2, 4) == Values{0, 0, 1, 1});
  CHECK(Nearest(kAsymmetric, kPreferCeil, 2, 4) == Values{0, 1, 1, 1});
  CHECK(Nearest(kAsymmetric, kCeil, 4, 2) == Values{0, 2});
  CHECK(Nearest(kAlignCorners, kPreferFloor, 4, 7) == Values{0, 0, 1, 1, 2, 2, 3});
  CHECK(Nearest(kPytorchHalfPixel, kPreferFloor, 5, 1) == Values{0});
  CHECK(Nearest(kHalfPixel, kPreferFloor, 5, 1) == Values{2});
  // The given scale, 0.6 * 4 = 2.4 wide, not 2 / 4.
  CHECK(Nearest(kAlignCorners, kFloor, 4, 2, 0.6) == Values{0, 2});
  CHECK(Nearest(kAsymmetric, kFloor, 4, 3, 1e-300) == Values{0, 3, 3});
}

TEST_CASE("Copy refuses what its kernel could not run") {
  const TensorShape x = Shape(DType::kInt32, {3});
  const auto error = [&](const auto& change, const std::vector<TensorShape>& operands) {
    CopyAttributes copy = CopyTo(Dims({4}), LongDims({0}));
    change(copy);
    return Infer(kCopyOp, copy, operands).error;
  };
  CHECK(error([](auto&) {}, {x}).empty());
  CHECK(error([](auto&) {}, {}) == "Copy: operands: found 0, allowed 1 to 16");
  CHECK(error([](auto&) {}, {x, x}) == "Copy: starts: found 1, allowed 2 to 2");
  CHECK(error([](auto&) {}, {Shape(DType::kInt32, {1, 3})}) ==
        "Copy: operand 0: found rank 2, allowed 1 to 1");
  CHECK(error([](auto& c) { c.starts = LongDims({int64_t{1} << 60}); }, {x}) ==
        "Copy: starts: found 1152921504606846976, allowed -281474976710656 to 281474976710656");
  CHECK(error([](auto& c) { c.fill.size = 3; }, {x}) ==
        "Copy: fill bytes: found 3, allowed 4 to 4");
  CHECK(error([](auto& c) { c.extents = Dims({-1}); }, {x}) ==
        "Copy: result 0: found extent -1 on axis 0, allowed 0 or more");
  CHECK(error([](auto& c) { c.tables = Ints({5}); }, {x}) ==
        "Copy: tables: found 5, allowed 0 to 4");
  CHECK(error([](auto& c) { c.tables = Ints({1, 1}); }, {x}) ==
        "Copy: tables: found 2, allowed 1 to 1");
  CHECK(error([](auto& c) { c.scales = Floats({-1}); }, {x}) ==
        "Copy: scales: found -1, allowed finite numbers from 0");
  CHECK(error(
            [](auto& c) {
              c.starts = LongDims({0, 0});
              c.tables = Ints({1});
            },
            {x, x}) == "Copy: tables: found 2 sources with a table, allowed 1");
  CHECK(error([](auto& c) { c.extents = Dims({int64_t{1} << 61}); }, {x}) ==
        "Copy: result 0: found 2^62 bytes or more, allowed fewer");
}

TEST_CASE("Gather along an axis replaces it by the indices' axes") {
  const Tensor data = Tensor::Of<int32_t>({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor indices = Tensor::Of<int64_t>({2, 1}, {-1, 0});
  const Ran ran = Run(kGatherOp, GatherAlong(1), {data.view(), indices.view()});
  REQUIRE(ran.error.empty());
  CHECK(ran.results[0].extents() == Extents{2, 2, 1});
  CHECK(ran.results[0].values<int32_t>() == Values{3, 1, 6, 4});
  const Tensor scalar = Tensor::Of<int32_t>({}, {1});
  CHECK(Compute<int32_t>(kGatherOp, GatherAlong(0), {data.view(), scalar.view()}) ==
        Values{4, 5, 6});
}

TEST_CASE("an index out of range is an error of the data that says which") {
  const Tensor data = Tensor::Of<int32_t>({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor high = Tensor::Of<int64_t>({1}, {3});
  const Tensor low = Tensor::Of<int64_t>({1}, {INT64_MIN});
  CHECK(Run(kGatherOp, GatherAlong(1), {data.view(), high.view()}).error ==
        "indices: found index 3 on axis 1, allowed -3 to 2");
  CHECK(Run(kGatherOp, GatherAlong(1), {data.view(), low.view()}).error ==
        "indices: found index -9223372036854775808 on axis 1, allowed -3 to 2");
  const Tensor empty(DType::kInt32, {2, 0});
  CHECK(!Run(kGatherOp, GatherAlong(1), {empty.view(), high.view()}).error.empty());
}

TEST_CASE("Gather of elements takes one index an element") {
  GatherAttributes gather = GatherAlong(1);
  gather.mode = GatherMode::kElements;
  const Tensor data = Tensor::Of<int32_t>({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor indices = Tensor::Of<int64_t>({1, 4}, {2, 0, -1, 1});
  CHECK(Compute<int32_t>(kGatherOp, gather, {data.view(), indices.view()}) == Values{3, 1, 3, 2});
  CHECK(Infer(kGatherOp, gather, {Shape(DType::kInt32, {2, 3}), Shape(DType::kInt64, {3, 1})})
            .error ==
        "Gather: shape: found 1 and 0, allowed equal numbers: indices no larger than data off the "
        "axis");
}

TEST_CASE("Gather by tuples takes slices, behind common batch axes") {
  GatherAttributes gather;
  gather.mode = GatherMode::kNd;
  const Tensor data = Tensor::Of<int32_t>({2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7});
  const Tensor pairs = Tensor::Of<int64_t>({2, 2}, {0, 1, 1, -2});
  CHECK(Compute<int32_t>(kGatherOp, gather, {data.view(), pairs.view()}) == Values{2, 3, 4, 5});
  gather.batch_dims = 1;
  const Tensor singles = Tensor::Of<int64_t>({2, 1}, {1, 0});
  CHECK(Compute<int32_t>(kGatherOp, gather, {data.view(), singles.view()}) == Values{2, 3, 4, 5});
  gather.batch_dims = 2;
  CHECK(Infer(kGatherOp, gather, {Shape(DType::kInt32, {2, 2, 2}), Shape(DType::kInt64, {2, 1})})
            .error == "Gather: batch_dims: found 2, allowed 0 to 1");
}

TEST_CASE("Gather runs its epilogue on what it gathered") {
  GatherAttributes gather = GatherAlong(0);
  gather.epilogue = BinaryProgram(MapOpcode::kAdd, DType::kInt32);
  const Tensor data = Tensor::Of<int32_t>({3}, {10, 20, 30});
  const Tensor indices = Tensor::Of<int32_t>({2}, {2, 0});
  const Tensor addend = Tensor::Of<int32_t>({1}, {5});
  CHECK(Compute<int32_t>(kGatherOp, gather, {data.view(), indices.view(), addend.view()}) ==
        Values{35, 15});
  CHECK(Run(kGatherOp, gather, {data.view(), indices.view()}).error ==
        "Gather: operands: found 2, allowed 3 to 3");
}

TEST_CASE("Scatter: the last of duplicates wins, reductions combine in order") {
  ScatterAttributes scatter;
  const Tensor data = Tensor::Of<int32_t>({4}, {1, 2, 3, 4});
  const Tensor indices = Tensor::Of<int64_t>({3}, {1, -3, 0});
  const Tensor updates = Tensor::Of<int32_t>({3}, {10, 20, -5});
  const auto with = [&](ScatterReduction reduction) {
    scatter.reduction = reduction;
    return Compute<int32_t>(kScatterOp, scatter, {data.view(), indices.view(), updates.view()});
  };
  CHECK(with(ScatterReduction::kNone) == Values{-5, 20, 3, 4});
  CHECK(with(ScatterReduction::kAdd) == Values{-4, 32, 3, 4});
  CHECK(with(ScatterReduction::kMultiply) == Values{-5, 400, 3, 4});
  CHECK(with(ScatterReduction::kMax) == Values{1, 20, 3, 4});
  CHECK(with(ScatterReduction::kMin) == Values{-5, 2, 3, 4});
  CHECK(data.values<int32_t>() == Values{1, 2, 3, 4});
}

TEST_CASE("Scatter by tuples writes slices") {
  ScatterAttributes scatter;
  scatter.mode = ScatterMode::kNd;
  const Tensor data = Tensor::Of<int32_t>({2, 2}, {1, 2, 3, 4});
  const Tensor indices = Tensor::Of<int64_t>({1, 1}, {-1});
  const Tensor updates = Tensor::Of<int32_t>({1, 2}, {8, 9});
  CHECK(Compute<int32_t>(kScatterOp, scatter, {data.view(), indices.view(), updates.view()}) ==
        Values{1, 2, 8, 9});
  CHECK(Infer(kScatterOp, scatter,
              {Shape(DType::kInt32, {2, 2}), Shape(DType::kInt64, {1, 1}),
               Shape(DType::kInt32, {1, 3})})
            .error ==
        "Scatter: shape: found 3 and 2, allowed equal numbers: extents of Scatter's updates");
  const Tensor high = Tensor::Of<int64_t>({1, 1}, {2});
  CHECK(Run(kScatterOp, scatter, {data.view(), high.view(), updates.view()}).error ==
        "indices: found index 2 on axis 0, allowed -2 to 1");
}

TEST_CASE("Scatter moves any type but combines numbers only") {
  ScatterAttributes scatter;
  const std::vector<TensorShape> shapes = {Shape(DType::kString, {2}), Shape(DType::kInt64, {1}),
                                           Shape(DType::kString, {1})};
  CHECK(Infer(kScatterOp, scatter, shapes).error.empty());
  scatter.reduction = ScatterReduction::kAdd;
  CHECK(Infer(kScatterOp, scatter, shapes).error ==
        "Scatter: data: found string, allowed numbers of 8 bits and more with a reduction");
}

TEST_CASE("Eval writes its values in the type asked for") {
  EvalAttributes eval;
  eval.extents = Dims({2});
  eval.values = LongDims({-1, 7});
  CHECK(Compute<int64_t>(kEvalOp, eval, {}) == std::vector<int64_t>{-1, 7});
  eval.dtype = static_cast<int64_t>(DType::kInt32);
  CHECK(Compute<int32_t>(kEvalOp, eval, {}) == Values{-1, 7});
  eval.dtype = static_cast<int64_t>(DType::kBool);
  CHECK(Infer(kEvalOp, eval, {}).error == "Eval: values: found -1, allowed 0 to 1");
  eval.dtype = static_cast<int64_t>(DType::kFloat32);
  CHECK(Infer(kEvalOp, eval, {}).error ==
        "Eval: dtype: found float32, allowed int64, int32 and "
        "bool");
  eval.dtype = static_cast<int64_t>(DType::kInt64);
  eval.extents = Dims({3});
  CHECK(Infer(kEvalOp, eval, {}).error ==
        "Eval: shape: found 3 and 2, allowed equal numbers: count of Eval's values");
}

}  // namespace stint::testing
