// Parts of tensors and tensors with margins: Slice and Split are views, Pad and CenterCropPad one
// Copy.
#include <algorithm>
#include <string>

#include "runtime/ops/copy.h"
#include "tools/compiler/import/onnx/axes.h"
#include "tools/compiler/import/onnx/operands.h"
#include "tools/compiler/import/onnx/rules.h"

namespace stint::compiler {

namespace {

// Positions this far out mean the end of the axis: exporters write INT32_MAX and INT64_MAX.
constexpr int64_t kBeyond = INT32_MAX;

struct SliceLists {
  std::vector<Dim> starts;
  std::vector<Dim> ends;
  std::vector<Dim> axes;
  std::vector<Dim> steps;
};

std::vector<Dim> ToDims(const std::vector<int64_t>& values) {
  return {values.begin(), values.end()};
}

Result<SliceLists> ReadSlice(const NodeContext& node) {
  SliceLists lists;
  if (node.version() < 10) {
    lists.starts = ToDims(node.Ints("starts"));
    lists.ends = ToDims(node.Ints("ends"));
    lists.axes = ToDims(node.Ints("axes"));
  } else {
    STINT_ASSIGN(lists.starts, node.Elements(1));
    STINT_ASSIGN(lists.ends, node.Elements(2));
    if (node.has(3)) {
      STINT_ASSIGN(lists.axes, node.Elements(3));
    }
    if (node.has(4)) {
      STINT_ASSIGN(lists.steps, node.Elements(4));
    }
  }
  const size_t count = lists.starts.size();
  if (lists.axes.empty()) {
    for (size_t i = 0; i < count; ++i) lists.axes.emplace_back(static_cast<int64_t>(i));
  }
  if (lists.steps.empty()) lists.steps.assign(count, 1);
  if (lists.ends.size() != count || lists.axes.size() != count || lists.steps.size() != count) {
    return node.Invalid("found starts, ends, axes and steps of different lengths, allowed one");
  }
  if (std::count(lists.steps.begin(), lists.steps.end(), Dim(0)) > 0) {
    return node.Invalid("found step 0, allowed others");
  }
  STINT_ASSIGN(lists.axes, FromZero(node, lists.axes, node.input(0).rank()));
  return lists;
}

// A position on an axis of `extent`: negative ones count from the end, then it is clamped.
Dim Clamp(SymbolicDims& dims, Dim position, Dim extent, Dim low, Dim high) {
  if (position.is_constant() && position.constant() >= kBeyond) return high;
  if (position.is_constant() && position.constant() <= -kBeyond) return low;
  const Dim from_start = dims.Select(dims.Less(position, 0), dims.Add(position, extent), position);
  return dims.Min(dims.Max(from_start, low), high);
}

View SliceAxis(Builder& build, const View& x, int axis, Dim start, Dim end, Dim step) {
  SymbolicDims& dims = build.dims();
  const Dim extent = x.dims[static_cast<size_t>(axis)];
  step = dims.Min(dims.Max(step, -kBeyond), kBeyond);
  const Dim backwards = dims.Less(step, 0);
  const Dim high = dims.Sub(extent, backwards);
  const Dim first = Clamp(dims, start, extent, 0, high);
  const Dim last = Clamp(dims, end, extent, dims.Sub(0, backwards), high);
  const Dim count = dims.Max(dims.CeilDiv(dims.Sub(last, first), step), 0);
  return build.Slice(x, axis, first, step, count);
}

Status Slice(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_ASSIGN(const SliceLists lists, ReadSlice(node));
  View result = node.input(0);
  for (int axis = 0; axis < result.rank(); ++axis) {
    if (Contains(node.build, lists.axes, axis) == Dim(0)) continue;
    const auto value = [&](const std::vector<Dim>& values, Dim otherwise) {
      return ValueAt(node.build, lists.axes, values, axis, otherwise);
    };
    result = SliceAxis(node.build, result, axis, value(lists.starts, 0), value(lists.ends, kBeyond),
                       value(lists.steps, 1));
  }
  node.SetOutput(0, std::move(result));
  return {};
}

// The sizes of the parts: given, or equal ones. From version 18 on the last may be smaller.
Result<std::vector<Dim>> SplitSizes(const NodeContext& node, Dim extent) {
  SymbolicDims& dims = node.build.dims();
  std::vector<Dim> sizes;
  if (node.has(1)) {
    STINT_ASSIGN(sizes, node.version() < 2 ? node.WholeElements(1) : node.Elements(1));
  } else if (node.has_attribute("split")) {
    sizes = ToDims(node.Ints("split"));
  } else {
    const int64_t count = std::max<int64_t>(node.Int("num_outputs", node.output_count()), 1);
    const bool uneven = node.version() >= 18;
    const Dim chunk = uneven ? dims.CeilDiv(extent, count) : dims.FloorDiv(extent, count);
    for (int64_t i = 0; i < node.output_count(); ++i) {
      const Dim left = dims.Max(dims.Sub(extent, dims.Mul(chunk, i)), 0);
      sizes.push_back(uneven ? dims.Min(chunk, left) : chunk);
    }
  }
  if (sizes.size() != static_cast<size_t>(node.output_count())) {
    return node.Invalid("found " + std::to_string(sizes.size()) + " parts, allowed " +
                        std::to_string(node.output_count()));
  }
  Dim sum = 0;
  for (const Dim size : sizes) {
    if (size.is_constant() && size.constant() < 0) {
      return node.Invalid("found a part of " + std::to_string(size.constant()) +
                          ", allowed 0 and above");
    }
    sum = dims.Add(sum, size);
  }
  dims.Require(sum, extent, "the parts of a split make the whole");
  return sizes;
}

Status Split(NodeContext& node) {
  STINT_TRY(node.Need(0));
  const View& x = node.input(0);
  STINT_ASSIGN(const int axis, node.Axis(node.Int("axis", 0), x.rank()));
  STINT_ASSIGN(const std::vector<Dim> sizes, SplitSizes(node, x.dims[static_cast<size_t>(axis)]));
  Dim start = 0;
  for (size_t i = 0; i < sizes.size(); ++i) {
    node.SetOutput(static_cast<int>(i), node.build.Slice(x, axis, start, 1, sizes[i]));
    start = node.build.dims().Add(start, sizes[i]);
  }
  return {};
}

// The margin of each axis, begin and end.
struct Margins {
  std::vector<Dim> before;
  std::vector<Dim> after;
};

Result<std::vector<Dim>> ReadPads(const NodeContext& node) {
  if (node.version() >= 11) return node.Elements(1);
  return ToDims(node.Ints(node.version() < 2 ? "paddings" : "pads"));
}

Result<Margins> ReadMargins(const NodeContext& node) {
  const int rank = node.input(0).rank();
  STINT_ASSIGN(const std::vector<Dim> pads, ReadPads(node));
  std::vector<Dim> axes;
  for (int axis = 0; axis < rank; ++axis) axes.emplace_back(axis);
  if (node.version() >= 18 && node.has(3)) {
    STINT_ASSIGN(axes, node.Elements(3));
    STINT_ASSIGN(axes, FromZero(node, axes, rank));
  }
  if (pads.size() != 2 * axes.size()) {
    return node.Invalid("found " + std::to_string(pads.size()) + " pads, allowed " +
                        std::to_string(2 * axes.size()));
  }
  const auto middle = pads.begin() + static_cast<std::ptrdiff_t>(axes.size());
  const std::vector<Dim> begins(pads.begin(), middle);
  const std::vector<Dim> ends(middle, pads.end());
  Margins margins;
  for (int axis = 0; axis < rank; ++axis) {
    margins.before.push_back(ValueAt(node.build, axes, begins, axis, 0));
    margins.after.push_back(ValueAt(node.build, axes, ends, axis, 0));
  }
  return margins;
}

// Whether the margins of an axis may cut more than it has and give some of it back.
bool MayOvercut(SymbolicDims& dims, Dim extent, Dim cut, Dim before, Dim after) {
  const bool only_cuts =
      dims.IsNonNegative(dims.Sub(0, before)) && dims.IsNonNegative(dims.Sub(0, after));
  return !only_cuts && !dims.IsNonNegative(dims.Sub(extent, cut));
}

// Negative margins cut; what is left are margins from 0. Where margins are filled with a number,
// Place takes as they are those that may overcut.
View Crop(Builder& build, View x, Margins& margins, bool fills) {
  SymbolicDims& dims = build.dims();
  for (size_t i = 0; i < x.dims.size(); ++i) {
    const Dim first = dims.Max(dims.Sub(0, margins.before[i]), 0);
    const Dim cut = dims.Add(first, dims.Max(dims.Sub(0, margins.after[i]), 0));
    if (fills && MayOvercut(dims, x.dims[i], cut, margins.before[i], margins.after[i])) continue;
    if (cut != Dim(0)) {
      x = build.Slice(x, static_cast<int>(i), first, 1, dims.Max(dims.Sub(x.dims[i], cut), 0));
    }
    margins.before[i] = dims.Max(margins.before[i], 0);
    margins.after[i] = dims.Max(margins.after[i], 0);
  }
  return x;
}

Result<AxisTable> PadTable(const NodeContext& node) {
  const std::string mode = node.String("mode", "constant");
  if (mode == "constant") return AxisTable::kAffine;
  if (mode == "reflect") return AxisTable::kReflect;
  if (mode == "edge") return AxisTable::kEdge;
  if (mode == "wrap" && node.version() >= 19) return AxisTable::kWrap;
  return node.Invalid("found mode '" + mode + "', allowed constant, reflect, edge and wrap");
}

// The number in the margins as a scalar; absent when it is zero.
Result<View> PadValue(const NodeContext& node) {
  if (node.version() >= 11) {
    if (!node.has(2)) return View();
    return AsScalar(node.build, node.input(2));
  }
  const double value = node.Float("value", 0.0);
  return value == 0.0 ? View() : node.build.Scalar(node.dtype(0), value);
}

// Puts `x` at `starts` into a tensor of `extents` filled with `value`.
Result<View> Place(Builder& build, const View& x, const std::vector<Dim>& extents,
                   const std::vector<Dim>& starts, const View& value, AxisTable table) {
  CopyAttributes copy;
  std::vector<View> sources = {x};
  const std::optional<Bytes> fill = value.present() ? build.ConstantBytes(value) : std::nullopt;
  if (fill) {
    for (const uint8_t byte : *fill) copy.fill.Push(byte);
  } else if (value.present()) {
    // A number that the graph computes is a source of its own, below the other.
    STINT_ASSIGN(View filled, build.Expand(value, extents));
    sources.insert(sources.begin(), std::move(filled));
    for (size_t i = 0; i < extents.size(); ++i) copy.starts.Push(0);
  }
  for (size_t i = 0; i < extents.size(); ++i) {
    copy.extents.Push(extents[i]);
    copy.starts.Push(starts[i]);
    const bool moves = extents[i] != x.dims[i];
    if (table != AxisTable::kAffine) {
      copy.tables.Push(static_cast<int64_t>(moves ? table : AxisTable::kAffine));
    }
  }
  return build.EmitOne(OpKind::kCopy, copy, std::move(sources));
}

Status Pad(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_ASSIGN(Margins margins, ReadMargins(node));
  STINT_ASSIGN(const AxisTable table, PadTable(node));
  View value;
  if (table == AxisTable::kAffine) {
    STINT_ASSIGN(value, PadValue(node));
  }
  const View x = Crop(node.build, node.input(0), margins, table == AxisTable::kAffine);
  std::vector<Dim> extents;
  std::vector<Dim> starts;
  SymbolicDims& dims = node.build.dims();
  for (size_t i = 0; i < x.dims.size(); ++i) {
    extents.push_back(dims.Add(dims.Add(margins.before[i], x.dims[i]), margins.after[i]));
    // Further before the result's first element nothing else is cut.
    starts.push_back(dims.Max(margins.before[i], dims.Sub(0, x.dims[i])));
  }
  if (extents == x.dims && starts == std::vector<Dim>(starts.size(), 0)) {
    node.SetOutput(0, x);
    return {};
  }
  STINT_ASSIGN(View result, Place(node.build, x, extents, starts, value, table));
  node.SetOutput(0, std::move(result));
  return {};
}

// The middle of each axis, or margins around it, of which the end has the odd element.
Status CenterCropPad(NodeContext& node) {
  STINT_TRY(node.Need(0));
  const View& x = node.input(0);
  SymbolicDims& dims = node.build.dims();
  STINT_ASSIGN(const std::vector<Dim> shape, node.Elements(1));
  std::vector<int64_t> all;
  for (int axis = 0; axis < x.rank(); ++axis) all.push_back(axis);
  STINT_ASSIGN(const std::vector<Dim> axes,
               FromZero(node, ToDims(node.Ints("axes", all)), x.rank()));
  if (shape.size() != axes.size()) {
    return node.Invalid("found " + std::to_string(shape.size()) + " extents, allowed " +
                        std::to_string(axes.size()));
  }
  std::vector<Dim> extents;
  std::vector<Dim> starts;
  for (int axis = 0; axis < x.rank(); ++axis) {
    const Dim extent = x.dims[static_cast<size_t>(axis)];
    const Dim target = ValueAt(node.build, axes, shape, axis, extent);
    const Dim margin = dims.FloorDiv(dims.Sub(target, extent), 2);
    const Dim cut = dims.FloorDiv(dims.Sub(extent, target), 2);
    extents.push_back(target);
    starts.push_back(dims.Select(dims.Less(extent, target), margin, dims.Sub(0, cut)));
  }
  STINT_ASSIGN(View result, Place(node.build, x, extents, starts, View(), AxisTable::kAffine));
  node.SetOutput(0, std::move(result));
  return {};
}

constexpr ImportRule kRules[] = {
    {"CenterCropPad", CenterCropPad, 18},
    {"Pad", Pad},
    {"Slice", Slice},
    {"Split", Split},
};

}  // namespace

std::span<const ImportRule> SliceRules() { return kRules; }

}  // namespace stint::compiler
