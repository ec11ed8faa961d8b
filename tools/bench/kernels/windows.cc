// Depthwise convolutions of MobileNet V1 and V2 and EfficientNet.
#include <cstdio>

#include "backends/cpu/nhwc/windows.h"
#include "tools/bench/kernels/families.h"

namespace stint::bench {

namespace {

struct Layer {
  int64_t side, channels;
  int kernel = 3;
  int stride = 1;
};

void BenchLayer(const Setting& setting, const Layer& layer) {
  cpu::ConvShape shape;
  shape.height = shape.width = layer.side;
  shape.channels = shape.pixel = shape.out_channels = shape.out_pixel = layer.channels;
  shape.line = layer.side * layer.channels;
  shape.kernel_height = shape.kernel_width = layer.kernel;
  shape.stride_y = shape.stride_x = layer.stride;
  shape.pad_top = shape.pad_left = layer.kernel / 2;
  shape.out_height = shape.out_width = (layer.side - 1) / layer.stride + 1;
  const auto taps = static_cast<size_t>(layer.kernel) * static_cast<size_t>(layer.kernel);
  const auto outputs = static_cast<size_t>(shape.out_height * shape.out_width * layer.channels);
  const auto inputs = static_cast<size_t>(layer.side * layer.side * layer.channels);
  const int64_t panels = (layer.channels + 15) / 16;
  Floats x(inputs);
  Floats w(static_cast<size_t>(panels) * 16 * taps);
  Floats y(outputs, false);
  const Floats bias(static_cast<size_t>(layer.channels));
  const cpu::Finish finish = {
      .bias = bias.data(), .activation = cpu::Activation::kClamp, .low = 0.0f, .high = 6.0f};
  cpu::WindowData data;
  data.x = x.data();
  data.weights = w.data();
  data.finish = &finish;
  data.y = y.data();
  const Measured measured = Measure(setting.isa, setting.seconds, [&] {
    DepthwiseNhwc(*setting.kernels.spatial, shape, data, {0, shape.out_height}, {0, panels});
  });
  char name[64];
  std::snprintf(name, sizeof(name), "%lld c%lld k%d s%d %5.1f GB/s",
                static_cast<long long>(layer.side), static_cast<long long>(layer.channels),
                layer.kernel, layer.stride,
                4e-9 * static_cast<double>(inputs + outputs) / measured.seconds);
  PrintRow(name, static_cast<double>(outputs) * static_cast<double>(taps), measured);
}

}  // namespace

void BenchDepthwise(const Setting& setting) {
  constexpr Layer kLayers[] = {{112, 32},       {112, 96, 3, 2}, {56, 144}, {28, 192},
                               {28, 192, 3, 2}, {14, 384},       {7, 960},  {28, 240, 5},
                               {14, 672, 5},    {14, 672, 5, 2}};
  for (const Layer& layer : kLayers) BenchLayer(setting, layer);
}

}  // namespace stint::bench
