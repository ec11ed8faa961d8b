// Convolutions over pixels against the reference kernel on NCHW: odd sizes, strides, dilations,
// pads, epilogues; the same bits however the work is cut; nothing outside is touched.
#include <catch2/catch.hpp>

#include "backends/cpu/nhwc/winograd.h"
#include "runtime/ops/conv.h"
#include "runtime/ops/layouts/winograd.h"
#include "tests/unit/cpu_micro_testing.h"

namespace stint::testing {

namespace {

using cpu::ConvData;
using cpu::ConvPlan;
using cpu::ConvShape;
using cpu::Finish;
using cpu::IndexRange;

struct Case {
  int64_t height, width, channels, out_channels;
  int kernel_height = 1, kernel_width = 1;
  int stride_y = 1, stride_x = 1;
  int dilation_y = 1, dilation_x = 1;
  int64_t pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  int64_t pixel_gap = 0, out_gap = 0;  // Floats between the channels of one pixel and the next.
  bool planar = false;
};

// A convolution with its operands, and the reference's result.
class ConvRun {
 public:
  explicit ConvRun(const Case& test)
      : x_(RandomFloats({1, test.channels, test.height, test.width}, 1)),
        w_(RandomFloats({test.out_channels, test.channels, test.kernel_height, test.kernel_width},
                        2)),
        values_(RandomVector(static_cast<size_t>(3 * test.out_channels), 3)) {
    ConvAttributes attributes;
    for (const int64_t value : {test.stride_y, test.stride_x}) attributes.strides.Push(value);
    for (const int64_t value : {test.dilation_y, test.dilation_x}) {
      attributes.dilations.Push(value);
    }
    for (const int64_t value : {test.pad_top, test.pad_left, test.pad_bottom, test.pad_right}) {
      attributes.pads.Push(value);
    }
    const Ran ran = testing::Run(kConvOp, attributes, {x_.view(), w_.view()});
    REQUIRE(ran.error == "");
    sums_ = ran.results[0];
    SetShape(test);
  }

  const ConvShape& shape() const { return shape_; }
  const Tensor& weights() const { return w_; }
  std::vector<Finish> finishes() const { return FinishesOf(values_.data(), shape_.out_channels); }

  std::vector<float> Input() const {
    std::vector<float> planes = x_.values<float>();
    if (shape_.plane != 0) return planes;
    return ToPixels(planes, shape_.channels, shape_.height * shape_.width, shape_.pixel);
  }
  size_t OutputFloats() const {
    return static_cast<size_t>((pixels() - 1) * shape_.out_pixel + shape_.out_channels);
  }
  std::vector<float> PackedWeights() const {
    const TensorView view = w_.view();
    const Result<int64_t> bytes =
        PackedBytes(Layout::kPanel16, view.dtype, view.rank, view.extents);
    std::vector<float> packed(static_cast<size_t>(*bytes) / sizeof(float));
    REQUIRE(Pack(Layout::kPanel16, view, packed.data()).ok());
    return packed;
  }
  int64_t pixels() const { return shape_.out_height * shape_.out_width; }

  // Of a result whose residual was `residual` (pixels without gaps; empty: none).
  double LargestError(const std::vector<float>& result, const Finish& finish,
                      const std::vector<float>& residual) const {
    const std::vector<float> sums = sums_.values<float>();
    double largest = 0;
    for (int64_t p = 0; p < pixels(); ++p) {
      for (int64_t c = 0; c < shape_.out_channels; ++c) {
        double sum = sums[static_cast<size_t>(c * pixels() + p)];
        if (finish.bias != nullptr) sum += finish.bias[c];
        const double added =
            residual.empty() ? 0.0 : residual[static_cast<size_t>(p * shape_.out_channels + c)];
        const double expected = FinishInDouble(finish, sum, c, added);
        const double found = result[static_cast<size_t>(p * shape_.out_pixel + c)];
        largest = std::max(largest, ErrorOf(found, expected));
      }
    }
    return largest;
  }

