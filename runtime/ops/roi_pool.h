// RoiPool: pools rectangles of images into a fixed number of bins (ONNX RoiAlign, MaxRoiPool).
#ifndef STINT_RUNTIME_OPS_ROI_POOL_H_
#define STINT_RUNTIME_OPS_ROI_POOL_H_

#include "runtime/ops/attributes.h"

namespace stint {

enum class RoiPoolMode : int64_t {
  kAlignAverage = 0,  // The mean of a bin's sampling points, interpolated linearly.
  kAlignMax = 1,      // The largest weighted corner of all sampling points, as ONNX defines it.
  kMax = 2,           // The largest element; corners rounded to elements. Empty bins are 0.
};

// Operands: X [N, C, H, W] of floats; rois [R, 4] of X's dtype: x1, y1, x2, y2; images [R], int32
// or int64: which of N. Result: [R, C, extents[0], extents[1]].
struct RoiPoolAttributes {
  RoiPoolMode mode = RoiPoolMode::kAlignAverage;
  DimList extents;           // Two: rows and columns of bins.
  double spatial_scale = 1;  // From roi units to elements.
  int64_t sampling = 0;      // Sampling points a bin and axis; 0: one an element, rounded up.
  int64_t half_pixel = 0;  // 1: elements have their centres at halves; else rois are at least 1x1.
};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_ROI_POOL_H_
