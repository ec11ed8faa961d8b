#include "tools/compiler/import/onnx/axes.h"

#include <algorithm>
#include <string>

namespace stint::compiler {

namespace {

std::optional<std::vector<int>> ConstantAxes(const std::vector<Dim>& axes) {
  std::vector<int> constants;
  for (const Dim axis : axes) {
    if (!axis.is_constant()) return std::nullopt;
    constants.push_back(static_cast<int>(axis.constant()));
  }
  return constants;
}

}  // namespace

Result<std::optional<std::vector<Dim>>> ReadAxes(const NodeContext& node, int operand,
                                                 int64_t since, int rank) {
  std::vector<Dim> axes;
  if (node.version() >= since) {
    if (!node.has(operand)) return std::optional<std::vector<Dim>>();
    STINT_ASSIGN(axes, node.Elements(operand));
  } else {
    if (!node.has_attribute("axes")) return std::optional<std::vector<Dim>>();
    const std::vector<int64_t> attribute = node.Ints("axes");
    axes.assign(attribute.begin(), attribute.end());
  }
  STINT_ASSIGN(axes, FromZero(node, axes, rank));
  return std::optional<std::vector<Dim>>(std::move(axes));
}

Result<std::vector<Dim>> FromZero(const NodeContext& node, const std::vector<Dim>& axes, int rank) {
  SymbolicDims& dims = node.build.dims();
  std::vector<Dim> result;
  for (const Dim axis : axes) {
    if (!axis.is_constant()) {
      result.push_back(dims.Select(dims.Less(axis, 0), dims.Add(axis, rank), axis));
      continue;
    }
    STINT_ASSIGN(const int from_zero, node.Axis(axis.constant(), rank));
    if (std::find(result.begin(), result.end(), Dim(from_zero)) != result.end()) {
      return node.Invalid("found axis " + std::to_string(from_zero) + " twice, allowed once");
    }
    result.emplace_back(from_zero);
  }
  return result;
}

Dim Contains(Builder& build, const std::vector<Dim>& axes, int axis) {
  Dim found = 0;
  for (const Dim candidate : axes) {
    found = build.dims().Max(found, build.dims().Equal(candidate, axis));
  }
  return found;
}

Dim ValueAt(Builder& build, const std::vector<Dim>& axes, const std::vector<Dim>& values, int axis,
            Dim otherwise) {
  Dim value = otherwise;
  for (size_t i = 0; i < axes.size() && i < values.size(); ++i) {
    value = build.dims().Select(build.dims().Equal(axes[i], axis), values[i], value);
  }
  return value;
}

std::vector<Dim> SqueezedDims(Builder& build, const std::vector<Dim>& extents,
                              const std::vector<Dim>& axes) {
  SymbolicDims& dims = build.dims();
  std::vector<Dim> result(extents.size() - std::min(axes.size(), extents.size()), 0);
  Dim position = 0;  // Where the axis lands in the result.
  for (size_t i = 0; i < extents.size(); ++i) {
    const Dim kept = dims.Equal(Contains(build, axes, static_cast<int>(i)), 0);
    for (size_t j = 0; j < result.size(); ++j) {
      const Dim here = dims.Mul(kept, dims.Equal(position, static_cast<int64_t>(j)));
      result[j] = dims.Select(here, extents[i], result[j]);
    }
    position = dims.Add(position, kept);
  }
  return result;
}

std::vector<Dim> UnsqueezedDims(Builder& build, const std::vector<Dim>& extents,
                                const std::vector<Dim>& axes) {
  SymbolicDims& dims = build.dims();
  std::vector<Dim> result(extents.size() + axes.size(), 1);
  Dim source = 0;  // The axis of `extents` that comes next.
  for (size_t i = 0; i < result.size(); ++i) {
    const Dim added = Contains(build, axes, static_cast<int>(i));
    Dim extent = 1;
    for (size_t j = 0; j < extents.size(); ++j) {
      extent = dims.Select(dims.Equal(source, static_cast<int64_t>(j)), extents[j], extent);
    }
    result[i] = dims.Select(added, 1, extent);
    source = dims.Add(source, dims.Equal(added, 0));
  }
  return result;
}

Result<View> SqueezeAxes(Builder& build, const View& x, const std::vector<Dim>& axes) {
  if (const auto constants = ConstantAxes(axes)) return build.Squeeze(x, *constants);
  return build.Reshape(x, SqueezedDims(build, x.dims, axes));
}

Result<View> UnsqueezeAxes(Builder& build, const View& x, const std::vector<Dim>& axes) {
  if (const auto constants = ConstantAxes(axes)) return build.Unsqueeze(x, *constants);
  return build.Reshape(x, UnsqueezedDims(build, x.dims, axes));
}

}  // namespace stint::compiler
