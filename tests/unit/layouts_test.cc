// Layouts of constants: where each element goes, that Unpack is the inverse of Pack, what is
// refused.
#include <catch2/catch.hpp>

#include "runtime/ops/layouts/winograd.h"
#include "tests/unit/ops_testing.h"

namespace stint::testing {

namespace {

Tensor Counted(std::vector<int64_t> extents) {
  size_t count = 1;
  for (const int64_t extent : extents) count *= static_cast<size_t>(extent);
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i) values[i] = static_cast<float>(i + 1);
  return Tensor::Of(std::move(extents), values);
}

std::vector<float> Packed(Layout layout, const TensorView& view) {
  const Result<int64_t> bytes = PackedBytes(layout, view.dtype, view.rank, view.extents);
  REQUIRE(bytes.ok());
  std::vector<float> packed(static_cast<size_t>(*bytes) / sizeof(float), -1.0f);
  REQUIRE(TextOf(Pack(layout, view, packed.data())) == "");
  return packed;
}

std::string BytesError(Layout layout, DType dtype, const std::vector<int64_t>& extents) {
  return TextOf(
      PackedBytes(layout, dtype, static_cast<int>(extents.size()), extents.data()).status());
}

void CheckRoundTrip(Layout layout, const std::vector<int64_t>& extents) {
  const Tensor from = Counted(extents);
  const std::vector<float> packed = Packed(layout, from.view());
  const Tensor back(DType::kFloat32, extents);
  REQUIRE(TextOf(Unpack(layout, packed.data(), back.view())) == "");
  CHECK(back.values<float>() == from.values<float>());
}

}  // namespace

TEST_CASE("Panels hold 16 channels, taps outside of inner channels, zeros behind", "[layouts]") {
  const int64_t channels = 18, inner = 3, taps = 4;
  const Tensor weights = Counted({channels, inner, 2, 2});
  const std::vector<float> packed = Packed(Layout::kPanel16, weights.view());
  REQUIRE(packed.size() == 2 * 4 * 3 * 16);
  const std::vector<float> dense = weights.values<float>();
  for (int64_t m = 0; m < 32; ++m) {
    for (int64_t c = 0; c < inner; ++c) {
      for (int64_t t = 0; t < taps; ++t) {
        const float expected =
            m < channels ? dense[static_cast<size_t>((m * inner + c) * taps + t)] : 0.0f;
        const int64_t at = ((m / 16 * taps + t) * inner + c) * 16 + m % 16;
        CHECK(packed[static_cast<size_t>(at)] == expected);
      }
    }
  }
}

TEST_CASE("A matrix that lies transposed packs through its strides", "[layouts]") {
  const Tensor matrix = Counted({5, 17});  // [K, N]
  TensorView transposed = matrix.view();
  std::swap(transposed.extents[0], transposed.extents[1]);
  std::swap(transposed.strides[0], transposed.strides[1]);
  const std::vector<float> packed = Packed(Layout::kPanel16, transposed);
  REQUIRE(packed.size() == 2 * 5 * 16);
  CHECK(packed[0] == 1.0f);
  CHECK(packed[1] == 2.0f);
  CHECK(packed[16] == 18.0f);
  CHECK(packed[5 * 16] == 17.0f);
  CHECK(packed[5 * 16 + 1] == 0.0f);
}

TEST_CASE("Depthwise panels hold 16 channels of a tap", "[layouts]") {
  const Tensor weights = Counted({20, 1, 3, 1});
  const std::vector<float> packed = Packed(Layout::kDepthwise16, weights.view());
  REQUIRE(packed.size() == 2 * 3 * 16);
  CHECK(packed[0] == 1.0f);
  CHECK(packed[1] == 4.0f);
  CHECK(packed[16] == 2.0f);
  CHECK(packed[3 * 16 + 3] == 58.0f);
  CHECK(packed[3 * 16 + 4] == 0.0f);
}

