// Losses: the score of the target class is gathered, weighted and averaged.
#include <string>

#include "runtime/ops/gather.h"
#include "runtime/ops/softmax.h"
#include "tools/compiler/import/onnx/operands.h"
#include "tools/compiler/import/onnx/reduce_axes.h"
#include "tools/compiler/import/onnx/rules.h"

namespace stint::compiler {

namespace {

constexpr int kClassAxis = 1;

// What a loss picks by, one an element of the target.
struct Targets {
  View classes;  // int64; class 0 stands for ignored targets.
  View weights;  // Absent when all are 1.
};

Result<Targets> ReadTargets(const NodeContext& node) {
  Builder& build = node.build;
  Targets targets;
  STINT_ASSIGN(targets.classes, build.Cast(node.input(1), DType::kInt64));
  const View labels = targets.classes;
  const bool ignores = node.has_attribute("ignore_index");
  const auto ignored = static_cast<double>(node.Int("ignore_index", 0));
  if (ignores) {
    STINT_ASSIGN(targets.classes, Compute(build, {labels}, DType::kInt64, [&](const Terms& in) {
                   return (in[0] == ignored).Choose(in[0].Number(0.0), in[0]);
                 }));
  }
  View weights = build.Scalar(node.dtype(0), 1.0);
  if (node.has(2)) {
    STINT_ASSIGN(weights, build.EmitOne(OpKind::kGather, GatherAttributes(),
                                        {node.input(2), targets.classes}));
    targets.weights = weights;
  }
  if (ignores) {
    STINT_ASSIGN(targets.weights,
                 Compute(build, {labels, weights}, node.dtype(0), [&](const Terms& in) {
                   return (in[0] == ignored).Choose(in[1].Number(0.0), in[1]);
                 }));
  }
  return targets;
}

Result<View> Total(Builder& build, const View& x) {
  STINT_ASSIGN(const View sum, ReduceAxes(build, ReduceKind::kSum, x, DimRange(0, x.rank())));
  return AsScalar(build, sum);
}

// Minus the scores [N, C, ...] of the targets [N, ...].
Result<View> LossOf(const NodeContext& node, const View& scores) {
  Builder& build = node.build;
  STINT_ASSIGN(const Targets targets, ReadTargets(node));
  GatherAttributes gather;
  gather.mode = GatherMode::kElements;
  gather.axis = kClassAxis;
  STINT_ASSIGN(const View picked,
               build.EmitOne(OpKind::kGather, gather,
                             {scores, build.Unsqueeze(targets.classes, {kClassAxis})}));
  std::vector<View> inputs = {build.Squeeze(picked, {kClassAxis})};
  if (targets.weights.present()) inputs.push_back(targets.weights);
  STINT_ASSIGN(const View losses, Compute(build, inputs, node.dtype(0), [](const Terms& in) {
                 return in.size() == 1 ? -in[0] : -(in[0] * in[1]);
               }));
  const std::string reduction = node.String("reduction", "mean");
  if (reduction == "none") return losses;
  if (reduction == "sum") return Total(build, losses);
  if (reduction != "mean") {
    return node.Invalid("found reduction '" + reduction + "', allowed none, sum and mean");
  }
  if (!targets.weights.present()) {
    STINT_ASSIGN(const View mean,
                 ReduceAxes(build, ReduceKind::kMean, losses, DimRange(0, losses.rank())));
    return AsScalar(build, mean);
  }
  STINT_ASSIGN(const View sum, Total(build, losses));
  STINT_ASSIGN(const View weight, Total(build, targets.weights));
  return build.Binary(MapOpcode::kDiv, sum, weight);
}

Status CheckScores(const NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_TRY(node.Need(1));
  if (node.has(2) && node.dtype(2) != node.dtype(0)) {
    return node.Invalid("found weights of another type, allowed that of the scores");
  }
  const int rank = node.input(0).rank();
  if (rank >= 2 && node.input(1).rank() == rank - 1) return {};
  return node.Invalid("found ranks " + std::to_string(rank) + " and " +
                      std::to_string(node.input(1).rank()) + ", allowed [N, C, ...] and [N, ...]");
}

Status NegativeLogLikelihoodLoss(NodeContext& node) {
  STINT_TRY(CheckScores(node));
  STINT_ASSIGN(View loss, LossOf(node, node.input(0)));
  node.SetOutput(0, std::move(loss));
  return {};
}

Status SoftmaxCrossEntropyLoss(NodeContext& node) {
  STINT_TRY(CheckScores(node));
  SoftmaxAttributes softmax;
  softmax.axis = kClassAxis;
  softmax.log = 1;
  STINT_ASSIGN(const View scores, node.build.EmitOne(OpKind::kSoftmax, softmax, {node.input(0)}));
  STINT_ASSIGN(View loss, LossOf(node, scores));
  node.SetOutput(0, std::move(loss));
  node.SetOutput(1, scores);
  return {};
}

constexpr ImportRule kRules[] = {
    {"NegativeLogLikelihoodLoss", NegativeLogLikelihoodLoss, 12},
    {"SoftmaxCrossEntropyLoss", SoftmaxCrossEntropyLoss, 12},
};

}  // namespace

std::span<const ImportRule> LossRules() { return kRules; }

}  // namespace stint::compiler
