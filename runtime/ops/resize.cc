#include "runtime/ops/resize.h"

#include <cmath>

namespace stint {

double SourcePosition(const ResizeAxis& axis, int64_t x) {
  const auto at = static_cast<double>(x);
  const auto source = static_cast<double>(axis.source);
  const double scaled = axis.scale * source;  // The result's extent before it was rounded.
  switch (axis.coordinate) {
    case ResizeCoordinate::kHalfPixel:
      return (at + 0.5) / axis.scale - 0.5;
    case ResizeCoordinate::kHalfPixelSymmetric: {
      const double adjustment = static_cast<double>(axis.result) / scaled;
      return source / 2 * (1 - adjustment) + (at + 0.5) / axis.scale - 0.5;
    }
    case ResizeCoordinate::kPytorchHalfPixel:
      return scaled == 1 ? -0.5 : (at + 0.5) / axis.scale - 0.5;
    case ResizeCoordinate::kAsymmetric:
      return at / axis.scale;
    case ResizeCoordinate::kAlignCorners:
      return scaled == 1 ? 0 : at * (source - 1) / (scaled - 1);
    case ResizeCoordinate::kTfHalfPixelForNearest:
      return (at + 0.5) / axis.scale;
    case ResizeCoordinate::kTfCropAndResize: {
      const double begin = axis.region_begin;
      const double end = axis.region_end;
      if (scaled == 1) return (begin + end) * (source - 1) / 2;
      return begin * (source - 1) + at * (end - begin) * (source - 1) / (scaled - 1);
    }
  }
  return 0;
}

int64_t RoundPosition(double position, ResizeRounding rounding, int64_t extent) {
  double index = std::floor(position);
  const double fraction = position - index;
  const bool up = rounding == ResizeRounding::kCeil         ? fraction > 0
                  : rounding == ResizeRounding::kFloor      ? false
                  : rounding == ResizeRounding::kPreferCeil ? fraction >= 0.5
                                                            : fraction > 0.5;
  if (up) index += 1;
  if (!(index > 0)) return 0;
  return index >= static_cast<double>(extent - 1) ? extent - 1 : static_cast<int64_t>(index);
}

}  // namespace stint
