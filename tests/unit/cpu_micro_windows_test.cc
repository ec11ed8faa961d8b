// Depthwise convolutions and pools over pixels against the reference kernels on NCHW, and what is
// done element by element: odd sizes, ranges that change no bit, nothing outside touched.
#include <catch2/catch.hpp>

#include "backends/cpu/nhwc/windows.h"
#include "runtime/ops/conv.h"
#include "runtime/ops/pool.h"
#include "tests/unit/cpu_micro_testing.h"

namespace stint::testing {

namespace {

using cpu::ConvShape;
using cpu::Finish;
using cpu::IndexRange;

struct Window {
  int64_t height, width, channels;
  int kernel_height, kernel_width;
  int stride_y = 1, stride_x = 1;
  int dilation_y = 1, dilation_x = 1;
  int64_t pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  int64_t gap = 0;
};

ConvShape ShapeOf(const Window& test, const Tensor& result) {
  ConvShape shape;
  shape.height = test.height;
  shape.width = test.width;
  shape.channels = shape.out_channels = test.channels;
  shape.pixel = test.channels + test.gap;
  shape.line = test.width * shape.pixel;
  shape.out_height = result.extents()[2];
  shape.out_width = result.extents()[3];
  shape.out_pixel = test.channels + 2 * test.gap;
  shape.kernel_height = test.kernel_height;
  shape.kernel_width = test.kernel_width;
  shape.stride_y = test.stride_y;
  shape.stride_x = test.stride_x;
  shape.dilation_y = test.dilation_y;
  shape.dilation_x = test.dilation_x;
  shape.pad_top = test.pad_top;
  shape.pad_left = test.pad_left;
  return shape;
}

template <typename Attributes>
void SetWindow(const Window& test, Attributes* attributes) {
  for (const int64_t value : {test.stride_y, test.stride_x}) attributes->strides.Push(value);
  for (const int64_t value : {test.dilation_y, test.dilation_x}) attributes->dilations.Push(value);
  for (const int64_t value : {test.pad_top, test.pad_left, test.pad_bottom, test.pad_right}) {
    attributes->pads.Push(value);
  }
}

size_t OutputFloats(const ConvShape& shape) {
  return static_cast<size_t>((shape.out_height * shape.out_width - 1) * shape.out_pixel +
                             shape.channels);
}

// Runs `run(y, lines, panels)` whole and in pieces, which must give the same bits; the whole.
template <typename Run>
std::vector<float> RunCut(const ConvShape& shape, const Run& run) {
  const GuardedFloats whole(OutputFloats(shape), kUntouched);
  const int64_t panels = (shape.channels + 15) / 16;
  run(whole.data(), IndexRange{0, shape.out_height}, IndexRange{0, panels});
  CHECK(whole.Intact());
  CHECK(GapsUntouched(whole.values(), shape.channels, shape.out_pixel));
  for (const int64_t size : {1, 3}) {
    const GuardedFloats pieces(OutputFloats(shape), kUntouched);
    for (int64_t line = 0; line < shape.out_height; line += size) {
      for (int64_t panel = 0; panel < panels; ++panel) {
        run(pieces.data(), IndexRange{line, std::min(line + size, shape.out_height)},
            IndexRange{panel, panel + 1});
      }
    }
    CHECK(std::memcmp(pieces.data(), whole.data(), whole.size() * sizeof(float)) == 0);
  }
  return whole.values();
}

// The largest error against NCHW values, finished.
double LargestError(const ConvShape& shape, const std::vector<float>& found,
                    const std::vector<float>& planes, const Finish& finish,
                    const std::vector<float>& residual) {
  const int64_t pixels = shape.out_height * shape.out_width;
  double largest = 0;
  for (int64_t p = 0; p < pixels; ++p) {
    for (int64_t c = 0; c < shape.channels; ++c) {
      double sum = planes[static_cast<size_t>(c * pixels + p)];
      if (finish.bias != nullptr) sum += finish.bias[c];
      const double added =
          residual.empty() ? 0.0 : residual[static_cast<size_t>(p * shape.channels + c)];
      const double value = found[static_cast<size_t>(p * shape.out_pixel + c)];
      // Equal values may be infinite.
      const double expected = FinishInDouble(finish, sum, c, added);
      if (value != expected) largest = std::max(largest, ErrorOf(value, expected));
    }
  }
  return largest;
}

void CheckDepthwise(const Window& test) {
  const Tensor x = RandomFloats({1, test.channels, test.height, test.width}, 1);
  const Tensor w = RandomFloats({test.channels, 1, test.kernel_height, test.kernel_width}, 2);
  ConvAttributes attributes;
  SetWindow(test, &attributes);
  attributes.group = test.channels;
  const Ran expected = Run(kConvOp, attributes, {x.view(), w.view()});
  REQUIRE(expected.error == "");
  const ConvShape shape = ShapeOf(test, expected.results[0]);
  const TensorView view = w.view();
  const Result<int64_t> bytes =
      PackedBytes(Layout::kDepthwise16, view.dtype, view.rank, view.extents);
  const GuardedFloats weights(static_cast<size_t>(*bytes) / sizeof(float));
  REQUIRE(Pack(Layout::kDepthwise16, view, weights.data()).ok());
  const GuardedFloats input(
      ToPixels(x.values<float>(), test.channels, test.height * test.width, shape.pixel));
  const GuardedFloats values(RandomVector(static_cast<size_t>(2 * test.channels), 3));
  const int64_t pixels = shape.out_height * shape.out_width;
  const std::vector<float> residual = RandomVector(static_cast<size_t>(pixels * test.channels), 4);
  const GuardedFloats residual_memory(residual);
  static size_t turn = 0;
  for (const cpu::Isa isa : MicroIsas()) {
    const std::vector<Finish> finishes = FinishesOf(values.data(), test.channels);
    for (const bool added : {false, true}) {
      const Finish& finish = added ? finishes[turn++ % finishes.size()] : finishes[3];
      cpu::WindowData data;
      data.x = input.data();
      data.weights = weights.data();
      data.finish = &finish;
      data.residual = added ? residual_memory.data() : nullptr;
      data.residual_pixel = test.channels;
      INFO("isa " << static_cast<int>(isa) << " " << test.height << "x" << test.width << " c"
                  << test.channels << " k" << test.kernel_height << test.kernel_width << " s"
                  << test.stride_y << test.stride_x << " d" << test.dilation_y << " activation "
                  << static_cast<int>(finish.activation));
      const std::vector<float> found =
          RunCut(shape, [&](float* y, IndexRange lines, IndexRange panels) {
            data.y = y;
            cpu::DepthwiseNhwc(*cpu::NhwcKernelsFor(isa).spatial, shape, data, lines, panels);
          });
      const std::vector<float> none;
      CHECK(LargestError(shape, found, expected.results[0].values<float>(), finish,
                         added ? residual : none) <= kMicroTolerance);
    }
  }
}

void CheckPool(const Window& test, bool maximum, bool include_pad, int64_t ceil_mode = 0) {
  Tensor x = RandomFloats({1, test.channels, test.height, test.width}, 1);
  std::vector<float> values = x.values<float>();
  if (maximum) values[values.size() / 2] = NAN;
  x = Tensor::Of({1, test.channels, test.height, test.width}, values);
  PoolAttributes attributes;
  attributes.kind = maximum ? PoolKind::kMax : PoolKind::kAverage;
  attributes.kernel.Push(test.kernel_height);
  attributes.kernel.Push(test.kernel_width);
  SetWindow(test, &attributes);
  attributes.ceil_mode = ceil_mode;
  attributes.count_include_pad = include_pad ? 1 : 0;
  const Ran expected = Run(kPoolOp, attributes, {x.view()});
  REQUIRE(expected.error == "");
  cpu::PoolShape shape;
  shape.window = ShapeOf(test, expected.results[0]);
  shape.maximum = maximum;
  shape.count_include_pad = include_pad;
  shape.pad_bottom = test.pad_bottom;
  shape.pad_right = test.pad_right;
  const GuardedFloats input(
      ToPixels(values, test.channels, test.height * test.width, shape.window.pixel));
  const std::vector<float> planes = expected.results[0].values<float>();
  const int64_t pixels = shape.window.out_height * shape.window.out_width;
  for (const cpu::Isa isa : MicroIsas()) {
    const std::vector<float> found =
        RunCut(shape.window, [&](float* y, IndexRange lines, IndexRange panels) {
          const cpu::WindowData data = {.x = input.data(), .y = y};
          cpu::PoolNhwc(*cpu::NhwcKernelsFor(isa).spatial, shape, data, lines, panels);
        });
    double largest = 0;
    for (size_t i = 0; i < planes.size(); ++i) {
      const int64_t c = static_cast<int64_t>(i) / pixels;
      const int64_t p = static_cast<int64_t>(i) % pixels;
      const float value = found[static_cast<size_t>(p * shape.window.out_pixel + c)];
      const bool same = value == planes[i] || (std::isnan(value) && std::isnan(planes[i]));
      if (!same) largest = std::max(largest, ErrorOf(value, planes[i]));
    }
    INFO("isa " << static_cast<int>(isa) << " k" << test.kernel_height << " maximum " << maximum);
    CHECK(largest <= (maximum ? 0 : 1e-6));
  }
}

}  // namespace

TEST_CASE("Depthwise convolutions give the reference's sums", "[cpu][micro]") {
  for (const int64_t channels : {1, 3, 4, 8, 15, 16, 17, 24, 33, 64}) {
    for (const int size : {3, 5}) {
      for (const int stride : {1, 2}) {
        const int64_t pad = size / 2;
        CheckDepthwise({.height = 7,
                        .width = 7,
                        .channels = channels,
                        .kernel_height = size,
                        .kernel_width = size,
                        .stride_y = stride,
                        .stride_x = stride,
                        .pad_top = pad,
                        .pad_left = pad,
                        .pad_bottom = pad,
                        .pad_right = pad});
      }
    }
  }
  for (int64_t width = 1; width <= 19; ++width) {
    CheckDepthwise({.height = width % 7 + 1,
                    .width = width,
                    .channels = 20,
                    .kernel_height = 3,
                    .kernel_width = 3,
                    .pad_top = 1,
                    .pad_left = 1,
                    .pad_bottom = 1,
                    .pad_right = 1,
                    .gap = 2});
    CheckDepthwise({.height = width % 5 + 3,
                    .width = width + 2,
                    .channels = 16,
                    .kernel_height = 3,
                    .kernel_width = 3,
                    .stride_y = 2,
                    .stride_x = 2,
                    .pad_bottom = 1,
                    .pad_right = 1,
                    .gap = 1});
  }
  // Kernels, strides and dilations that are not unrolled; pads that crop; large pads.
  CheckDepthwise({.height = 12,
                  .width = 17,
                  .channels = 19,
                  .kernel_height = 7,
                  .kernel_width = 7,
                  .pad_top = 3,
                  .pad_left = 3,
                  .pad_bottom = 3,
                  .pad_right = 3});
  CheckDepthwise({.height = 12,
                  .width = 17,
                  .channels = 19,
                  .kernel_height = 3,
                  .kernel_width = 3,
                  .dilation_y = 2,
                  .dilation_x = 3,
                  .pad_top = 2,
                  .pad_left = 3,
                  .pad_bottom = 2,
                  .pad_right = 3});
  CheckDepthwise({.height = 9,
                  .width = 16,
                  .channels = 33,
                  .kernel_height = 2,
                  .kernel_width = 5,
                  .stride_y = 3,
                  .stride_x = 2,
                  .pad_left = 2});
  CheckDepthwise({.height = 9,
                  .width = 9,
                  .channels = 16,
                  .kernel_height = 3,
                  .kernel_width = 3,
                  .pad_top = -1,
                  .pad_left = -2,
                  .pad_bottom = 4,
                  .pad_right = 5});
}

TEST_CASE("Pools over pixels give the reference's values", "[cpu][micro]") {
  for (const int64_t channels : {1, 3, 15, 17, 33}) {
    const Window window = {.height = 9,
                           .width = 11,
                           .channels = channels,
                           .kernel_height = 3,
                           .kernel_width = 3,
                           .stride_y = 2,
                           .stride_x = 2,
                           .pad_top = 1,
                           .pad_left = 1,
                           .pad_bottom = 1,
                           .pad_right = 1,
                           .gap = 1};
    CheckPool(window, true, false);
    CheckPool(window, false, false);
    CheckPool(window, false, true);
  }
  const Window odd = {.height = 8,
                      .width = 10,
                      .channels = 5,
                      .kernel_height = 3,
                      .kernel_width = 2,
                      .stride_y = 2,
                      .stride_x = 3,
                      .pad_right = 1};
  CheckPool(odd, true, false, 1);
  CheckPool(odd, false, true, 1);
  const Window dilated = {.height = 8,
                          .width = 10,
                          .channels = 5,
                          .kernel_height = 2,
                          .kernel_width = 3,
                          .dilation_y = 3,
                          .dilation_x = 2,
                          .pad_top = 1};
  CheckPool(dilated, true, false);
}

TEST_CASE("Means, sums and scalings of pixels", "[cpu][micro]") {
  for (const cpu::Isa isa : MicroIsas()) {
    const cpu::SpatialKernels& kernels = *cpu::NhwcKernelsFor(isa).spatial;
    for (const int64_t channels : {1, 3, 15, 17, 33, 70}) {
      const int64_t pixels = 150;
      const int64_t pixel = channels + 1;
      const std::vector<float> planes = RandomVector(static_cast<size_t>(channels * pixels), 5);
      const GuardedFloats from(ToPixels(planes, channels, pixels, pixel));
      const GuardedFloats mean(static_cast<size_t>(channels));
      kernels.mean(from.data(), pixels, pixel, channels, mean.data());
      const GuardedFloats scale(RandomVector(static_cast<size_t>(channels), 6));
      const GuardedFloats scaled(static_cast<size_t>(channels * pixels));
      kernels.scale(from.data(), pixel, pixels, channels, scale.data(), scaled.data(), channels);
      for (int64_t c = 0; c < channels; ++c) {
        double sum = 0;
        for (int64_t p = 0; p < pixels; ++p) {
          const float value = planes[static_cast<size_t>(c * pixels + p)];
          sum += value;
          CHECK(scaled.data()[p * channels + c] == value * scale.data()[c]);
        }
        CHECK(std::abs(mean.data()[c] - sum / static_cast<double>(pixels)) <= 1e-6);
      }
    }
    for (size_t count = 1; count <= 40; ++count) {
      const GuardedFloats a(RandomVector(count, 7));
      const GuardedFloats b(RandomVector(count, 8));
      const GuardedFloats sum(count);
      kernels.add(a.data(), b.data(), static_cast<int64_t>(count), {}, sum.data());
      for (size_t i = 0; i < count; ++i) CHECK(sum.data()[i] == a.data()[i] + b.data()[i]);
    }
  }
}

TEST_CASE("An instruction set is chosen by name", "[cpu][micro]") {
  const cpu::Isa best = cpu::DetectCpu().isa;
  for (const cpu::Isa isa : MicroIsas()) {
    const auto chosen = cpu::ChooseIsa(cpu::NhwcKernelsFor(isa).panel->name);
    REQUIRE(chosen.ok());
    CHECK(*chosen == isa);
  }
  CHECK(*cpu::ChooseIsa(nullptr) == best);
  CHECK(*cpu::ChooseIsa("") == best);
  const auto unknown = cpu::ChooseIsa("avx3");
  REQUIRE(!unknown.ok());
  CHECK(unknown.status().code() == Code::kUnavailable);
  CHECK(TextOf(unknown.status()).find("STINT_CPU: found avx3, allowed ") == 0);
}

}  // namespace stint::testing
