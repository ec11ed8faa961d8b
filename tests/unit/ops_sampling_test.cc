// Sample, RoiPool, Fft, Random, Det: what their shape functions refuse, and rois that no image has.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <random>

#include "runtime/ops/det.h"
#include "runtime/ops/fft.h"
#include "runtime/ops/nms.h"
#include "runtime/ops/random.h"
#include "runtime/ops/roi_pool.h"
#include "runtime/ops/sample.h"
#include "tests/unit/ops_testing.h"

namespace stint::testing {
namespace {

TEST_CASE("Sample refuses positions that do not fit the image") {
  const SampleAttributes sample;
  const TensorShape x = Shape(DType::kFloat32, {2, 3, 4, 5});
  const auto error = [&](const TensorShape& image, const TensorShape& positions) {
    return Infer(kSampleOp, sample, {image, positions}).error;
  };
  CHECK(error(x, Shape(DType::kFloat32, {2, 7, 2})).empty());
  CHECK(error(x, Shape(DType::kFloat32, {2, 7, 3})).find("one coordinate a spatial axis") !=
        std::string::npos);
  CHECK(error(x, Shape(DType::kFloat32, {1, 7, 2})).find("batch of the input") !=
        std::string::npos);
  CHECK(error(x, Shape(DType::kInt32, {2, 7, 2})) ==
        "Sample: positions: found int32, allowed float32 and float64");
  CHECK(error(Shape(DType::kFloat32, {2, 3}), Shape(DType::kFloat32, {2, 0})) ==
        "Sample: input: found rank 2, allowed 3 to 5");
}

TEST_CASE("Fft refuses lengths and axes that it could not hold") {
  const TensorShape x = Shape(DType::kFloat32, {2, 8, 2});
  const auto error = [&](const TensorShape& signal, int64_t axis, Dim length) {
    FftAttributes fft;
    fft.axis[0] = axis;
    fft.length.Push(length);
    return Infer(kFftOp, fft, {signal}).error;
  };
  CHECK(error(x, 1, 8).empty());
  CHECK(error(x, -3, 1).empty());
  CHECK(error(x, 2, 8).find("the axis is not the last") != std::string::npos);
  CHECK(error(x, -1, 8).find("the axis is not the last") != std::string::npos);
  CHECK(error(x, 3, 8).find("found 3, allowed axes -3 to 2") != std::string::npos);
  CHECK(error(x, 1, 0) == "Fft: length: found 0, allowed 1 to 4194304");
  CHECK(error(x, 1, INT64_MAX).find("allowed 1 to 4194304") != std::string::npos);
  CHECK(error(Shape(DType::kFloat32, {8, 3}), 0, 8) ==
        "Fft: numbers of the last axis: found 3, allowed 1 to 2");
  CHECK(error(Shape(DType::kInt32, {8, 1}), 0, 8) ==
        "Fft: input: found int32, allowed float16 to float64");
}

TEST_CASE("Det refuses matrices that are not square") {
  CHECK(Infer(kDetOp, DetAttributes(), {Shape(DType::kFloat32, {2, 3})})
            .error.find("matrices are square") != std::string::npos);
  CHECK(Infer(kDetOp, DetAttributes(), {Shape(DType::kFloat32, {3})}).error ==
        "Det: input: found rank 1, allowed 2 to 8");
}

TEST_CASE("Random refuses extents and seeds that are none") {
  RandomAttributes random;
  random.extents.Push(-1);
  CHECK_FALSE(Infer(kRandomOp, random, {}).error.empty());
  random.extents = DimList();
  random.seed = int64_t{1} << 32;
  CHECK(Infer(kRandomOp, random, {}).error.find("seed") != std::string::npos);
}

TEST_CASE("RoiPool survives any rois") {
  std::minstd_rand random(1);
  const auto below = [&](int64_t limit) { return static_cast<int64_t>(random() % limit); };
  const float numbers[] = {0,      0.5F,  -1,     2,        3.25F,     1e9F,
                           -1e30F, 3e38F, -3e38F, INFINITY, -INFINITY, NAN};
  int ran = 0;
  int refused = 0;
  for (int i = 0; i < 3000; ++i) {
    RoiPoolAttributes pool;
    pool.mode = static_cast<RoiPoolMode>(below(3));
    pool.half_pixel = below(2);
    pool.sampling = below(3);
    pool.spatial_scale = static_cast<double>(numbers[below(i % 2 == 0 ? 5 : 12)]);
    pool.extents.Push(below(3));
    pool.extents.Push(below(3));
    const Tensor x = Tensor::Of<float>({1, 1, 2, 3}, {1, 2, 3, 4, 5, 6});
    std::vector<float> roi(4);
    for (float& number : roi) number = numbers[below(i % 2 == 0 ? 5 : 12)];
    const Tensor rois = Tensor::Of<float>({1, 4}, roi);
    const Tensor images = Tensor::Of<int64_t>({1}, {below(2)});
    const TensorView views[] = {x.view(), rois.view(), images.view()};
    Tensor y(DType::kFloat32, {1, 1, pool.extents[0].constant(), pool.extents[1].constant()});
    const TensorView results[] = {y.view()};
    const Status status = RunReference(kRoiPoolOp, {&pool, views, results});
    ++(status.ok() ? ran : refused);
    if (!status.ok()) CHECK(status.code() == Code::kInvalid);
  }
  CHECK(ran > 300);
  CHECK(refused > 300);
}

TEST_CASE("RoiPool stays in images whose extent has no float32") {
  constexpr int64_t kWidth = (int64_t{1} << 24) + 3;
  RoiPoolAttributes pool;
  pool.mode = RoiPoolMode::kMax;
  for (int axis = 0; axis < 2; ++axis) pool.extents.Push(1);
  Tensor x(DType::kFloat16, {1, 1, 2, kWidth});
  static_cast<uint16_t*>(x.view().data)[kWidth] = 0x3c00;  // A one, first in row 1.
  Tensor rois(DType::kFloat16, {1, 4});
  const uint16_t corners[] = {0, 0, 0x7bff, 0};  // To 65504, scaled beyond the width, in row 0.
  std::memcpy(rois.view().data, corners, sizeof(corners));
  pool.spatial_scale = 512;
  const Tensor images = Tensor::Of<int64_t>({1}, {0});
  const TensorView views[] = {x.view(), rois.view(), images.view()};
  Tensor y(DType::kFloat16, {1, 1, 1, 1});
  const TensorView results[] = {y.view()};
  REQUIRE(RunReference(kRoiPoolOp, {&pool, views, results}).ok());
  CHECK(*static_cast<const uint16_t*>(y.view().data) == 0);
}

TEST_CASE("Nms of very many images without boxes ends at once") {
  constexpr int64_t kImages = int64_t{1} << 40;
  NmsAttributes nms;
  nms.most.Push(5);
  for (int i = 0; i < 2; ++i) nms.thresholds.Push(0.5);
  const Tensor boxes(DType::kFloat32, {kImages, 0, 4});
  const Tensor scores(DType::kFloat32, {kImages, 1, 0});
  Tensor rows(DType::kInt64, {0, 3});
  Tensor count(DType::kInt64, {});
  const TensorView views[] = {boxes.view(), scores.view()};
  const TensorView results[] = {rows.view(), count.view()};
  REQUIRE(RunReference(*FindOp(OpKind::kNms), {&nms, views, results}).ok());
  CHECK(count.values<int64_t>()[0] == 0);
}

}  // namespace
}  // namespace stint::testing
