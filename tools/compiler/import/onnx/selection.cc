// Operators whose results have as many elements as the data says: NonZero, Unique,
// NonMaxSuppression, Compress. The plan op gives all that there may be and their number; the number
// becomes a symbol, and the result a view of so many.
#include <limits>

#include "runtime/ops/gather.h"
#include "runtime/ops/nms.h"
#include "runtime/ops/non_zero.h"
#include "runtime/ops/unique.h"
#include "tools/compiler/import/onnx/operands.h"
#include "tools/compiler/import/onnx/rules.h"

namespace stint::compiler {

namespace {

// The number that an op counted: known at once where the op was folded.
Dim Counted(Builder& build, const View& count) {
  if (const auto known = build.Elements(count)) return (*known)[0];
  return build.function().AddComputedSymbols(count, true)[0];
}

// The first `count` of the axis 0.
View First(Builder& build, const View& x, Dim count) { return build.Slice(x, 0, 0, 1, count); }

// The coordinates of what is not zero, [n, rank].
Result<View> Places(Builder& build, const View& x) {
  STINT_ASSIGN(std::vector<View> results,
               build.Emit(OpKind::kNonZero, Attributes::Of(NonZeroAttributes()), {x}));
  return First(build, results[0], Counted(build, results[1]));
}

// A scalar has one place, as a list of one element has.
Status NonZero(NodeContext& node) {
  STINT_TRY(node.Need(0));
  Builder& build = node.build;
  View x = node.input(0);
  if (x.rank() == 0) x = build.Unsqueeze(x, {0});
  STINT_ASSIGN(const View places, Places(build, x));
  node.SetOutput(0, build.Transpose(places, {1, 0}));
  return {};
}

// Positions at which the condition is true; those beyond the axis do not count.
Status Compress(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_TRY(node.Need(1));
  Builder& build = node.build;
  View x = node.input(0);
  View condition = node.input(1);
  if (condition.rank() != 1) return node.Invalid("found a condition of another rank, allowed 1");
  GatherAttributes gather;
  if (node.has_attribute("axis")) {
    STINT_ASSIGN(gather.axis, node.Axis(node.Int("axis", 0), x.rank()));
  } else {
    STINT_ASSIGN(x, build.Reshape(x, {Product(build, x.dims, 0, x.rank())}));
  }
  const Dim extent = x.dims[static_cast<size_t>(gather.axis)];
  condition = First(build, condition, build.dims().Min(condition.dims[0], extent));
  STINT_ASSIGN(const View places, Places(build, condition));
  STINT_ASSIGN(View result,
               build.EmitOne(OpKind::kGather, gather, {x, build.Squeeze(places, {1})}));
  node.SetOutput(0, std::move(result));
  return {};
}

Status Unique(NodeContext& node) {
  STINT_TRY(node.Need(0));
  Builder& build = node.build;
  View x = node.input(0);
  GatherAttributes gather;
  if (node.has_attribute("axis")) {
    STINT_ASSIGN(gather.axis, node.Axis(node.Int("axis", 0), x.rank()));
  } else {
    STINT_ASSIGN(x, build.Reshape(x, {Product(build, x.dims, 0, x.rank())}));
  }
  std::vector<int> order = AxisRange(0, x.rank());
  std::rotate(order.begin(), order.begin() + gather.axis, order.begin() + gather.axis + 1);
  STINT_ASSIGN(const View slices, build.Dense(build.Transpose(x, order)));
  UniqueAttributes unique;
  unique.sorted = node.Int("sorted", 1) != 0 ? 1 : 0;
  STINT_ASSIGN(const std::vector<View> results,
               build.Emit(OpKind::kUnique, Attributes::Of(unique), {slices}));
  const Dim kinds = Counted(build, results[3]);
  const View first = First(build, results[0], kinds);
  STINT_ASSIGN(View values, build.EmitOne(OpKind::kGather, gather, {x, first}));
  node.SetOutput(0, std::move(values));
  node.SetOutput(1, first);
  node.SetOutput(2, results[1]);
  node.SetOutput(3, First(build, results[2], kinds));
  return {};
}

// Operands: boxes, scores, most boxes of a class (absent: none), the two thresholds (absent: 0 and
// no limit).
Status NonMaxSuppression(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_TRY(node.Need(1));
  Builder& build = node.build;
  NmsAttributes nms;
  nms.centered = node.Int("center_point_box", 0) != 0 ? 1 : 0;
  Dim most = 0;
  if (node.has(2)) {
    STINT_ASSIGN(most, node.Element(2));
  }
  nms.most.Push(most);
  Real overlap = 0.0;
  if (node.has(3)) {
    STINT_ASSIGN(overlap, node.RealElement(3));
  }
  Real score = -std::numeric_limits<double>::infinity();
  if (node.has(4)) {
    STINT_ASSIGN(score, node.RealElement(4));
  }
  nms.thresholds.Push(overlap);
  nms.thresholds.Push(score);
  STINT_ASSIGN(const std::vector<View> results,
               build.Emit(OpKind::kNms, Attributes::Of(nms), {node.input(0), node.input(1)}));
  node.SetOutput(0, First(build, results[0], Counted(build, results[1])));
  return {};
}

constexpr ImportRule kRules[] = {
    {"Compress", Compress, 9},
    {"NonMaxSuppression", NonMaxSuppression, 10},
    {"NonZero", NonZero, 9},
    {"Unique", Unique, 11},
};

}  // namespace

std::span<const ImportRule> SelectionRules() { return kRules; }

}  // namespace stint::compiler
