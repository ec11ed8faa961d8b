// RNN, GRU, LSTM: one Recurrent op, with the batch first where `layout` asks for it by views.
#include "runtime/ops/recurrent.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>

#include "tools/compiler/import/onnx/operands.h"
#include "tools/compiler/import/onnx/rules.h"

namespace stint::compiler {

namespace {

// Which of alpha and beta a function takes, and what they are when the node gives none.
struct ActivationInfo {
  const char* name;  // In lower case: ONNX compares without regard to it.
  RecurrentActivation function;
  std::optional<double> alpha;
  std::optional<double> beta;
};

constexpr ActivationInfo kActivations[] = {
    {"relu", RecurrentActivation::kRelu, {}, {}},
    {"tanh", RecurrentActivation::kTanh, {}, {}},
    {"sigmoid", RecurrentActivation::kSigmoid, {}, {}},
    {"affine", RecurrentActivation::kAffine, 0.0, 0.0},
    {"leakyrelu", RecurrentActivation::kLeakyRelu, 0.01, {}},
    {"thresholdedrelu", RecurrentActivation::kThresholdedRelu, 1.0, {}},
    {"scaledtanh", RecurrentActivation::kScaledTanh, 0.0, 0.0},
    {"hardsigmoid", RecurrentActivation::kHardSigmoid, 0.2, 0.5},
    {"elu", RecurrentActivation::kElu, 1.0, {}},
    {"softsign", RecurrentActivation::kSoftsign, {}, {}},
    {"softplus", RecurrentActivation::kSoftplus, {}, {}},
};

constexpr const char* kDefaultActivations[][3] = {
    {"tanh"}, {"sigmoid", "tanh"}, {"sigmoid", "tanh", "tanh"}};

std::string LowerCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

Status SetDirection(const NodeContext& node, RecurrentAttributes* recurrent) {
  const std::string direction = node.String("direction", "forward");
  // The default of GRU's first version is misspelt, and models repeat it.
  if (direction == "forward" || direction == "foward") {
    recurrent->direction = RecurrentDirection::kForward;
  } else if (direction == "reverse") {
    recurrent->direction = RecurrentDirection::kReverse;
  } else if (direction == "bidirectional") {
    recurrent->direction = RecurrentDirection::kBidirectional;
  } else {
    return node.Invalid("found direction '" + direction +
                        "', allowed forward, reverse and bidirectional");
  }
  return {};
}

// Hands out the numbers of activation_alpha or activation_beta to the functions that take one.
class Numbers {
 public:
  explicit Numbers(std::vector<double> given) : given_(std::move(given)) {}

  double Next(std::optional<double> otherwise) {
    if (!otherwise) return 0;
    return next_ < given_.size() ? given_[next_++] : *otherwise;
  }

