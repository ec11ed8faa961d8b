// Axis lists that a graph may compute: everything over Dims, so that `axes` fed as a graph input
// works wherever the rank of the result does not depend on its values.
#ifndef STINT_TOOLS_COMPILER_IMPORT_ONNX_AXES_H_
#define STINT_TOOLS_COMPILER_IMPORT_ONNX_AXES_H_

#include <optional>
#include <vector>

#include "tools/compiler/import/onnx/node_context.h"

namespace stint::compiler {

// The attribute `axes` or operand `operand` from version `since` on; nothing when there is neither.
// Axes are from 0 unless the graph computes them.
Result<std::optional<std::vector<Dim>>> ReadAxes(const NodeContext& node, int operand,
                                                 int64_t since, int rank);

// Axes of [-rank, rank) made ones of [0, rank); kInvalid for constants outside or repeated.
Result<std::vector<Dim>> FromZero(const NodeContext& node, const std::vector<Dim>& axes, int rank);

// 1 where `axis` is among `axes`, else 0.
Dim Contains(Builder& build, const std::vector<Dim>& axes, int axis);

// values[i] where axes[i] is `axis`, else `otherwise`.
Dim ValueAt(Builder& build, const std::vector<Dim>& axes, const std::vector<Dim>& values, int axis,
            Dim otherwise);

// `dims` without `axes`, which are distinct.
std::vector<Dim> SqueezedDims(Builder& build, const std::vector<Dim>& dims,
                              const std::vector<Dim>& axes);

// `dims` with extents 1 put at `axes` of the result, which are distinct.
std::vector<Dim> UnsqueezedDims(Builder& build, const std::vector<Dim>& dims,
                                const std::vector<Dim>& axes);

// Drops or adds axes; a view when they are constant.
Result<View> SqueezeAxes(Builder& build, const View& x, const std::vector<Dim>& axes);
Result<View> UnsqueezeAxes(Builder& build, const View& x, const std::vector<Dim>& axes);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_IMPORT_ONNX_AXES_H_