TEST_CASE("Winograd's layouts hold G k G^T of each kernel, zeros behind", "[layouts]") {
  // Of the kernel 1 to 9, from NumPy: G @ k @ G.T, as float32.
  const std::vector<float> two = {1, 3, 1, 3, 6, 11.25f, 3.75f, 9, 2, 3.75f, 1.25f, 3, 7, 12, 4, 9};
  const std::vector<float> four = {0.0625f,        -0.25f,
                                   -0.0833333358f, 0.1770833283f,
                                   0.09375f,       0.75f,
                                   -0.5f,          1.25f,
                                   0.4166666567f,  -0.791666687f,
                                   -0.375f,        -3,
                                   -0.1666666716f, 0.4166666567f,
                                   0.1388888955f,  -0.2638888955f,
                                   -0.125f,        -1,
                                   0.3854166567f,  -0.9166666865f,
                                   -0.3055555522f, 0.571180582f,
                                   0.265625f,      2.125f,
                                   0.21875f,       -0.5f,
                                   -0.1666666716f, 0.3072916567f,
                                   0.140625f,      1.125f,
                                   1.75f,          -4,
                                   -1.3333333731f, 2.4583332539f,
                                   1.125f,         9};
  // Channel 16 of inner channel 1 is that kernel, all others are zeros.
  std::vector<float> values(17 * 2 * 9, 0);
  for (size_t tap = 0; tap < 9; ++tap) values[(16 * 2 + 1) * 9 + tap] = static_cast<float>(tap + 1);
  const Tensor weights = Tensor::Of({17, 2, 3, 3}, values);
  for (const Layout layout : {Layout::kWinograd2, Layout::kWinograd4}) {
    const std::vector<float>& expected = layout == Layout::kWinograd2 ? two : four;
    const std::vector<float> packed = Packed(layout, weights.view());
    REQUIRE(packed.size() == expected.size() * 2 * 2 * 16);
    for (size_t position = 0; position < expected.size(); ++position) {
      std::vector<float> panels(2 * 2 * 16, 0);
      panels[(1 * 2 + 1) * 16] = expected[position];
      const auto from = packed.begin() + static_cast<ptrdiff_t>(position * panels.size());
      CHECK(std::vector<float>(from, from + static_cast<ptrdiff_t>(panels.size())) == panels);
    }
    CHECK(!IsReversible(layout));
    CHECK(TextOf(Unpack(layout, packed.data(), weights.view())) ==
          std::string(LayoutName(layout)) +
              ": found weights to unpack, allowed a layout that gives them back");
  }
}

TEST_CASE("Winograd's layouts made from panels are those made from dense weights", "[layouts]") {
  for (const int64_t channels : {5, 16, 35}) {
    const Tensor weights = Counted({channels, 3, 3, 3});
    const std::vector<float> panels = Packed(Layout::kPanel16, weights.view());
    for (const Layout layout : {Layout::kWinograd2, Layout::kWinograd4}) {
      const std::vector<float> expected = Packed(layout, weights.view());
      std::vector<float> found(expected.size(), -1.0f);
      PackWinogradPanels(layout, weights.view(), panels.data(), found.data());
      CHECK(found == expected);
    }
  }
}

TEST_CASE("Unpack is the inverse of Pack", "[layouts]") {
  CheckRoundTrip(Layout::kDense, {2, 3, 4});
  CheckRoundTrip(Layout::kPanel16, {1, 1});
  CheckRoundTrip(Layout::kPanel16, {16, 5});
  CheckRoundTrip(Layout::kPanel16, {33, 7, 3});
  CheckRoundTrip(Layout::kPanel16, {15, 2, 3, 1, 2});
  CheckRoundTrip(Layout::kPanel16, {0, 4, 3, 3});
  CheckRoundTrip(Layout::kDepthwise16, {17, 1, 5, 5});
}

TEST_CASE("Elements of two bytes pack by width", "[layouts]") {
  std::vector<uint16_t> values(17 * 2);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<uint16_t>(i + 1);
  TensorView view;
  view.dtype = DType::kFloat16;
  view.rank = 2;
  view.extents[0] = 17;
  view.extents[1] = 2;
  DenseStrides(2, view.extents, view.strides);
  view.data = values.data();
  std::vector<uint16_t> packed(2 * 2 * 16, 99);
  REQUIRE(TextOf(Pack(Layout::kPanel16, view, packed.data())) == "");
  CHECK(packed[0] == 1);
  CHECK(packed[16] == 2);
  CHECK(packed[32] == 33);
  CHECK(packed[33] == 0);
}

TEST_CASE("Layouts refuse what they do not fit", "[layouts]") {
  CHECK(BytesError(Layout::kPanel16, DType::kFloat32, {4}) ==
        "panel16: found rank 1, allowed 2 to 8");
  CHECK(BytesError(Layout::kWinograd4, DType::kFloat16, {4, 4, 3, 3}) ==
        "winograd4: found elements of float16, allowed float32");
  CHECK(BytesError(Layout::kWinograd2, DType::kFloat32, {4, 4, 3, 1}) ==
        "winograd2: found another shape than [M, C, 3, 3], allowed that");
  CHECK(BytesError(Layout::kPanel16, DType::kFloat64, {4, 4}) ==
        "panel16: found elements of 8 bytes, allowed 2 or 4");
  CHECK(BytesError(Layout::kDepthwise16, DType::kFloat32, {4, 2, 3, 3}) ==
        "depthwise16: found 2 inner channels, allowed 1");
  CHECK(BytesError(Layout::kPanel16, DType::kFloat32, {4, -1}) ==
        "panel16: found a negative extent, allowed 0 and more");
  const int64_t large = int64_t{1} << 40;
  CHECK(BytesError(Layout::kPanel16, DType::kFloat32, {large, large}) ==
        "panel16: found more bytes than 2^63, allowed fewer");
  CHECK(BytesError(Layout::kDense, DType::kFloat32, {large, large}) ==
        "dense: found more bytes than 2^63, allowed fewer");
}

}  // namespace stint::testing