 private:
  void SetShape(const Case& test) {
    const std::vector<int64_t>& out = sums_.extents();
    shape_.height = test.height;
    shape_.width = test.width;
    shape_.channels = test.channels;
    shape_.pixel = test.planar ? 1 : test.channels + test.pixel_gap;
    shape_.line = test.width * shape_.pixel;
    shape_.plane = test.planar ? test.height * test.width : 0;
    shape_.out_height = out[2];
    shape_.out_width = out[3];
    shape_.out_channels = test.out_channels;
    shape_.out_pixel = test.out_channels + test.out_gap;
    shape_.kernel_height = test.kernel_height;
    shape_.kernel_width = test.kernel_width;
    shape_.stride_y = test.stride_y;
    shape_.stride_x = test.stride_x;
    shape_.dilation_y = test.dilation_y;
    shape_.dilation_x = test.dilation_x;
    shape_.pad_top = test.pad_top;
    shape_.pad_left = test.pad_left;
  }

  Tensor x_, w_, sums_;
  GuardedFloats values_;
  ConvShape shape_;
};

// Ranges that cover [0, count) in pieces of odd sizes, in another order.
std::vector<IndexRange> Pieces(int64_t count, int64_t size) {
  std::vector<IndexRange> pieces;
  for (int64_t begin = 0; begin < count; begin += size) {
    pieces.insert(pieces.begin(), {begin, std::min(begin + size, count)});
  }
  return pieces;
}

void RunPieces(const ConvPlan& plan, const ConvData& data, int64_t units, int64_t groups) {
  for (const IndexRange& u : Pieces(plan.units, units)) {
    cpu::CopyBorder(plan, data, cpu::BorderLines(plan, u), 0);
    for (const IndexRange& g : Pieces(plan.groups, groups)) cpu::RunConv(plan, data, u, g);
  }
}

void CheckConv(const ConvRun& run, const cpu::PanelKernels& kernels, const Finish& finish,
               bool with_residual) {
  const ConvShape& shape = run.shape();
  auto plan = cpu::PlanConv(kernels, shape);
  REQUIRE(plan.ok());
  const GuardedFloats x(run.Input());
  const GuardedFloats weights(run.PackedWeights());
  const GuardedFloats border(static_cast<size_t>(plan->border_floats), NAN);
  const std::vector<float> residual =
      with_residual ? RandomVector(static_cast<size_t>(run.pixels() * shape.out_channels), 9)
                    : std::vector<float>();
  const GuardedFloats residual_memory(residual);
  ConvData data;
  data.x = x.data();
  data.weights = weights.data();
  data.finish = &finish;
  data.residual = with_residual ? residual_memory.data() : nullptr;
  data.residual_pixel = shape.out_channels;
  data.border = border.data();
  const GuardedFloats whole(run.OutputFloats(), kUntouched);
  data.y = whole.data();
  cpu::ConvNhwc(*plan, data);
  INFO(kernels.name << " " << shape.height << "x" << shape.width << " " << shape.channels << ">"
                    << shape.out_channels << " k" << shape.kernel_height << shape.kernel_width
                    << " activation " << static_cast<int>(finish.activation));
  CHECK(run.LargestError(whole.values(), finish, residual) <= kMicroTolerance);
  CHECK(whole.Intact());
  CHECK(GapsUntouched(whole.values(), shape.out_channels, shape.out_pixel));
  for (const auto& [units, groups] : {std::pair<int64_t, int64_t>{1, 1}, {3, 100}, {1000, 1}}) {
    const GuardedFloats pieces(run.OutputFloats(), kUntouched);
    data.y = pieces.data();
    RunPieces(*plan, data, units, groups);
    CHECK(std::memcmp(pieces.data(), whole.data(), whole.size() * sizeof(float)) == 0);
  }
}

void CheckAll(const Case& test) {
  const ConvRun run(test);
  static size_t turn = 0;
  for (const cpu::Isa isa : MicroIsas()) {
    const cpu::PanelKernels& kernels = *cpu::NhwcKernelsFor(isa).panel;
    const std::vector<Finish> finishes = run.finishes();
    CheckConv(run, kernels, finishes[1], false);
    CheckConv(run, kernels, finishes[turn++ % finishes.size()], true);
  }
}

}  // namespace

TEST_CASE("Pointwise convolutions give the reference's sums", "[cpu][micro]") {
  for (int64_t rows = 1; rows <= 30; ++rows) {
    CheckAll({.height = 1, .width = rows, .channels = 5, .out_channels = 17});
    CheckAll({.height = 1, .width = rows, .channels = 33, .out_channels = 48, .out_gap = 16});
  }
  for (const int64_t channels : {1, 3, 15, 17, 33}) {
    for (const int64_t out : {1, 3, 15, 16, 17, 33, 64, 80}) {
      CheckAll({.height = 5,
                .width = 7,
                .channels = channels,
                .out_channels = out,
                .pixel_gap = 2,
                .out_gap = 1});
    }
  }
}

TEST_CASE("Convolutions of any window give the reference's sums", "[cpu][micro]") {
  for (const int64_t out : {3, 16, 33, 48}) {
    CheckAll({.height = 9,
              .width = 11,
              .channels = 3,
              .out_channels = out,
              .kernel_height = 3,
              .kernel_width = 3,
              .pad_top = 1,
              .pad_left = 1,
              .pad_bottom = 1,
              .pad_right = 1});
    CheckAll({.height = 7,
              .width = 7,
              .channels = 17,
              .out_channels = out,
              .kernel_height = 3,
              .kernel_width = 3,
              .pad_top = 1,
              .pad_left = 1,
              .pad_bottom = 1,
              .pad_right = 1,
              .pixel_gap = 3,
              .out_gap = 5});
    CheckAll({.height = 13,
              .width = 30,
              .channels = 4,
              .out_channels = out,
              .kernel_height = 5,
              .kernel_width = 3,
              .stride_y = 2,
              .stride_x = 3,
              .dilation_x = 2,
              .pad_top = 2,
              .pad_bottom = 1,
              .pad_right = 3});
  }
  // No padding: read in place. Strided 1x1. Pads that crop. Windows that miss the input.
  CheckAll({.height = 8,
            .width = 20,
            .channels = 15,
            .out_channels = 20,
            .kernel_height = 2,
            .kernel_width = 3,
            .pixel_gap = 1});
  CheckAll(
      {.height = 9, .width = 9, .channels = 6, .out_channels = 40, .stride_y = 2, .stride_x = 2});
  CheckAll({.height = 9,
            .width = 12,
            .channels = 5,
            .out_channels = 7,
            .kernel_height = 3,
            .kernel_width = 3,
            .pad_top = -1,
            .pad_left = -2,
            .pad_bottom = 2,
            .pad_right = -1});
  CheckAll({.height = 2,
            .width = 2,
            .channels = 3,
            .out_channels = 5,
            .kernel_height = 2,
            .kernel_width = 2,
            .pad_top = 5,
            .pad_left = 4,
            .pad_bottom = 5,
            .pad_right = 4});
  CheckAll({.height = 14,
            .width = 3,
            .channels = 9,
            .out_channels = 32,
            .kernel_height = 3,
            .kernel_width = 1,
            .pad_top = 1,
            .pad_bottom = 1});
}

TEST_CASE("Planar inputs give the reference's sums", "[cpu][micro]") {
  for (const int64_t out : {8, 16, 24, 32, 40}) {
    CheckAll({.height = 19,
              .width = 37,
              .channels = 3,
              .out_channels = out,
              .kernel_height = 3,
              .kernel_width = 3,
              .stride_y = 2,
              .stride_x = 2,
              .pad_top = 1,
              .pad_left = 1,
              .pad_bottom = 1,
              .pad_right = 1,
              .out_gap = 3,
              .planar = true});
  }
  CheckAll({.height = 16,
            .width = 16,
            .channels = 4,
            .out_channels = 33,
            .kernel_height = 4,
            .kernel_width = 4,
            .stride_y = 4,
            .stride_x = 4,
            .planar = true});
  CheckAll({.height = 6,
            .width = 5,
            .channels = 1,
            .out_channels = 6,
            .kernel_height = 3,
            .kernel_width = 3,
            .pad_top = 1,
            .pad_left = 1,
            .planar = true});
}

TEST_CASE("The residual may be the result", "[cpu][micro]") {
  const ConvRun run({.height = 5, .width = 9, .channels = 8, .out_channels = 40});
  const Finish finish = {.activation = cpu::Activation::kClamp, .low = 0.0f, .high = 1e9f};
  for (const cpu::Isa isa : MicroIsas()) {
    auto plan = cpu::PlanConv(*cpu::NhwcKernelsFor(isa).panel, run.shape());
    REQUIRE(plan.ok());
    const GuardedFloats x(run.Input());
    const GuardedFloats weights(run.PackedWeights());
    const std::vector<float> residual = RandomVector(run.OutputFloats(), 4);
    const GuardedFloats y(residual);
    ConvData data;
    data.x = x.data();
    data.weights = weights.data();
    data.finish = &finish;
    data.residual = data.y = y.data();
    data.residual_pixel = run.shape().out_pixel;
    cpu::ConvNhwc(*plan, data);
    CHECK(run.LargestError(y.values(), finish, residual) <= kMicroTolerance);
  }
}

namespace {

void CheckWinograd(const Case& test, int outputs) {
  const ConvRun run(test);
  const ConvShape& shape = run.shape();
  const TensorView dense = run.weights().view();
  const Layout layout = WinogradLayout(outputs);
  const Result<int64_t> bytes = PackedBytes(layout, dense.dtype, dense.rank, dense.extents);
  REQUIRE(bytes.ok());
  const GuardedFloats weights(static_cast<size_t>(*bytes) / sizeof(float), NAN);
  REQUIRE(Pack(layout, dense, weights.data()).ok());
  for (const cpu::Isa isa : MicroIsas()) {
    auto plan = cpu::PlanWinograd(cpu::NhwcKernelsFor(isa), shape, outputs);
    REQUIRE(plan.ok());
    const GuardedFloats x(run.Input());
    const GuardedFloats scratch(static_cast<size_t>(plan->scratch_floats), NAN);
    const std::vector<float> residual =
        RandomVector(static_cast<size_t>(run.pixels() * shape.out_channels), 4);
    const GuardedFloats residual_memory(residual);
    for (const Finish& finish : run.finishes()) {
      ConvData data;
      data.x = x.data();
      data.weights = weights.data();
      data.finish = &finish;
      data.residual = residual_memory.data();
      data.residual_pixel = shape.out_channels;
      const GuardedFloats whole(run.OutputFloats(), kUntouched);
      data.y = whole.data();
      cpu::RunWinograd(*plan, data, {0, plan->tiles}, scratch.data());
      INFO("F" << outputs << " isa " << static_cast<int>(isa));
      CHECK(run.LargestError(whole.values(), finish, residual) <= 1e-4);
      CHECK(GapsUntouched(whole.values(), shape.out_channels, shape.out_pixel));
      const GuardedFloats pieces(run.OutputFloats(), kUntouched);
      data.y = pieces.data();
      for (const IndexRange& tiles : Pieces(plan->tiles, 5)) {
        cpu::RunWinograd(*plan, data, tiles, scratch.data());
      }
      CHECK(std::memcmp(pieces.data(), whole.data(), whole.size() * sizeof(float)) == 0);
    }
  }
}

}  // namespace

TEST_CASE("Winograd convolutions give the reference's sums", "[cpu][micro]") {
  for (const int outputs : {2, 4}) {
    for (const int64_t channels : {1, 15, 17, 33}) {
      CheckWinograd({.height = 11,
                     .width = 13,
                     .channels = channels,
                     .out_channels = 19,
                     .kernel_height = 3,
                     .kernel_width = 3,
                     .pad_top = 1,
                     .pad_left = 1,
                     .pad_bottom = 1,
                     .pad_right = 1,
                     .pixel_gap = 1,
                     .out_gap = 2},
                    outputs);
    }
    CheckWinograd({.height = 30,
                   .width = 29,
                   .channels = 16,
                   .out_channels = 48,
                   .kernel_height = 3,
                   .kernel_width = 3},
                  outputs);
    CheckWinograd({.height = 3,
                   .width = 3,
                   .channels = 16,
                   .out_channels = 16,
                   .kernel_height = 3,
                   .kernel_width = 3},
                  outputs);
  }
}

}  // namespace stint::testing
