#include "runtime/ops/resample_taps.h"

#include <algorithm>
#include <cmath>

#include "runtime/base/checked.h"

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

// How much wider than usual the filter is, inverted.
double ShrinkOf(const ResampleAttributes& attributes, double scale) {
  return attributes.antialias != 0 ? std::min(scale, 1.0) : 1;
}

// How far from a position taps have a weight.
double SupportOf(const ResampleAttributes& attributes, double scale) {
  if (attributes.mode == ResampleMode::kNearest) return 0;
  return (attributes.mode == ResampleMode::kCubic ? 2 : 1) / ShrinkOf(attributes, scale);
}

// The whole numbers nearer than `support` to a position, and one for what rounding adds.
int64_t MostTaps(double support) { return static_cast<int64_t>(2 * support) + 2; }

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

ResampleTable::ResampleTable(const ResampleAttributes& attributes, int axis, int64_t source,
                             int64_t result, Scratch& memory)
    : source_(source), result_(result) {
  const double scale = ScaleOf(attributes, axis, source, result);
  const int64_t most = MostTaps(SupportOf(attributes, scale));
  // What cannot be counted is out of reach, as of a scratch without limit.
  int64_t taps = 0;
  if (!CheckedMul(result, std::min(most, source), &taps)) taps = INT64_MAX;
  starts_ = memory.Take<int64_t>(result + 1);
  taps_ = memory.Take<ResampleTap>(taps);
}

void ResampleTable::AddTaps(const ResampleAttributes& attributes, const ResizeAxis& axis,
                            double position) {
  const int64_t last_index = axis.source - 1;
  if (attributes.coordinate == ResizeCoordinate::kTfCropAndResize &&
      !(position >= 0 && position <= static_cast<double>(last_index))) {
    return;
  }
  if (attributes.mode == ResampleMode::kNearest) {
    return Add(RoundPosition(position, attributes.rounding, axis.source), 1);
  }
  const bool cubic = attributes.mode == ResampleMode::kCubic;
  const double shrink = ShrinkOf(attributes, axis.scale);
  const double support = SupportOf(attributes, axis.scale);
  // Farther out all taps are the border, whatever the distance. NaN becomes the lower bound.
  const double bound = support + 1;
  position =
      position > -bound ? std::min(position, static_cast<double>(axis.source) + bound) : -bound;
  const auto first = static_cast<int64_t>(std::floor(position - support)) + 1;
  const int64_t last = std::min(static_cast<int64_t>(std::ceil(position + support)) - 1,
                                first + MostTaps(support) - 1);
  const size_t begin = count_;
  double sum = 0;
  for (int64_t i = first; i <= last; ++i) {
    const double distance = (position - static_cast<double>(i)) * shrink;
    const double weight = cubic ? Cubic(distance, attributes.cubic_coefficient) : Linear(distance);
    const int64_t index = std::clamp<int64_t>(i, 0, last_index);
    if (weight == 0 || (attributes.exclude_outside != 0 && index != i)) continue;
    sum += weight;
    if (count_ > begin && taps_[count_ - 1].index == index) {
      taps_[count_ - 1].weight += weight;
    } else {
      Add(index, weight);
    }
  }
  const bool normalise = shrink != 1 || attributes.exclude_outside != 0;
  for (size_t i = begin; normalise && i < count_; ++i) taps_[i].weight /= sum;
  if (count_ == begin) Add(std::clamp<int64_t>(first, 0, last_index), 1);
}

void ResampleTable::Fill(const ResampleAttributes& attributes, int axis) {
  const ResizeAxis resize = AxisOf(attributes, axis, source_, result_);
  const bool keeps = source_ == result_ && resize.scale == 1 &&
                     attributes.coordinate != ResizeCoordinate::kTfCropAndResize;
  count_ = 0;
  is_identity_ = true;
  for (int64_t x = 0; x < result_; ++x) {
    const size_t begin = count_;
    starts_[static_cast<size_t>(x)] = static_cast<int64_t>(begin);
    if (keeps) {
      Add(x, 1);
    } else {
      AddTaps(attributes, resize, SourcePosition(resize, x));
    }
    is_identity_ =
        is_identity_ && count_ == begin + 1 && taps_[begin].index == x && taps_[begin].weight == 1;
  }
  starts_[static_cast<size_t>(result_)] = static_cast<int64_t>(count_);
}

}  // namespace stint
