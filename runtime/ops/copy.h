// Copy: moves elements of any type. Each source is a strided view that is written into the result
// at its own start; what no source covers holds `fill`. Concat, Pad, Slice, Transpose, Expand, Tile
// and nearest Resize are this op, differing in views, starts and axis tables.
#ifndef STINT_RUNTIME_OPS_COPY_H_
#define STINT_RUNTIME_OPS_COPY_H_

#include "runtime/ops/attributes.h"
#include "runtime/ops/resize.h"

namespace stint {

// How an axis maps an output index to a source index.
enum class AxisTable : int64_t {
  kAffine = 0,   // o - start; outside the source: fill.
  kEdge = 1,     // Clamped o - start.
  kReflect = 2,  // Mirrored without repeating the border.
  kWrap = 3,     // (o - start) modulo the source's extent.
  kNearest = 4,  // Resize, nearest: see coordinate and rounding.
};

inline constexpr int64_t kMaxCopyStart = int64_t{1} << 48;

// Operands: 1 to 16 sources of one dtype and of the result's rank.
struct CopyAttributes {
  DimList extents;  // Of the result.
  // sources * rank: where element 0 of each source lies in the result, within +-kMaxCopyStart; 0 on
  // kNearest axes. Where sources overlap the later one is seen.
  LongDimList starts;
  SmallBytes fill;  // One element; empty: zero bytes.
  // An AxisTable an axis; empty: all affine. Tables other than kAffine need exactly one source.
  IntList tables;
  // kNearest: one an axis, result extent / source extent where it is 0; empty: all 0.
  FloatList scales;
  ResizeCoordinate coordinate = ResizeCoordinate::kHalfPixel;
  ResizeRounding rounding = ResizeRounding::kPreferFloor;
};

// The source index of output index `o` by the axis' table, or -1 for fill: always below
// source_extent, and -1 when that is 0.
int64_t SourceIndex(const CopyAttributes& attributes, int axis, int64_t o, int64_t start,
                    int64_t source_extent, int64_t result_extent);

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_COPY_H_
