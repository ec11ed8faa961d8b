#include "runtime/ops/resample_taps.h"

#include <algorithm>
#include <cmath>

namespace stint {

namespace {

double Linear(double distance) { return std::max(0.0, 1 - std::fabs(distance)); }

// Keys' cubic convolution.
double Cubic(double distance, double a) {
  const double d = std::fabs(distance);
  if (d >= 2) return 0;
  if (d > 1) return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return ((a + 2) * d - (a + 3)) * d * d + 1;
}

ResizeAxis AxisOf(const ResampleAttributes& attributes, int axis, int64_t source, int64_t result) {
  ResizeAxis resize;
  resize.coordinate = attributes.coordinate;
  resize.source = source;
  resize.result = result;
  resize.scale = ScaleOf(attributes, axis, source, result);
  if (attributes.region.size != 0) {
    resize.region_begin = attributes.region[axis].value();
    resize.region_end = attributes.region[axis + attributes.region.size / 2].value();
  }
  return resize;
}

}  // namespace

double ScaleOf(const ResampleAttributes& attributes, int axis, int64_t source, int64_t result) {
  const double given = attributes.scales.size == 0 ? 0 : attributes.scales[axis].value();
  return given != 0 ? given : static_cast<double>(result) / static_cast<double>(source);
}

Status ResampleTable::AddTaps(const ResampleAttributes& attributes, const ResizeAxis& axis,
                              double position) {
  const int64_t last_index = axis.source - 1;
  if (attributes.coordinate == ResizeCoordinate::kTfCropAndResize &&
      !(position >= 0 && position <= static_cast<double>(last_index))) {
    return {};
  }
  if (attributes.mode == ResampleMode::kNearest) {
    return taps_.Push({RoundPosition(position, attributes.rounding, axis.source), 1});
  }
  const bool cubic = attributes.mode == ResampleMode::kCubic;
  const double shrink = attributes.antialias != 0 ? std::min(axis.scale, 1.0) : 1;
  const double support = (cubic ? 2 : 1) / shrink;
  // Farther out all taps are the border, whatever the distance. NaN becomes the lower bound.
  const double bound = support + 1;
  position =
      position > -bound ? std::min(position, static_cast<double>(axis.source) + bound) : -bound;
  const auto first = static_cast<int64_t>(std::floor(position - support)) + 1;
  const auto last = static_cast<int64_t>(std::ceil(position + support)) - 1;
  const size_t begin = taps_.size();
  double sum = 0;
  for (int64_t i = first; i <= last; ++i) {
    const double distance = (position - static_cast<double>(i)) * shrink;
    const double weight = cubic ? Cubic(distance, attributes.cubic_coefficient) : Linear(distance);
    const int64_t index = std::clamp<int64_t>(i, 0, last_index);
    if (weight == 0 || (attributes.exclude_outside != 0 && index != i)) continue;
    sum += weight;
    if (taps_.size() > begin && taps_.back().index == index) {
      taps_.back().weight += weight;
    } else {
      STINT_TRY(taps_.Push({index, weight}));
    }
  }
  const bool normalise = shrink != 1 || attributes.exclude_outside != 0;
  for (size_t i = begin; normalise && i < taps_.size(); ++i) taps_[i].weight /= sum;
  if (taps_.size() > begin) return {};
  return taps_.Push({std::clamp<int64_t>(first, 0, last_index), 1});
}

Status ResampleTable::Build(const ResampleAttributes& attributes, int axis, int64_t source,
                            int64_t result) {
  const ResizeAxis resize = AxisOf(attributes, axis, source, result);
  const bool keeps = source == result && resize.scale == 1 &&
                     attributes.coordinate != ResizeCoordinate::kTfCropAndResize;
  starts_.Clear();
  taps_.Clear();
  is_identity_ = true;
  STINT_TRY(starts_.Reserve(static_cast<size_t>(result) + 1));
  STINT_TRY(starts_.Push(0));
  for (int64_t x = 0; x < result; ++x) {
    const size_t begin = taps_.size();
    if (keeps) {
      STINT_TRY(taps_.Push({x, 1}));
    } else {
      STINT_TRY(AddTaps(attributes, resize, SourcePosition(resize, x)));
    }
    is_identity_ = is_identity_ && taps_.size() == begin + 1 && taps_[begin].index == x &&
                   taps_[begin].weight == 1;
    STINT_TRY(starts_.Push(static_cast<int64_t>(taps_.size())));
  }
  return {};
}

}  // namespace stint
