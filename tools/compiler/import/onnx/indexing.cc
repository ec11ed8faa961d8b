// Operators that address elements by index tensors.
#include <algorithm>
#include <string>

#include "runtime/ops/gather.h"
#include "runtime/ops/scatter.h"
#include "runtime/ops/top_k.h"
#include "tools/compiler/import/onnx/operands.h"
#include "tools/compiler/import/onnx/rules.h"
#include "tools/compiler/import/onnx/terms.h"

namespace stint::compiler {

namespace {

Status EmitGather(NodeContext& node, const GatherAttributes& gather) {
  STINT_ASSIGN(View result,
               node.build.EmitOne(OpKind::kGather, gather, {node.input(0), node.input(1)}));
  node.SetOutput(0, std::move(result));
  return {};
}

// Gather and GatherElements: one index along an axis.
template <GatherMode kMode>
Status GatherAlong(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_TRY(node.Need(1));
  GatherAttributes gather;
  gather.mode = kMode;
  STINT_ASSIGN(gather.axis, node.Axis(node.Int("axis", 0), node.input(0).rank()));
  return EmitGather(node, gather);
}

Status GatherNd(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_TRY(node.Need(1));
  GatherAttributes gather;
  gather.mode = GatherMode::kNd;
  gather.batch_dims = node.Int("batch_dims", 0);
  return EmitGather(node, gather);
}

Result<ScatterReduction> Reduction(const NodeContext& node) {
  const std::string name = node.String("reduction", "none");
  constexpr const char* kNames[] = {"none", "add", "mul", "max", "min"};
  for (int i = 0; i < 5; ++i) {
    if (name == kNames[i]) return static_cast<ScatterReduction>(i);
  }
  return node.Invalid("found reduction '" + name + "', allowed none, add, mul, max and min");
}

template <ScatterMode kMode>
Status Scatter(NodeContext& node) {
  for (int i = 0; i < 3; ++i) STINT_TRY(node.Need(i));
  ScatterAttributes scatter;
  scatter.mode = kMode;
  if (kMode == ScatterMode::kElements) {
    STINT_ASSIGN(scatter.axis, node.Axis(node.Int("axis", 0), node.input(0).rank()));
  }
  STINT_ASSIGN(scatter.reduction, Reduction(node));
  STINT_ASSIGN(View result, node.build.EmitOne(OpKind::kScatter, scatter,
                                               {node.input(0), node.input(1), node.input(2)}));
  node.SetOutput(0, std::move(result));
  return {};
}

// Operands: cache [B, ..., L, ...], update [B, ..., n, ...], first position of each row (default
// 0). Rows become [B, L, ...], so that (row, position) addresses a slice.
Status TensorScatter(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_TRY(node.Need(1));
  Builder& build = node.build;
  const int rank = node.input(0).rank();
  STINT_ASSIGN(const int axis, node.Axis(node.Int("axis", -2), rank));
  if (axis == 0 || node.input(1).rank() != rank) {
    return node.Invalid("found axis 0 or different ranks, allowed one rank and other axes");
  }
  if (node.has(2) && node.input(2).rank() != 1) {
    return node.Invalid("found write_indices of rank " + std::to_string(node.input(2).rank()) +
                        ", allowed 1");
  }
  const bool circular = node.String("mode", "linear") == "circular";
  std::vector<int> order = AxisRange(0, rank);
  std::rotate(order.begin() + 1, order.begin() + axis, order.begin() + axis + 1);
  const View cache = build.Transpose(node.input(0), order);
  const View update = build.Transpose(node.input(1), order);
  const View first =
      node.has(2) ? build.Unsqueeze(node.input(2), {1, 2}) : build.Scalar(DType::kInt64, 0.0);
  STINT_ASSIGN(const View length, build.FromElements(DType::kInt64, {}, {cache.dims[1]}));
  STINT_ASSIGN(const View places,
               ComputeOver(build, {update.dims[0], update.dims[1], 2}, {first, length},
                           DType::kInt64, [circular](const Terms& in) {
                             const Term position = in[0].As(MapType::kI64) + in.Coordinate(1);
                             const Term place =
                                 circular ? position.Apply(MapOpcode::kMod, in[1]) : position;
                             return (in.Coordinate(2) == 0.0).Choose(in.Coordinate(0), place);
                           }));
  ScatterAttributes scatter;
  scatter.mode = ScatterMode::kNd;
  STINT_ASSIGN(const View result,
               build.EmitOne(OpKind::kScatter, scatter, {cache, places, update}));
  std::vector<int> back(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    back[static_cast<size_t>(order[i])] = static_cast<int>(i);
  }
  node.SetOutput(0, build.Transpose(result, back));
  return {};
}

// `k` is an attribute in version 1, an operand since 10.
Status TopK(NodeContext& node) {
  STINT_TRY(node.Need(0));
  TopKAttributes top;
  STINT_ASSIGN(top.axis, node.Axis(node.Int("axis", -1), node.input(0).rank()));
  top.largest = node.Int("largest", 1) != 0 ? 1 : 0;
  if (node.version() < 10) {
    top.k.Push(node.Int("k", 0));
  } else {
    STINT_ASSIGN(const std::vector<Dim> k, node.Elements(1));
    if (k.size() != 1) return node.Invalid("found a list for k, allowed one number");
    top.k.Push(k[0]);
  }
  STINT_ASSIGN(std::vector<View> results,
               node.build.Emit(OpKind::kTopK, Attributes::Of(top), {node.input(0)}));
  node.SetOutput(0, results[0]);
  node.SetOutput(1, results[1]);
  return {};
}

// Operands: indices, depth, [off, on]. Negative indices count from the end; those outside give a
// row of "off".
Status OneHot(NodeContext& node) {
  for (int i = 0; i < 3; ++i) STINT_TRY(node.Need(i));
  Builder& build = node.build;
  const int rank = node.input(0).rank() + 1;
  if (rank > kMaxRank) return node.Unsupported("rank " + std::to_string(rank));
  STINT_ASSIGN(const int axis, node.Axis(node.Int("axis", -1), rank));
  STINT_ASSIGN(const std::vector<Dim> depths, node.WholeElements(1));
  if (depths.size() != 1) return node.Invalid("found a list of depths, allowed one number");
  const Dim depth = depths[0];
  const View indices = build.Unsqueeze(node.input(0), {axis});
  std::vector<Dim> dims = indices.dims;
  dims[static_cast<size_t>(axis)] = depth;
  STINT_ASSIGN(const View depth_value, build.FromElements(DType::kInt64, {}, {depth}));
  const View& values = node.input(2);
  if (values.rank() != 1) return node.Invalid("found values of another rank, allowed [off, on]");
  build.dims().Require(values.dims[0], 2, "the values of OneHot are [off, on]");
  const View off = build.Squeeze(build.Slice(values, 0, 0, 1, 1), {0});
  const View on = build.Squeeze(build.Slice(values, 0, 1, 1, 1), {0});
  STINT_ASSIGN(View result,
               ComputeOver(build, dims, {indices, depth_value, off, on}, node.dtype(2),
                           [axis](const Terms& in) {
                             const Term index = in[0].As(MapType::kI64);
                             const Term place = (index < 0.0).Choose(index + in[1], index);
                             return (in.Coordinate(axis) == place).Choose(in[3], in[2]);
                           }));
  node.SetOutput(0, std::move(result));
  return {};
}

constexpr ImportRule kRules[] = {
    {"Gather", GatherAlong<GatherMode::kAxis>},
    {"GatherElements", GatherAlong<GatherMode::kElements>, 11},
    {"GatherND", GatherNd, 11},
    {"OneHot", OneHot, 9},
    {"Scatter", Scatter<ScatterMode::kElements>, 9},
    {"ScatterElements", Scatter<ScatterMode::kElements>, 11},
    {"ScatterND", Scatter<ScatterMode::kNd>, 11},
    {"TensorScatter", TensorScatter, 24},
    {"TopK", TopK},
};

}  // namespace

std::span<const ImportRule> IndexingRules() { return kRules; }

}  // namespace stint::compiler
