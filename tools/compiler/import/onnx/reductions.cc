// Reductions: one Reduce op each, whose prologue and epilogue make L2, LogSum and the like. Axes
// may be computed by the graph.
#include <cmath>
#include <string>

#include "runtime/ops/prefix.h"
#include "tools/compiler/import/onnx/axes.h"
#include "tools/compiler/import/onnx/reduce_axes.h"
#include "tools/compiler/import/onnx/rules.h"

namespace stint::compiler {

namespace {

constexpr int64_t kAxesOperand = 18;     // From this version on axes are an operand,
constexpr int64_t kSumAxesOperand = 13;  // of ReduceSum already from this one.

// The axes of a Reduce operator: given ones, else all, or none when the node asks for that.
Result<std::vector<Dim>> AxesOf(const NodeContext& node, int64_t operand_since) {
  const int rank = node.input(0).rank();
  STINT_ASSIGN(std::optional<std::vector<Dim>> axes, ReadAxes(node, 1, operand_since, rank));
  if (axes && !axes->empty()) return std::move(*axes);
  if (node.Int("noop_with_empty_axes", 0) != 0) return std::vector<Dim>();
  return DimRange(0, rank);
}

Result<View> KeepOrDrop(const NodeContext& node, const View& reduced,
                        const std::vector<Dim>& axes) {
  if (node.Int("keepdims", 1) != 0) return reduced;
  return SqueezeAxes(node.build, reduced, axes);
}

template <ReduceKind kKind>
Result<View> Plain(Builder& build, const View& x, const std::vector<Dim>& axes) {
  return ReduceAxes(build, kKind, x, axes);
}

Result<View> L1(Builder& build, const View& x, const std::vector<Dim>& axes) {
  ReduceFormulas formulas;
  formulas.before = [](const Terms& in) { return Abs(in[0]); };
  return ReduceAxes(build, ReduceKind::kSum, x, axes, formulas);
}

Term Square(const Terms& in) { return in[0] * in[0]; }

Result<View> SumSquare(Builder& build, const View& x, const std::vector<Dim>& axes) {
  ReduceFormulas formulas;
  formulas.before = Square;
  return ReduceAxes(build, ReduceKind::kSum, x, axes, formulas);
}

// Functions of floats are computed in float32 for integers and cut off at the store.
Term AsFloat(Term x) {
  return x.type() == MapType::kF32 || x.type() == MapType::kF64 ? x : x.As(MapType::kF32);
}

Result<View> L2(Builder& build, const View& x, const std::vector<Dim>& axes) {
  ReduceFormulas formulas;
  formulas.before = Square;
  formulas.after = [](const Terms& in) { return Sqrt(AsFloat(in[0])); };
  return ReduceAxes(build, ReduceKind::kSum, x, axes, formulas);
}

Result<View> LogSum(Builder& build, const View& x, const std::vector<Dim>& axes) {
  ReduceFormulas formulas;
  formulas.after = [](const Terms& in) { return Log(AsFloat(in[0])); };
  return ReduceAxes(build, ReduceKind::kSum, x, axes, formulas);
}

// max + log(sum(exp(x - max))), where an infinite maximum counts as 0.
Result<View> LogSumExp(Builder& build, const View& x, const std::vector<Dim>& axes) {
  const DType dtype = build.dtype(x);
  STINT_ASSIGN(const View wide, IsFloat(dtype) ? Result<View>(x) : build.Cast(x, DType::kFloat32));
  STINT_ASSIGN(const View maximum, ReduceAxes(build, ReduceKind::kMax, wide, axes));
  STINT_ASSIGN(const View finite, Compute(build, {maximum}, build.dtype(wide), [](const Terms& in) {
                 const Term difference = in[0] - in[0];
                 return (difference == difference).Choose(in[0], in[0].Number(0.0));
               }));
  ReduceFormulas formulas;
  formulas.beside = {finite};
  formulas.before = [](const Terms& in) { return Exp(in[0] - in[1]); };
  formulas.after = [](const Terms& in) { return Log(in[0]) + in[1]; };
  STINT_ASSIGN(const View result, ReduceAxes(build, ReduceKind::kSum, wide, axes, formulas));
  return build.Cast(result, dtype);
}

using Reduction = Result<View> (*)(Builder& build, const View& x, const std::vector<Dim>& axes);

template <Reduction kReduction, int64_t kOperandSince = kAxesOperand>
Status Reduce(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_ASSIGN(const std::vector<Dim> axes, AxesOf(node, kOperandSince));
  STINT_ASSIGN(const View reduced, kReduction(node.build, node.input(0), axes));
  STINT_ASSIGN(View result, KeepOrDrop(node, reduced, axes));
  node.SetOutput(0, std::move(result));
  return {};
}

// Maximum and minimum of bools are "or" and "and", taken on bytes.
template <ReduceKind kKind>
Status ReduceExtreme(NodeContext& node) {
  STINT_TRY(node.Need(0));
  if (node.dtype(0) != DType::kBool) return Reduce<Plain<kKind>>(node);
  STINT_ASSIGN(const std::vector<Dim> axes, AxesOf(node, kAxesOperand));
  STINT_ASSIGN(const View bytes, node.build.Cast(node.input(0), DType::kUInt8));
  STINT_ASSIGN(const View reduced, ReduceAxes(node.build, kKind, bytes, axes));
  STINT_ASSIGN(const View bools, node.build.Cast(reduced, DType::kBool));
  STINT_ASSIGN(View result, KeepOrDrop(node, bools, axes));
  node.SetOutput(0, std::move(result));
  return {};
}

template <ReduceKind kKind>
Status ArgExtreme(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_ASSIGN(const int axis, node.Axis(node.Int("axis", 0), node.input(0).rank()));
  ReduceAttributes reduce;
  reduce.kind = kKind;
  reduce.axes.Push(axis);
  reduce.select_last = node.Int("select_last_index", 0) != 0 ? 1 : 0;
  STINT_ASSIGN(const View index, node.build.EmitOne(OpKind::kReduce, reduce, {node.input(0)}));
  STINT_ASSIGN(View result, KeepOrDrop(node, index, {axis}));
  node.SetOutput(0, std::move(result));
  return {};
}

Status CheckSpatial(const NodeContext& node) {
  STINT_TRY(node.Need(0));
  if (node.input(0).rank() >= 2) return {};
  return node.Invalid("found rank " + std::to_string(node.input(0).rank()) +
                      ", allowed 2 and above");
}

template <ReduceKind kKind>
Status GlobalPool(NodeContext& node) {
  STINT_TRY(CheckSpatial(node));
  const View& x = node.input(0);
  STINT_ASSIGN(View result, ReduceAxes(node.build, kKind, x, DimRange(2, x.rank())));
  node.SetOutput(0, std::move(result));
  return {};
}

// (sum |x|^p)^(1/p). In version 1 `p` is a float.
Status GlobalLpPool(NodeContext& node) {
  STINT_TRY(CheckSpatial(node));
  const double power =
      node.version() < 2 ? node.Float("p", 2.0) : static_cast<double>(node.Int("p", 2));
  ReduceFormulas formulas;
  formulas.before = [power](const Terms& in) { return Pow(Abs(in[0]), power); };
  formulas.after = [power](const Terms& in) { return Pow(in[0], 1.0 / power); };
  const View& x = node.input(0);
  STINT_ASSIGN(View result,
               ReduceAxes(node.build, ReduceKind::kSum, x, DimRange(2, x.rank()), formulas));
  node.SetOutput(0, std::move(result));
  return {};
}

// CumSum and CumProd, whose axis is an operand.
template <PrefixKind kKind>
Status Cumulative(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_ASSIGN(const std::vector<Dim> axis, node.Elements(1));
  if (axis.size() != 1) return node.Invalid("found a list for axis, allowed one number");
  PrefixAttributes prefix;
  prefix.kind = kKind;
  prefix.axis.Push(axis[0]);
  prefix.exclusive = node.Int("exclusive", 0) != 0 ? 1 : 0;
  prefix.reverse = node.Int("reverse", 0) != 0 ? 1 : 0;
  STINT_ASSIGN(View result, node.build.EmitOne(OpKind::kPrefix, prefix, {node.input(0)}));
  node.SetOutput(0, std::move(result));
  return {};
}

constexpr ImportRule kRules[] = {
    {"ArgMax", ArgExtreme<ReduceKind::kArgMax>},
    {"ArgMin", ArgExtreme<ReduceKind::kArgMin>},
    {"CumProd", Cumulative<PrefixKind::kProduct>, 26},
    {"CumSum", Cumulative<PrefixKind::kSum>, 11},
    {"GlobalAveragePool", GlobalPool<ReduceKind::kMean>},
    {"GlobalLpPool", GlobalLpPool},
    {"GlobalMaxPool", GlobalPool<ReduceKind::kMax>},
    {"ReduceL1", Reduce<L1>},
    {"ReduceL2", Reduce<L2>},
    {"ReduceLogSum", Reduce<LogSum>},
    {"ReduceLogSumExp", Reduce<LogSumExp>},
    {"ReduceMax", ReduceExtreme<ReduceKind::kMax>},
    {"ReduceMean", Reduce<Plain<ReduceKind::kMean>>},
    {"ReduceMin", ReduceExtreme<ReduceKind::kMin>},
    {"ReduceProd", Reduce<Plain<ReduceKind::kProduct>>},
    {"ReduceSum", Reduce<Plain<ReduceKind::kSum>, kSumAxesOperand>},
    {"ReduceSumSquare", Reduce<SumSquare>},
};

}  // namespace

std::span<const ImportRule> ReductionRules() { return kRules; }

}  // namespace stint::compiler
