#include "tools/compiler/graph/compose_views.h"

#include <vector>

namespace stint::compiler {

namespace {

// One axis of the inner view: its extent, the dense stride that the outer view knows it by, and its
// stride in the value behind. `used` counts how far the outer view reaches along it.
struct Axis {
  Dim extent;
  Dim dense;
  Dim stride;
  Dim used = 0;
};

// The inner axes without those of extent 1; neighbours that walk memory evenly are one axis, so
// that reshapes across them compose.
std::vector<Axis> MergedAxes(const View& inner, SymbolicDims& dims) {
  std::vector<Axis> axes;
  for (size_t i = 0; i < inner.dims.size(); ++i) {
    if (inner.dims[i] == Dim(1)) continue;
    const bool even =
        !axes.empty() && axes.back().stride == dims.Mul(inner.dims[i], inner.strides[i]);
    if (even) {
      axes.back().extent = dims.Mul(axes.back().extent, inner.dims[i]);
      axes.back().stride = inner.strides[i];
    } else {
      axes.push_back({inner.dims[i], 1, inner.strides[i]});
    }
  }
  Dim dense = 1;
  for (size_t i = axes.size(); i-- > 0;) {
    axes[i].dense = dense;
    dense = dims.Mul(dense, axes[i].extent);
  }
  return axes;
}

// Splits a dense offset into steps along the axes: their sum in inner strides, each counted as
// used.
std::optional<Dim> MapOffset(Dim offset, std::vector<Axis>& axes, SymbolicDims& dims) {
  Dim result = 0;
  for (Axis& axis : axes) {
    const Dim steps = axis.dense == Dim(1) ? offset : dims.FloorDiv(offset, axis.dense);
    if (!dims.IsNonNegative(steps)) return std::nullopt;
    offset = dims.Sub(offset, dims.Mul(steps, axis.dense));
    axis.used = steps;
    result = dims.Add(result, dims.Mul(steps, axis.stride));
  }
  if (offset != Dim(0)) return std::nullopt;
  return result;
}

// The inner stride of an outer axis that has `extent` elements `stride` apart in the dense order.
std::optional<Dim> MapStride(Dim extent, Dim stride, std::vector<Axis>& axes, SymbolicDims& dims) {
  if (stride == Dim(0) || extent == Dim(1)) return Dim(0);
  for (Axis& axis : axes) {
    const Dim steps = dims.FloorDiv(stride, axis.dense);
    if (steps == Dim(0) || dims.Mul(steps, axis.dense) != stride) continue;
    if (!dims.IsNonNegative(steps)) return std::nullopt;
    axis.used = dims.Add(axis.used, dims.Mul(dims.Sub(extent, 1), steps));
    return dims.Mul(steps, axis.stride);
  }
  return std::nullopt;
}

}  // namespace

std::optional<View> ComposeViews(const View& outer, const View& inner, SymbolicDims& dims) {
  View result = {inner.value, outer.dims, std::vector<Dim>(outer.dims.size()), 0};
  // First: of axes of extent 1 the inner strides say more.
  if (outer.dims == inner.dims && outer.offset == Dim(0) && IsContiguous(outer, dims)) {
    return inner;
  }
  if (IsContiguous(inner, dims)) {
    result.strides = outer.strides;
    result.offset = dims.Add(inner.offset, outer.offset);
    return result;
  }
  std::vector<Axis> axes = MergedAxes(inner, dims);
  const std::optional<Dim> offset = MapOffset(outer.offset, axes, dims);
  if (!offset) return std::nullopt;
  result.offset = dims.Add(inner.offset, *offset);
  for (size_t i = 0; i < outer.dims.size(); ++i) {
    const std::optional<Dim> stride = MapStride(outer.dims[i], outer.strides[i], axes, dims);
    if (!stride) return std::nullopt;
    result.strides[i] = *stride;
  }
  for (const Axis& axis : axes) {
    const Dim room = dims.Sub(dims.Sub(axis.extent, 1), axis.used);
    if (!dims.IsNonNegative(room)) return std::nullopt;
  }
  return dims.ok() ? std::optional<View>(std::move(result)) : std::nullopt;
}

}  // namespace stint::compiler