 private:
  std::vector<double> given_;
  size_t next_ = 0;
};

Status SetActivations(const NodeContext& node, RecurrentAttributes* recurrent) {
  std::vector<std::string> names = node.Strings("activations");
  const auto functions = static_cast<size_t>(recurrent->functions());
  const size_t wanted = functions * static_cast<size_t>(recurrent->directions());
  const char* const* const usual = kDefaultActivations[static_cast<int>(recurrent->kind)];
  for (size_t i = 0; names.size() == i && i < wanted; ++i) {
    names.emplace_back(usual[i % functions]);
  }
  if (names.size() != wanted) {
    return node.Invalid("found " + std::to_string(names.size()) + " activations, allowed " +
                        std::to_string(wanted));
  }
  Numbers alphas(node.Floats("activation_alpha"));
  Numbers betas(node.Floats("activation_beta"));
  for (const std::string& name : names) {
    const auto* const found =
        std::find_if(std::begin(kActivations), std::end(kActivations),
                     [&](const ActivationInfo& info) { return LowerCase(name) == info.name; });
    if (found == std::end(kActivations)) {
      return node.Invalid("found activation '" + name +
                          "', allowed those of the recurrent operators");
    }
    recurrent->activations.Push(static_cast<int64_t>(found->function));
    recurrent->alpha.Push(alphas.Next(found->alpha));
    recurrent->beta.Push(betas.Next(found->beta));
  }
  return {};
}

Status CheckHiddenSize(const NodeContext& node, Dim units) {
  if (!node.has_attribute("hidden_size")) return {};
  node.build.dims().Require(units, node.Int("hidden_size", 0), "hidden_size is the width of R");
  return node.build.dims().TakeStatus();
}

// [D, rows, columns] as [D rows, columns]; a constant as one of its own, which can be packed.
Result<View> StackedWeights(const NodeContext& node, int i, const RecurrentAttributes& recurrent) {
  STINT_TRY(node.Need(i));
  const View& weights = node.input(i);
  if (weights.rank() != 3) {
    return node.Invalid("found rank " + std::to_string(weights.rank()) + " of " +
                        (i == 1 ? "W" : "R") + ", allowed 3");
  }
  Builder& build = node.build;
  build.dims().Require(weights.dims[0], recurrent.directions(), "W and R have each direction");
  STINT_TRY(build.dims().TakeStatus());
  const Dim rows = build.dims().Mul(recurrent.directions(), weights.dims[1]);
  return build.Reshape(weights, {rows, weights.dims[2]});
}

// The last states [D, B, H] where the node has the batch first.
View BatchFirst(Builder& build, const View& states, bool batch_first) {
  return batch_first ? build.Transpose(states, {1, 0, 2}) : states;
}

Result<std::vector<View>> OperandsOf(const NodeContext& node, const RecurrentAttributes& recurrent,
                                     bool batch_first) {
  STINT_TRY(node.Need(0));
  Builder& build = node.build;
  std::vector<View> operands(8);
  for (int i = 0; i < std::min(node.input_count(), 8); ++i) {
    if (node.has(i)) operands[static_cast<size_t>(i)] = node.input(i);
  }
  STINT_ASSIGN(operands[1], StackedWeights(node, 1, recurrent));
  STINT_ASSIGN(operands[2], StackedWeights(node, 2, recurrent));
  for (const size_t i : {size_t{0}, size_t{5}, size_t{6}}) {
    if (!operands[i].present()) continue;
    if (operands[i].rank() != 3) {
      return node.Invalid("found rank " + std::to_string(operands[i].rank()) + " of operand " +
                          std::to_string(i) + ", allowed 3");
    }
    operands[i] = BatchFirst(build, operands[i], batch_first);
  }
  while (!operands.back().present()) operands.pop_back();
  return operands;
}

template <RecurrentKind kKind>
Status Recurrent(NodeContext& node) {
  RecurrentAttributes recurrent;
  recurrent.kind = kKind;
  STINT_TRY(SetDirection(node, &recurrent));
  STINT_TRY(SetActivations(node, &recurrent));
  recurrent.clip = node.Float("clip", 0);
  recurrent.linear_before_reset = node.Int("linear_before_reset", 0);
  recurrent.input_forget = node.Int("input_forget", 0);
  const int64_t layout = node.Int("layout", 0);
  if (layout != 0 && layout != 1) {
    return node.Invalid("found layout " + std::to_string(layout) + ", allowed 0 and 1");
  }
  STINT_ASSIGN(std::vector<View> operands, OperandsOf(node, recurrent, layout == 1));
  STINT_TRY(CheckHiddenSize(node, operands[2].dims[1]));
  STINT_ASSIGN(const std::vector<View> results,
               node.build.Emit(OpKind::kRecurrent, Attributes::Of(recurrent), std::move(operands)));
  node.SetOutput(0, layout == 1 ? node.build.Transpose(results[0], {2, 0, 1, 3}) : results[0]);
  for (int i = 1; i < std::min(node.output_count(), static_cast<int>(results.size())); ++i) {
    node.SetOutput(i, BatchFirst(node.build, results[static_cast<size_t>(i)], layout == 1));
  }
  return {};
}

constexpr ImportRule kRules[] = {
    {"GRU", Recurrent<RecurrentKind::kGru>},
    {"LSTM", Recurrent<RecurrentKind::kLstm>},
    {"RNN", Recurrent<RecurrentKind::kRnn>},
};

}  // namespace

std::span<const ImportRule> RecurrentRules() { return kRules; }

}  // namespace stint::compiler
