// Resample: scales axes by nearest, linear or cubic interpolation (ONNX Resize, Upsample). Each
// axis has a table of taps (source index, weight) for every output position, computed in f64 from
// the attributes; interpolation is one axis after the other, the last one first, in f32 (f64 for
// float64). Integers are truncated and saturated.
#ifndef STINT_RUNTIME_OPS_RESAMPLE_H_
#define STINT_RUNTIME_OPS_RESAMPLE_H_

#include <cstdint>

#include "runtime/ops/attributes.h"
#include "runtime/ops/resize.h"

namespace stint {

enum class ResampleMode : int64_t {
  kNearest = 0,
  kLinear = 1,
  kCubic = 2,
};

// Antialiasing widens the kernel by 1 / scale: smaller scales are refused.
inline constexpr double kMinAntialiasScale = 0x1p-12;

// Operand: X. Axes whose extent stays, with scale 0 or 1 and no region, are not interpolated.
struct ResampleAttributes {
  ResampleMode mode = ResampleMode::kLinear;
  DimList extents;  // Of the result, as many as X has axes.
  // One an axis, result extent / source extent where it is 0; empty: all 0.
  FloatList scales;
  ResizeCoordinate coordinate = ResizeCoordinate::kHalfPixel;
  ResizeRounding rounding = ResizeRounding::kPreferFloor;  // kNearest only.
  double cubic_coefficient = -0.75;                        // Keys' a.
  int64_t antialias = 0;                                   // When shrinking; not with kNearest.
  int64_t exclude_outside = 0;  // Taps outside the source weigh 0; the others sum to 1.
  // kTfCropAndResize: begins then ends, one an axis each, of the source's extent; empty: 0 and 1.
  FloatList region;
  double extrapolation = 0;  // kTfCropAndResize: the value outside the source.
};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_RESAMPLE_H_
