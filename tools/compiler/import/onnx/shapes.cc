// Operators that only look at shapes or see a tensor in another shape: no node computes anything at
// run time, but where a strided view must become dense first.
#include <algorithm>
#include <string>

#include "tools/compiler/import/onnx/axes.h"
#include "tools/compiler/import/onnx/operands.h"
#include "tools/compiler/import/onnx/rules.h"

namespace stint::compiler {

namespace {

Status Shape(NodeContext& node) {
  STINT_TRY(node.Need(0));
  const std::vector<Dim>& dims = node.input(0).dims;
  const auto rank = static_cast<int64_t>(dims.size());
  const auto clamped = [rank](int64_t axis) {
    return std::clamp<int64_t>(axis < 0 ? axis + rank : axis, 0, rank);
  };
  const int64_t start = clamped(node.Int("start", 0));
  const int64_t end = std::max(start, clamped(node.Int("end", rank)));
  const std::vector<Dim> part(dims.begin() + start, dims.begin() + end);
  STINT_ASSIGN(View shape, node.build.FromElements(DType::kInt64, {end - start}, part));
  node.SetOutput(0, std::move(shape));
  return {};
}

Status Size(NodeContext& node) {
  STINT_TRY(node.Need(0));
  const View& x = node.input(0);
  const Dim count = Product(node.build, x.dims, 0, x.rank());
  STINT_ASSIGN(View size, node.build.FromElements(DType::kInt64, {}, {count}));
  node.SetOutput(0, std::move(size));
  return {};
}

// The extents that a Reshape asks for: 0 takes the operand's extent, -1 what is left. An expression
// that cannot be negative is an extent and stands for itself.
Result<std::vector<Dim>> ReshapedDims(const NodeContext& node, const std::vector<Dim>& wanted,
                                      bool allow_zero) {
  SymbolicDims& dims = node.build.dims();
  const View& x = node.input(0);
  std::vector<Dim> extents;
  Dim known = 1;
  for (size_t i = 0; i < wanted.size(); ++i) {
    Dim extent = wanted[i];
    const bool is_extent = !extent.is_constant() && dims.IsNonNegative(extent);
    if (extent.is_constant() && extent.constant() < -1) {
      return node.Invalid("found extent " + std::to_string(extent.constant()) +
                          ", allowed -1 and above");
    }
    if (!allow_zero && !is_extent) {
      if (extent == Dim(0) && i >= x.dims.size()) {
        return node.Invalid("found 0 at axis " + std::to_string(i) +
                            ", allowed for axes of the operand");
      }
      if (i < x.dims.size()) extent = dims.Select(dims.Equal(extent, 0), x.dims[i], extent);
    }
    extents.push_back(extent);
    known = dims.Mul(known, dims.Select(dims.Equal(wanted[i], -1), 1, extent));
  }
  const bool has_rest = std::any_of(wanted.begin(), wanted.end(),
                                    [&](Dim extent) { return dims.Equal(extent, -1) != Dim(0); });
  if (!has_rest) return extents;
  if (std::count(wanted.begin(), wanted.end(), Dim(-1)) > 1) {
    return node.Invalid("found -1 twice, allowed once");
  }
  const Dim divisor = known.is_constant() || dims.IsNonNegative(known) ? known : dims.Max(known, 1);
  // With a zero among the others there is nothing left: any extent keeps the count.
  const Dim rest =
      divisor == Dim(0) ? Dim(0) : dims.FloorDiv(Product(node.build, x.dims, 0, x.rank()), divisor);
  for (size_t i = 0; i < wanted.size(); ++i) {
    extents[i] = dims.Select(dims.Equal(wanted[i], -1), rest, extents[i]);
  }
  return extents;
}

Status Reshape(NodeContext& node) {
  STINT_TRY(node.Need(0));
  std::vector<Dim> wanted;
  if (node.version() < 5) {
    const std::vector<int64_t> shape = node.Ints("shape");
    wanted.assign(shape.begin(), shape.end());
  } else {
    STINT_ASSIGN(wanted, node.Elements(1));
  }
  STINT_ASSIGN(const std::vector<Dim> dims,
               ReshapedDims(node, wanted, node.Int("allowzero", 0) != 0));
  STINT_ASSIGN(View result, node.build.Reshape(node.input(0), dims));
  node.SetOutput(0, std::move(result));
  return {};
}

Status Flatten(NodeContext& node) {
  STINT_TRY(node.Need(0));
  const View& x = node.input(0);
  const int rank = x.rank();
  int64_t axis = node.Int("axis", 1);
  if (axis < 0) axis += rank;
  if (axis < 0 || axis > rank) {
    return node.Invalid("found axis " + std::to_string(axis) + ", allowed 0 to " +
                        std::to_string(rank));
  }
  const auto split = static_cast<int>(axis);
  const std::vector<Dim> dims = {Product(node.build, x.dims, 0, split),
                                 Product(node.build, x.dims, split, rank)};
  STINT_ASSIGN(View result, node.build.Reshape(x, dims));
  node.SetOutput(0, std::move(result));
  return {};
}

// Without axes: those of extent 1, which must be known.
Result<std::vector<Dim>> UnitAxes(const NodeContext& node) {
  const std::vector<Dim>& dims = node.input(0).dims;
  std::vector<Dim> axes;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (!dims[i].is_constant()) return node.Unsupported("no axes, with extents that are not known");
    if (dims[i] == Dim(1)) axes.emplace_back(static_cast<int64_t>(i));
  }
  return axes;
}

Status Squeeze(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_ASSIGN(std::optional<std::vector<Dim>> axes, ReadAxes(node, 1, 13, node.input(0).rank()));
  if (!axes) {
    STINT_ASSIGN(axes, UnitAxes(node));
  }
  STINT_ASSIGN(View result, SqueezeAxes(node.build, node.input(0), *axes));
  node.SetOutput(0, std::move(result));
  return {};
}

Status Unsqueeze(NodeContext& node) {
  STINT_TRY(node.Need(0));
  const bool is_operand = node.version() >= 13;
  std::vector<Dim> axes;
  if (is_operand) {
    STINT_ASSIGN(axes, node.Elements(1));
  } else {
    const std::vector<int64_t> attribute = node.Ints("axes");
    axes.assign(attribute.begin(), attribute.end());
  }
  const int rank = node.input(0).rank() + static_cast<int>(axes.size());
  if (rank > kMaxRank) return node.Unsupported("rank " + std::to_string(rank));
  STINT_ASSIGN(axes, FromZero(node, axes, rank));
  STINT_ASSIGN(View result, UnsqueezeAxes(node.build, node.input(0), axes));
  node.SetOutput(0, std::move(result));
  return {};
}

Status Identity(NodeContext& node) {
  STINT_TRY(node.Need(0));
  node.SetOutput(0, node.input(0));
  return {};
}

// Of tensors, which are always there; an empty name is an absent optional.
Status OptionalHasElement(NodeContext& node) {
  STINT_ASSIGN(View has, node.build.FromElements(DType::kBool, {}, {node.has(0) ? 1 : 0}));
  node.SetOutput(0, std::move(has));
  return {};
}

constexpr ImportRule kRules[] = {
    {"Flatten", Flatten},
    {"Identity", Identity},
    {"OptionalGetElement", Identity, 18},
    {"OptionalHasElement", OptionalHasElement, 18},
    {"Reshape", Reshape},
    {"Shape", Shape},
    {"Size", Size},
    {"Squeeze", Squeeze},
    {"Unsqueeze", Unsqueeze},
};

}  // namespace

std::span<const ImportRule> ShapeRules() { return kRules; }

}  // namespace stint::compiler
