// Resize's coordinates: where an output position of a scaled axis lies in the source. Shared by
// Copy (nearest) and Resample.
#ifndef STINT_RUNTIME_OPS_RESIZE_H_
#define STINT_RUNTIME_OPS_RESIZE_H_

#include <cstdint>

namespace stint {

// Resize's coordinate_transformation_mode (ONNX 10 to 19).
enum class ResizeCoordinate : int64_t {
  kHalfPixel = 0,
  kHalfPixelSymmetric = 1,
  kPytorchHalfPixel = 2,
  kAsymmetric = 3,
  kAlignCorners = 4,
  kTfHalfPixelForNearest = 5,  // (x + 0.5) / s
  kTfCropAndResize = 6,        // Resample only: needs a region.
};
inline constexpr const char* kResizeCoordinateNames[] = {
    "half_pixel",    "half_pixel_symmetric",      "pytorch_half_pixel", "asymmetric",
    "align_corners", "tf_half_pixel_for_nearest", "tf_crop_and_resize"};

enum class ResizeRounding : int64_t {
  kPreferFloor = 0,
  kPreferCeil = 1,
  kFloor = 2,
  kCeil = 3,
};
inline constexpr const char* kResizeRoundingNames[] = {"prefer_floor", "prefer_ceil", "floor",
                                                       "ceil"};

// One axis of a Resize.
struct ResizeAxis {
  ResizeCoordinate coordinate = ResizeCoordinate::kHalfPixel;
  int64_t source = 0;       // Extent.
  int64_t result = 0;       // Extent.
  double scale = 1;         // Greater than 0. Not always result / source: that may be rounded.
  double region_begin = 0;  // kTfCropAndResize, of the source's extent.
  double region_end = 1;
};

// The source position of output `x`; may lie outside [0, source - 1], or be NaN when the numbers
// are absurd.
double SourcePosition(const ResizeAxis& axis, int64_t x);

// `position` as an index in [0, extent - 1]; extent must be at least 1. NaN gives 0.
int64_t RoundPosition(double position, ResizeRounding rounding, int64_t extent);

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_RESIZE_H_
