// Operators that put elements in another order: views where strides can say it, else a Copy.
#include <algorithm>
#include <numeric>
#include <string>

#include "runtime/ops/copy.h"
#include "runtime/ops/gather.h"
#include "tools/compiler/import/onnx/axes.h"
#include "tools/compiler/import/onnx/operands.h"
#include "tools/compiler/import/onnx/rules.h"
#include "tools/compiler/import/onnx/terms.h"

namespace stint::compiler {

namespace {

constexpr size_t kMaxParts = 16;  // Of one Copy.

Status Transpose(NodeContext& node) {
  STINT_TRY(node.Need(0));
  const int rank = node.input(0).rank();
  std::vector<int> permutation = AxisRange(0, rank);
  std::reverse(permutation.begin(), permutation.end());
  if (node.has_attribute("perm")) {
    permutation.clear();
    for (const int64_t axis : node.Ints("perm")) {
      STINT_ASSIGN(const int from_zero, node.Axis(axis, rank));
      permutation.push_back(from_zero);
    }
  }
  std::vector<int> sorted = permutation;
  std::sort(sorted.begin(), sorted.end());
  if (sorted != AxisRange(0, rank)) {
    return node.Invalid("found a perm that is none, allowed each axis of rank " +
                        std::to_string(rank) + " once");
  }
  node.SetOutput(0, node.build.Transpose(node.input(0), permutation));
  return {};
}

Status Concat(NodeContext& node) {
  std::vector<View> parts;
  for (int i = 0; i < std::max(node.input_count(), 1); ++i) {
    STINT_TRY(node.Need(i));
    parts.push_back(node.input(i));
    if (parts.back().rank() != parts[0].rank() || parts[0].rank() == 0) {
      return node.Invalid("found rank " + std::to_string(parts.back().rank()) + " beside " +
                          std::to_string(parts[0].rank()) + ", allowed equal ranks from 1");
    }
  }
  STINT_ASSIGN(const int axis, node.Axis(node.Int("axis", 1), parts[0].rank()));
  while (parts.size() > 1) {
    std::vector<View> joined;
    for (size_t i = 0; i < parts.size(); i += kMaxParts) {
      const size_t end = std::min(parts.size(), i + kMaxParts);
      const std::vector<View> some(parts.begin() + static_cast<std::ptrdiff_t>(i),
                                   parts.begin() + static_cast<std::ptrdiff_t>(end));
      STINT_ASSIGN(View part, node.build.Concat(some, axis));
      joined.push_back(std::move(part));
    }
    parts = std::move(joined);
  }
  node.SetOutput(0, parts[0]);
  return {};
}

// How often each axis repeats: version 1 has one count and one axis, later ones a list.
Result<std::vector<Dim>> Repeats(const NodeContext& node, int rank) {
  if (node.version() >= 6) return node.Elements(1);
  STINT_ASSIGN(const std::vector<Dim> counts, node.WholeElements(1));
  STINT_ASSIGN(std::vector<Dim> axes, node.WholeElements(2));
  if (counts.size() != 1 || axes.size() != 1) {
    return node.Invalid("found lists of tiles and axis, allowed one number each");
  }
  STINT_ASSIGN(axes, FromZero(node, axes, rank));
  std::vector<Dim> repeats;
  for (int axis = 0; axis < rank; ++axis) {
    repeats.push_back(ValueAt(node.build, axes, counts, axis, 1));
  }
  return repeats;
}

Status Tile(NodeContext& node) {
  STINT_TRY(node.Need(0));
  const View& x = node.input(0);
  STINT_ASSIGN(const std::vector<Dim> repeats, Repeats(node, x.rank()));
  if (repeats.size() != x.dims.size()) {
    return node.Invalid("found " + std::to_string(repeats.size()) + " repeats, allowed " +
                        std::to_string(x.rank()));
  }
  CopyAttributes copy;
  for (size_t i = 0; i < repeats.size(); ++i) {
    copy.extents.Push(node.build.dims().Mul(x.dims[i], repeats[i]));
    copy.starts.Push(0);
    copy.tables.Push(
        static_cast<int64_t>(repeats[i] == Dim(1) ? AxisTable::kAffine : AxisTable::kWrap));
  }
  STINT_ASSIGN(View result, node.build.EmitOne(OpKind::kCopy, copy, {x}));
  node.SetOutput(0, std::move(result));
  return {};
}

// NumPy's broadcast of the operand and the shape.
Status Expand(NodeContext& node) {
  STINT_TRY(node.Need(0));
  const View& x = node.input(0);
  STINT_ASSIGN(const std::vector<Dim> shape, node.Elements(1));
  std::vector<Dim> dims(std::max(shape.size(), x.dims.size()), 1);
  for (size_t i = 0; i < dims.size(); ++i) {
    const size_t from_end = dims.size() - i;
    const Dim own = from_end <= x.dims.size() ? x.dims[x.dims.size() - from_end] : Dim(1);
    const Dim wanted = from_end <= shape.size() ? shape[shape.size() - from_end] : Dim(1);
    dims[i] = node.build.dims().Broadcast(own, wanted);
  }
  STINT_ASSIGN(View result, node.build.Expand(x, dims));
  node.SetOutput(0, std::move(result));
  return {};
}

// Reshape, transpose, reshape: what both block operators are.
Status Shuffle(NodeContext& node, const std::vector<Dim>& split,
               const std::vector<int>& permutation, const std::vector<Dim>& merged) {
  STINT_ASSIGN(const View parts, node.build.Reshape(node.input(0), split));
  STINT_ASSIGN(View result, node.build.Reshape(node.build.Transpose(parts, permutation), merged));
  node.SetOutput(0, std::move(result));
  return {};
}

Status CheckImage(const NodeContext& node, int64_t block) {
  STINT_TRY(node.Need(0));
  if (node.input(0).rank() == 4 && block > 0 && block <= INT32_MAX) return {};
  return node.Invalid("found rank " + std::to_string(node.input(0).rank()) + " and block size " +
                      std::to_string(block) + ", allowed rank 4 and a positive size");
}

Status DepthToSpace(NodeContext& node) {
  const int64_t block = node.Int("blocksize", 0);
  STINT_TRY(CheckImage(node, block));
  SymbolicDims& dims = node.build.dims();
  const std::vector<Dim>& x = node.input(0).dims;
  const Dim channels = dims.FloorDiv(x[1], block * block);
  const std::vector<Dim> merged = {x[0], channels, dims.Mul(x[2], block), dims.Mul(x[3], block)};
  if (node.String("mode", "DCR") == "CRD") {
    return Shuffle(node, {x[0], channels, block, block, x[2], x[3]}, {0, 1, 4, 2, 5, 3}, merged);
  }
  return Shuffle(node, {x[0], block, block, channels, x[2], x[3]}, {0, 3, 4, 1, 5, 2}, merged);
}

Status SpaceToDepth(NodeContext& node) {
  const int64_t block = node.Int("blocksize", 0);
  STINT_TRY(CheckImage(node, block));
  SymbolicDims& dims = node.build.dims();
  const std::vector<Dim>& x = node.input(0).dims;
  const Dim height = dims.FloorDiv(x[2], block);
  const Dim width = dims.FloorDiv(x[3], block);
  return Shuffle(node, {x[0], x[1], height, block, width, block}, {0, 3, 5, 1, 2, 4},
                 {x[0], dims.Mul(x[1], block * block), height, width});
}

// The first lengths[b] steps of row b in the opposite order, by gathering steps.
Status ReverseSequence(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_TRY(node.Need(1));
  Builder& build = node.build;
  const int64_t batch_axis = node.Int("batch_axis", 1);
  if (batch_axis < 0 || batch_axis > 1 || node.Int("time_axis", 0) != 1 - batch_axis ||
      node.input(0).rank() < 2 || node.input(1).rank() != 1) {
    return node.Invalid("found axes or ranks of no sequences, allowed batch and time on 0 and 1");
  }
  std::vector<int> batch_first = AxisRange(0, node.input(0).rank());
  if (batch_axis == 1) std::swap(batch_first[0], batch_first[1]);
  const View x = build.Transpose(node.input(0), batch_first);
  STINT_ASSIGN(
      const View steps,
      ComputeOver(build, {x.dims[0], x.dims[1], 1}, {build.Unsqueeze(node.input(1), {1, 2})},
                  DType::kInt64, [](const Terms& in) {
                    const Term step = in.Coordinate(1);
                    const Term length = in[0].As(step.type());
                    return (step < length).Choose(length - step - 1.0, step);
                  }));
  GatherAttributes gather;
  gather.mode = GatherMode::kNd;
  gather.batch_dims = 1;
  STINT_ASSIGN(const View reversed, build.EmitOne(OpKind::kGather, gather, {x, steps}));
  node.SetOutput(0, build.Transpose(reversed, batch_first));
  return {};
}

constexpr ImportRule kRules[] = {
    {"Concat", Concat},
    {"DepthToSpace", DepthToSpace},
    {"Expand", Expand, 8},
    {"ReverseSequence", ReverseSequence, 10},
    {"SpaceToDepth", SpaceToDepth},
    {"Tile", Tile},
    {"Transpose", Transpose},
};

}  // namespace

std::span<const ImportRule> MovementRules() { return kRules; }

}  // namespace stint::compiler
