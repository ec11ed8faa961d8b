#include "tools/stint/image_resize.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace stint::cli {

namespace {

// What one result sample is made of: source samples from `first` on, with weights that add to 1.
struct Window {
  int64_t first = 0;
  std::vector<double> weights;
};

Window WindowAt(int64_t index, int64_t source, int64_t result) {
  const double ratio = static_cast<double>(source) / static_cast<double>(result);
  const double reach = std::max(ratio, 1.0);
  const double center = (static_cast<double>(index) + 0.5) * ratio;
  Window window;
  window.first = std::max<int64_t>(0, static_cast<int64_t>(std::floor(center - reach + 0.5)));
  const auto end = std::min(source, static_cast<int64_t>(std::floor(center + reach + 0.5)));
  double sum = 0;
  for (int64_t i = window.first; i < end; ++i) {
    const double distance = std::abs((static_cast<double>(i) + 0.5 - center) / reach);
    window.weights.push_back(std::max(0.0, 1.0 - distance));
    sum += window.weights.back();
  }
  for (double& weight : window.weights) weight /= sum;
  return window;
}

// One axis of a picture: `lines` runs of `length` samples that lie `stride` apart, `stride` of
// which lie side by side.
struct Axis {
  int64_t lines;
  int64_t length;
  int64_t stride;
};

// Samples [lines][length][stride] become [lines][result][stride].
template <typename Sample>
void ResizeAxis(const Sample* source, const Axis& axis, int64_t result, float* out) {
  for (int64_t i = 0; i < result; ++i) {
    const Window window = WindowAt(i, axis.length, result);
    for (int64_t line = 0; line < axis.lines; ++line) {
      const Sample* from = source + (line * axis.length + window.first) * axis.stride;
      float* to = out + (line * result + i) * axis.stride;
      for (int64_t s = 0; s < axis.stride; ++s) {
        double sum = 0;
        for (size_t k = 0; k < window.weights.size(); ++k) {
          sum += window.weights[k] *
                 static_cast<double>(from[static_cast<int64_t>(k) * axis.stride + s]);
        }
        to[s] = static_cast<float>(sum);
      }
    }
  }
}

}  // namespace

Result<HostTensor> ResizeImage(const std::string& path, const Image& image, int64_t width,
                               int64_t height) {
  const int64_t channels = image.channels;
  // An axis that keeps its length has windows of one sample of weight 1.
  STINT_ASSIGN(HostTensor wide,
               AllocateTensor(path, DType::kFloat32, {image.height, width, channels}));
  ResizeAxis(image.pixels.get(), {image.height, image.width, channels}, width,
             wide.View().as<float>());
  if (height == image.height) return wide;
  STINT_ASSIGN(HostTensor resized,
               AllocateTensor(path, DType::kFloat32, {height, width, channels}));
  ResizeAxis(wide.View().as<const float>(), {1, image.height, width * channels}, height,
             resized.View().as<float>());
  return resized;
}

}  // namespace stint::cli
