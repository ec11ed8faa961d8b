// Convolutions over panels of weights: the layers of MobileNet V1 and V2 and of ResNet 18 and 50.
#include <cstdio>
#include <iterator>

#include "backends/cpu/nhwc/winograd.h"
#include "runtime/ops/layouts/winograd.h"
#include "tools/bench/kernels/families.h"

namespace stint::bench {

namespace {

using cpu::ConvData;
using cpu::ConvShape;
using cpu::Finish;

size_t Panelled(int64_t channels) { return static_cast<size_t>((channels + 15) / 16 * 16); }

double ProductsOf(const ConvShape& s) {
  return static_cast<double>(s.out_height * s.out_width * s.out_channels) *
         static_cast<double>(s.channels * s.kernel_height * s.kernel_width);
}

// Square maps, windows that keep the extent but for the stride.
ConvShape Square(int64_t side, int64_t channels, int64_t out_channels, int kernel, int stride) {
  ConvShape shape;
  shape.height = shape.width = side;
  shape.channels = shape.pixel = channels;
  shape.line = side * channels;
  shape.pad_top = shape.pad_left = kernel / 2;
  shape.out_height = shape.out_width = (side - 1) / stride + 1;
  shape.out_channels = shape.out_pixel = out_channels;
  shape.kernel_height = shape.kernel_width = kernel;
  shape.stride_y = shape.stride_x = stride;
  return shape;
}

Finish Relu6(const float* bias) {
  return {.bias = bias, .activation = cpu::Activation::kClamp, .low = 0.0f, .high = 6.0f};
}

Measured MeasureShape(const Setting& setting, const ConvShape& shape, const Finish& finish) {
  auto plan = cpu::PlanConv(*setting.kernels.panel, shape);
  if (!plan.ok()) return {};
  const auto inputs = static_cast<size_t>(shape.height * shape.width * shape.channels);
  const auto taps = static_cast<size_t>(shape.kernel_height * shape.kernel_width);
  Floats x(inputs);
  Floats w(Panelled(shape.out_channels) * static_cast<size_t>(shape.channels) * taps);
  Floats y(static_cast<size_t>(shape.out_height * shape.out_width * shape.out_channels), false);
  Floats border(static_cast<size_t>(plan->border_floats), false);
  ConvData data;
  data.x = x.data();
  data.weights = w.data();
  data.finish = &finish;
  data.y = y.data();
  data.border = border.data();
  return Measure(setting.isa, setting.seconds, [&] { ConvNhwc(*plan, data); });
}

void BenchShape(const Setting& setting, const char* name, const ConvShape& shape,
                const Finish& finish, double products) {
  PrintRow(name, products, MeasureShape(setting, shape, finish));
}

struct Layer {
  const char* name;
  int64_t side, channels, out_channels;
  int kernel = 1;
  int stride = 1;
};

void BenchLayers(const Setting& setting, const Layer* layers, size_t count, bool planar) {
  for (size_t i = 0; i < count; ++i) {
    const Layer& layer = layers[i];
    ConvShape shape =
        Square(layer.side, layer.channels, layer.out_channels, layer.kernel, layer.stride);
    if (planar) {
      shape.pixel = 1;
      shape.line = layer.side;
      shape.plane = layer.side * layer.side;
    }
    const Floats bias(static_cast<size_t>(layer.out_channels));
    BenchShape(setting, layer.name, shape, Relu6(bias.data()), ProductsOf(shape));
  }
}

void BenchWinogradLayer(const Setting& setting, const Layer& layer, int outputs) {
  const ConvShape shape = Square(layer.side, layer.channels, layer.out_channels, 3, 1);
  auto plan = cpu::PlanWinograd(setting.kernels, shape, outputs);
  const int64_t extents[] = {layer.out_channels, layer.channels, 3, 3};
  const auto weights = PackedBytes(WinogradLayout(outputs), DType::kFloat32, 4, extents);
  if (!plan.ok() || !weights.ok()) return;
  Floats x(static_cast<size_t>(layer.side * layer.side * layer.channels));
  Floats y(static_cast<size_t>(layer.side * layer.side * layer.out_channels), false);
  Floats w(static_cast<size_t>(*weights) / sizeof(float));
  Floats scratch(static_cast<size_t>(plan->scratch_floats), false);
  const Floats bias(static_cast<size_t>(layer.out_channels));
  const Finish finish = Relu6(bias.data());
  ConvData data;
  data.x = x.data();
  data.weights = w.data();
  data.finish = &finish;
  data.y = y.data();
  char name[40];
  std::snprintf(name, sizeof(name), "%s F%d", layer.name, outputs);
  PrintRow(name, ProductsOf(shape), Measure(setting.isa, setting.seconds, [&] {
             RunWinograd(*plan, data, {0, plan->tiles}, scratch.data());
           }));
}

}  // namespace

void BenchPointwise(const Setting& setting) {
  constexpr Layer kLayers[] = {
      {"112 32>64", 112, 32, 64},     {"112 32>16", 112, 32, 16},
      {"112 16>96", 112, 16, 96},     {"56 128>128", 56, 128, 128},
      {"56 96>24", 56, 96, 24},       {"56 24>144", 56, 24, 144},
      {"56 256>64", 56, 256, 64},     {"28 256>256", 28, 256, 256},
      {"28 192>32", 28, 192, 32},     {"14 512>512", 14, 512, 512},
      {"14 576>96", 14, 576, 96},     {"14 1024>256", 14, 1024, 256},
      {"7 1024>1024", 7, 1024, 1024}, {"7 960>160", 7, 960, 160},
      {"7 2048>512", 7, 2048, 512},   {"one row 1024>1000", 1, 1024, 1000},
  };
  BenchLayers(setting, kLayers, std::size(kLayers), false);
}

void BenchWindow(const Setting& setting) {
  constexpr Layer kLayers[] = {
      {"56 64>64 k3", 56, 64, 64, 3},           {"56 64>128 k3 s2", 56, 64, 128, 3, 2},
      {"28 128>128 k3", 28, 128, 128, 3},       {"14 256>256 k3", 14, 256, 256, 3},
      {"14 256>512 k3 s2", 14, 256, 512, 3, 2}, {"7 512>512 k3", 7, 512, 512, 3},
      {"56 64>128 k1 s2", 56, 64, 128, 1, 2},
  };
  BenchLayers(setting, kLayers, std::size(kLayers), false);
}

void BenchPlanar(const Setting& setting) {
  constexpr Layer kLayers[] = {
      {"224 3>64 k7 s2", 224, 3, 64, 7, 2},
      {"224 3>32 k3 s2", 224, 3, 32, 3, 2},
      {"224 3>16 k3 s2", 224, 3, 16, 3, 2},
  };
  BenchLayers(setting, kLayers, std::size(kLayers), true);
}

void BenchWinograd(const Setting& setting) {
  constexpr Layer kLayers[] = {
      {"56 64>64", 56, 64, 64}, {"28 128>128", 28, 128, 128}, {"14 256>256", 14, 256, 256}};
  for (const Layer& layer : kLayers) {
    BenchWinogradLayer(setting, layer, 4);
    BenchWinogradLayer(setting, layer, 2);
  }
}

void BenchFinish(const Setting& setting) {
  using cpu::Activation;
  constexpr struct {
    const char* name;
    Activation activation;
  } kRows[] = {{"clamp", Activation::kClamp},
               {"hard-swish", Activation::kHardSwish},
               {"swish", Activation::kSwish},
               {"gelu", Activation::kGelu}};
  const Floats bias(64);
  for (const int64_t depth : {16, 32, 64, 128, 256, 512}) {
    const ConvShape shape = Square(14, depth, 64, 1, 1);
    Finish finish = Relu6(bias.data());
    double clamp = 0;
    for (const auto& row : kRows) {
      finish.activation = row.activation;
      const Measured measured = MeasureShape(setting, shape, finish);
      if (row.activation == Activation::kClamp) clamp = measured.seconds;
      char name[64];
      std::snprintf(name, sizeof(name), "%3lld>64 %-10s %+5.1f %%", static_cast<long long>(depth),
                    row.name, 100 * (measured.seconds / clamp - 1));
      PrintRow(name, ProductsOf(shape), measured);
    }
  }
}

}  // namespace stint::bench
