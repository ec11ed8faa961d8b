// Distances in units in the last place: exact on neighbours, with the filter of one epsilon.
#include "tools/conformance/ulp.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

namespace stint::conformance {
namespace {

template <typename T>
TensorView ViewOf(T* data, DType dtype, int64_t count) {
  TensorView view;
  view.data = reinterpret_cast<uint8_t*>(data);
  view.dtype = dtype;
  view.rank = 1;
  view.extents[0] = count;
  DenseStrides(view.rank, view.extents, view.strides);
  return view;
}

double DistanceOf(float actual, float expected) {
  return *LargestUlp(ViewOf(&actual, DType::kFloat32, 1), ViewOf(&expected, DType::kFloat32, 1));
}

TEST_CASE("Neighbours of a float32 are one ULP away where an ULP exceeds one epsilon") {
  CHECK(DistanceOf(std::nextafter(1024.0f, 2000.0f), 1024.0f) == 1);
  CHECK(DistanceOf(1024.0f + 5 * 0x1p-13f, 1024.0f) == 5);
  CHECK(DistanceOf(-3.0f, 3.0f) == 6 * 0x1p22);
}

TEST_CASE("What is at most one epsilon apart is equal, what is more is not") {
  CHECK(DistanceOf(0x1p-23f, 0) == 0);
  CHECK(DistanceOf(1 + 0x1p-23f, 1) == 0);
  CHECK(DistanceOf(1 + 0x1p-22f, 1) == 2);
  CHECK(DistanceOf(0.25f + 0x1p-22f, 0.25f) == 8);
}

TEST_CASE("NaN equals NaN, infinities equal themselves, nothing finite is near them") {
  const float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(DistanceOf(nan, nan) == 0);
  CHECK(DistanceOf(infinity, infinity) == 0);
  CHECK(std::isinf(DistanceOf(infinity, -infinity)));
  CHECK(std::isinf(DistanceOf(std::numeric_limits<float>::max(), infinity)));
  CHECK(std::isinf(DistanceOf(0, nan)));
}

TEST_CASE("float64 counts in its own units, and the worst element decides") {
  double actual[] = {4, 4 + 3 * 0x1p-50, 5};
  double expected[] = {4, 4, 5};
  CHECK(LargestUlp(ViewOf(actual, DType::kFloat64, 3), ViewOf(expected, DType::kFloat64, 3)) == 3);
}

TEST_CASE("Integers have no distance") {
  int32_t actual = 1;
  int32_t expected = 2;
  CHECK_FALSE(LargestUlp(ViewOf(&actual, DType::kInt32, 1), ViewOf(&expected, DType::kInt32, 1)));
}

}  // namespace
}  // namespace stint::conformance
