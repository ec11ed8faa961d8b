// Conv and Pool: shapes, refusals and hand-computed values.
#include <catch2/catch.hpp>
#include <cmath>

#include "runtime/ops/conv.h"
#include "runtime/ops/pool.h"
#include "runtime/ops/window.h"
#include "tests/unit/ops_testing.h"

namespace stint::testing {

namespace {

using Extents = std::vector<int64_t>;

ConvAttributes Conv2D() {
  ConvAttributes conv;
  conv.strides = Ints({1, 1});
  conv.dilations = Ints({1, 1});
  conv.pads = LongDims({0, 0, 0, 0});
  return conv;
}

PoolAttributes Pool1D(PoolKind kind, int64_t kernel, int64_t stride, Dim begin, Dim end) {
  PoolAttributes pool;
  pool.kind = kind;
  pool.kernel = Ints({kernel});
  pool.strides = Ints({stride});
  pool.dilations = Ints({1});
  pool.pads = LongDims({begin, end});
  return pool;
}

}  // namespace

TEST_CASE("taps of windows are those that lie inside the tensor") {
  // Every tap of every window of small sizes, compared with the definition.
  for (const bool transposed : {false, true}) {
    for (int64_t code = 0; code < 6 * 3 * 3 * 4 * 4; ++code) {
      const int64_t output = code % 6;
      const int64_t stride = code / 6 % 3 + 1;
      const int64_t dilation = code / 18 % 3 + 1;
      const int64_t pad = code / 54 % 4 - 1;
      const int64_t kernel = code / 216 % 4 + 1;
      const int64_t extent = 5;
      std::vector<std::pair<int64_t, int64_t>> expected;
      for (int64_t k = 0; k < kernel; ++k) {
        for (int64_t i = 0; i < extent; ++i) {
          const bool meets = transposed ? i * stride - pad + k * dilation == output
                                        : output * stride - pad + k * dilation == i;
          if (meets) expected.emplace_back(i, k);
        }
      }
      const Taps taps = (transposed ? TransposedTaps : ForwardTaps)(output, stride, dilation, pad,
                                                                    kernel, extent);
      std::vector<std::pair<int64_t, int64_t>> found;
      for (int64_t i = 0; i < taps.count; ++i) {
        found.emplace_back(taps.input + i * taps.input_step, taps.kernel + i * taps.kernel_step);
      }
      INFO("transposed " << transposed << " code " << code);
      REQUIRE(found == expected);
    }
  }
}

TEST_CASE("Conv infers extents from strides, dilations and pads") {
  ConvAttributes conv = Conv2D();
  conv.strides = Ints({2, 1});
  conv.dilations = Ints({1, 2});
  conv.pads = LongDims({1, 0, 2, 3});
  const Inferred inferred = Infer(
      kConvOp, conv, {Shape(DType::kFloat32, {2, 3, 7, 9}), Shape(DType::kFloat32, {5, 3, 3, 2})});
  REQUIRE(inferred.error.empty());
  CHECK(ExtentsOf(inferred.results[0]) == Extents{2, 5, 4, 10});
  CHECK(inferred.results[0].dtype == DType::kFloat32);
}

TEST_CASE("transposed Conv inverts the extents and adds output padding") {
  ConvAttributes conv = Conv2D();
  conv.transposed = 1;
  conv.group = 2;
  conv.strides = Ints({3, 2});
  conv.pads = LongDims({1, 1, 1, 1});
  conv.output_padding = Ints({1, 0});
  const Inferred inferred = Infer(
      kConvOp, conv, {Shape(DType::kFloat32, {1, 4, 3, 5}), Shape(DType::kFloat32, {4, 3, 3, 3})});
  REQUIRE(inferred.error.empty());
  CHECK(ExtentsOf(inferred.results[0]) == Extents{1, 6, 8, 9});
}

TEST_CASE("Conv refuses what its kernels could not run") {
  const TensorShape x = Shape(DType::kFloat32, {1, 4, 5, 5});
  const TensorShape w = Shape(DType::kFloat32, {2, 4, 3, 3});
  ConvAttributes conv = Conv2D();
  CHECK(Infer(kConvOp, conv, {x, w}).error.empty());
  const auto error = [&](const auto& change) {
    ConvAttributes changed = Conv2D();
    change(changed);
    return Infer(kConvOp, changed, {x, w}).error;
  };
  CHECK(error([](auto& a) { a.strides = Ints({0, 1}); }) ==
        "Conv: strides: found 0, allowed 1 to 2147483647");
  CHECK(error([](auto& a) { a.dilations = Ints({-1, 1}); }) ==
        "Conv: dilations: found -1, allowed 1 to 2147483647");
  CHECK(error([](auto& a) { a.strides = Ints({1}); }) ==
        "Conv: window: found 1 strides, 2 dilations, 4 pads, allowed 2, 2 and 4");
  CHECK(error([](auto& a) { a.pads = LongDims({0, 0, int64_t{1} << 40, 0}); }) ==
        "Conv: pads: found 1099511627776, allowed -2147483647 to 2147483647");
  CHECK(error([](auto& a) { a.group = 3; }) ==
        "Conv: shape: found 12 and 4, allowed equal numbers: Conv input channels");
  CHECK(error([](auto& a) { a.group = 0; }) == "Conv: group: found 0, allowed 1 to 2147483647");
  CHECK(error([](auto& a) { a.strides.size = 17; }) ==
        "Conv: strides: found 17 elements, allowed 0 to 16");
  CHECK(error([](auto& a) { a.pads = LongDims({-4, 0, -4, 0}); }) ==
        "Conv: result 0: found extent -5 on axis 2, allowed 0 or more");
  CHECK(Infer(kConvOp, conv, {x, Shape(DType::kFloat32, {2, 4, 0, 3})}).error ==
        "Conv: kernel: found 0, allowed 1 to 2147483647");
  CHECK(Infer(kConvOp, conv, {x, Shape(DType::kFloat16, {2, 4, 3, 3})}).error ==
        "Conv: weights: found float16, allowed float32");
  CHECK(Infer(kConvOp, conv, {x, w, Shape(DType::kFloat32, {3})}).error ==
        "Conv: shape: found 3 and 2, allowed equal numbers: Conv bias");
  CHECK(Infer(kConvOp, conv, {x}).error == "Conv: operands: found 1, allowed 2 to 5");
}

TEST_CASE("Conv sums products over the window, starting at the bias") {
  const Tensor x = Tensor::Of<float>({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  const Tensor w = Tensor::Of<float>({1, 1, 2, 2}, {1, 10, 100, 1000});
  const Tensor bias = Tensor::Of<float>({1}, {0.5F});
  CHECK(Compute<float>(kConvOp, Conv2D(), {x.view(), w.view(), bias.view()}) ==
        std::vector<float>{5421.5F, 6532.5F, 8754.5F, 9865.5F});
  ConvAttributes padded = Conv2D();
  padded.pads = LongDims({1, 1, 0, 0});
  CHECK(Compute<float>(kConvOp, padded, {x.view(), w.view()}) ==
        std::vector<float>{1000, 2100, 3200, 4010, 5421, 6532, 7040, 8754, 9865});
}

TEST_CASE("grouped Conv keeps groups apart") {
  ConvAttributes conv;
  conv.strides = Ints({1});
  conv.dilations = Ints({1});
  conv.pads = LongDims({0, 0});
  conv.group = 2;
  const Tensor x = Tensor::Of<float>({1, 2, 2}, {1, 2, 3, 4});
  const Tensor w = Tensor::Of<float>({4, 1, 1}, {1, 2, 3, 4});
  CHECK(Compute<float>(kConvOp, conv, {x.view(), w.view()}) ==
        std::vector<float>{1, 2, 2, 4, 9, 12, 12, 16});
}

TEST_CASE("transposed Conv spreads each input over its outputs") {
  ConvAttributes conv;
  conv.transposed = 1;
  conv.strides = Ints({2});
  conv.dilations = Ints({1});
  conv.pads = LongDims({0, 0});
  const Tensor x = Tensor::Of<float>({1, 1, 3}, {1, 2, 3});
  const Tensor w = Tensor::Of<float>({1, 1, 3}, {1, 10, 100});
  CHECK(Compute<float>(kConvOp, conv, {x.view(), w.view()}) ==
        std::vector<float>{1, 10, 102, 20, 203, 30, 300});
}

TEST_CASE("8-bit Conv subtracts zero points, and padding adds nothing") {
  ConvAttributes conv;
  conv.strides = Ints({1});
  conv.dilations = Ints({1});
  conv.pads = LongDims({1, 0});
  const Tensor x = Tensor::Of<uint8_t>({1, 1, 3}, {10, 11, 255});
  const Tensor w = Tensor::Of<int8_t>({1, 1, 2}, {-128, 3});
  const Tensor x_zero = Tensor::Of<uint8_t>({}, {10});
  const Tensor w_zero = Tensor::Of<int8_t>({1}, {1});
  const TensorView none;
  CHECK(Compute<int32_t>(kConvOp, conv, {x.view(), w.view(), none, x_zero.view(), w_zero.view()}) ==
        std::vector<int32_t>{0, 2, 1 * -129 + 245 * 2});
}

TEST_CASE("Pool rounds its extent, and no window starts in the end padding") {
  const TensorShape x = Shape(DType::kFloat32, {1, 1, 4});
  PoolAttributes pool = Pool1D(PoolKind::kMax, 2, 3, 0, 2);
  CHECK(ExtentsOf(Infer(kPoolOp, pool, {x}).results[0]) == Extents{1, 1, 2});
  pool.pads = LongDims({0, 3});
  pool.ceil_mode = 1;  // Windows at 0, 3 and 6; the last would start past the image.
  CHECK(ExtentsOf(Infer(kPoolOp, pool, {x}).results[0]) == Extents{1, 1, 2});
  pool.kernel = Ints({3});
  pool.pads = LongDims({0, 0});
  CHECK(ExtentsOf(Infer(kPoolOp, pool, {x}).results[0]) == Extents{1, 1, 2});
}

TEST_CASE("Pool refuses combinations without a meaning") {
  const TensorShape x = Shape(DType::kFloat32, {1, 1, 4});
  PoolAttributes average = Pool1D(PoolKind::kAverage, 2, 1, 0, 0);
  CHECK(Infer(kPoolOp, average, {Shape(DType::kInt8, {1, 1, 4})}).error ==
        "Pool: input: found int8, allowed floats");
  average.with_indices = 1;
  CHECK(Infer(kPoolOp, average, {x}).error ==
        "Pool: with_indices: found 1, allowed 0 unless kind is max");
  PoolAttributes pool = Pool1D(PoolKind::kMax, 0, 1, 0, 0);
  CHECK(Infer(kPoolOp, pool, {x}).error == "Pool: kernel: found 0, allowed 1 to 2147483647");
  pool.kernel = Ints({5});
  CHECK(Infer(kPoolOp, pool, {x}).error.empty());
  pool.kernel = Ints({6});
  CHECK(Infer(kPoolOp, pool, {x}).error ==
        "Pool: result 0: found extent -1 on axis 2, allowed 0 or more");
  pool.kernel = Ints({1, 1});
  CHECK(Infer(kPoolOp, pool, {x}).error == "Pool: kernel sizes: found 2, allowed 1 to 1");
  pool.kind = static_cast<PoolKind>(7);
  CHECK(Infer(kPoolOp, pool, {x}).error == "Pool: kind: found 7, allowed 0 to 2");
}

TEST_CASE("max Pool: NaN wins, the first maximum is the one, padding never is") {
  PoolAttributes pool = Pool1D(PoolKind::kMax, 3, 1, 1, 1);
  pool.with_indices = 1;
  const Tensor x = Tensor::Of<float>({1, 1, 5}, {-3, -1, -1, NAN, 2});
  const Ran ran = Run(kPoolOp, pool, {x.view()});
  REQUIRE(ran.error.empty());
  const std::vector<float> values = ran.results[0].values<float>();
  CHECK(values[0] == -1);
  CHECK(values[1] == -1);
  CHECK(std::isnan(values[2]));
  CHECK(std::isnan(values[4]));
  CHECK(ran.results[1].values<int64_t>() == std::vector<int64_t>{1, 1, 3, 3, 3});
}

TEST_CASE("indices of max Pool count the whole tensor, column-major within an image if asked") {
  PoolAttributes pool;
  pool.kernel = Ints({1, 1});
  pool.strides = Ints({1, 1});
  pool.dilations = Ints({1, 1});
  pool.pads = LongDims({0, 0, 0, 0});
  pool.with_indices = 1;
  const Tensor x(DType::kInt8, {1, 2, 2, 3});
  CHECK(Run(kPoolOp, pool, {x.view()}).results[1].values<int64_t>() ==
        std::vector<int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  pool.column_major = 1;
  CHECK(Run(kPoolOp, pool, {x.view()}).results[1].values<int64_t>() ==
        std::vector<int64_t>{0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11});
}

TEST_CASE("average Pool divides by the taps inside the image, or inside image and padding") {
  const Tensor x = Tensor::Of<float>({1, 1, 4}, {1, 2, 3, 4});
  PoolAttributes pool = Pool1D(PoolKind::kAverage, 3, 2, 1, 0);
  CHECK(Compute<float>(kPoolOp, pool, {x.view()}) == std::vector<float>{1.5F, 3});
  pool.count_include_pad = 1;
  CHECK(Compute<float>(kPoolOp, pool, {x.view()}) == std::vector<float>{1, 3});
  pool.ceil_mode = 1;  // The third window has one tap inside and two beyond any padding.
  pool.pads = LongDims({0, 0});
  pool.kernel = Ints({3});
  CHECK(Compute<float>(kPoolOp, pool, {x.view()}) == std::vector<float>{2, 3.5F});
}

TEST_CASE("average Pool counts more taps in its padding than int64 holds") {
  constexpr int64_t kPad = (int64_t{1} << 30) - 1;
  PoolAttributes pool;
  pool.kind = PoolKind::kAverage;
  pool.kernel = Ints({2 * kPad + 1, 2 * kPad + 1, 2 * kPad + 1});
  pool.strides = Ints({1, 1, 1});
  pool.dilations = Ints({1, 1, 1});
  pool.pads = LongDims({kPad, kPad, kPad, kPad, kPad, kPad});
  pool.count_include_pad = 1;
  const Tensor x = Tensor::Of<float>({1, 1, 1, 1, 1}, {3});
  const auto taps = static_cast<float>(2 * kPad + 1);
  CHECK(Compute<float>(kPoolOp, pool, {x.view()})[0] == Approx(3 / (taps * taps * taps)));
}

TEST_CASE("sums of 8-bit Pools are int32") {
  const Tensor x = Tensor::Of<uint8_t>({1, 1, 3}, {255, 255, 1});
  CHECK(Compute<int32_t>(kPoolOp, Pool1D(PoolKind::kSum, 2, 1, 0, 0), {x.view()}) ==
        std::vector<int32_t>{510, 256});
}

TEST_CASE("windows over nothing give nothing") {
  const Tensor x(DType::kFloat32, {0, 1, 4});
  const Ran ran = Run(kPoolOp, Pool1D(PoolKind::kMax, 2, 1, 0, 0), {x.view()});
  CHECK(ran.error.empty());
  CHECK(ran.results[0].extents() == Extents{0, 1, 3});
}

}  // namespace stint::testing
