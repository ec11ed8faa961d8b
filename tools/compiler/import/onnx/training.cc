// One step of an optimiser (ai.onnx.preview.training): a Map or two a tensor. Operands are the
// rate, the step count and then groups of tensors; results are groups too.
#include <cmath>
#include <string>

#include "tools/compiler/import/onnx/operands.h"
#include "tools/compiler/import/onnx/rules.h"
#include "tools/compiler/import/onnx/terms.h"

namespace stint::compiler {

namespace {

constexpr const char* kDomain = "ai.onnx.preview.training";

// The new tensors of one group, from its operands: rate, step count, X, gradient, states.
using Step = Result<std::vector<View>> (*)(NodeContext& node, const std::vector<View>& operands);

template <Step kStep, int kGroups>
Status Optimize(NodeContext& node) {
  const int tensors = (node.input_count() - 2) / kGroups;
  if (tensors < 1 || node.input_count() != 2 + tensors * kGroups) {
    return node.Invalid("found " + std::to_string(node.input_count()) +
                        " operands, allowed 2 and groups of " + std::to_string(kGroups));
  }
  STINT_TRY(node.Need(0));
  STINT_TRY(node.Need(1));
  STINT_TRY(NeedOneType(node, 2, node.input_count()));
  for (int tensor = 0; tensor < tensors; ++tensor) {
    std::vector<View> operands;
    for (int i = 0; i < 2; ++i) {
      STINT_ASSIGN(View scalar, AsScalar(node.build, node.input(i)));
      operands.push_back(std::move(scalar));
    }
    for (int group = 0; group < kGroups; ++group) {
      operands.push_back(node.input(2 + group * tensors + tensor));
    }
    STINT_ASSIGN(std::vector<View> results, kStep(node, operands));
    for (size_t group = 0; group < results.size(); ++group) {
      node.SetOutput(static_cast<int>(group) * tensors + tensor, std::move(results[group]));
    }
  }
  return {};
}

// The gradient with the pull towards 0.
Result<View> Regularized(NodeContext& node, const View& x, const View& gradient) {
  const double norm = node.Float("norm_coefficient", 0.0);
  return Compute(node.build, {x, gradient}, node.build.dtype(x),
                 [norm](const Terms& in) { return in[0] * norm + in[1]; });
}

Term AsType(const Terms& in, size_t i, size_t like) { return in[i].As(in[like].type()); }

Result<std::vector<View>> Adagrad(NodeContext& node, const std::vector<View>& operands) {
  Builder& build = node.build;
  const View& x = operands[2];
  const double decay = node.Float("decay_factor", 0.0);
  const double epsilon = node.Float("epsilon", 1e-6);
  STINT_ASSIGN(const View gradient, Regularized(node, x, operands[3]));
  STINT_ASSIGN(View squares, Compute(build, {operands[4], gradient}, build.dtype(x),
                                     [](const Terms& in) { return in[0] + in[1] * in[1]; }));
  STINT_ASSIGN(View next, Compute(build, {x, gradient, squares, operands[0], operands[1]},
                                  build.dtype(x), [&](const Terms& in) {
                                    const Term age = AsType(in, 4, 0) * decay + 1.0;
                                    const Term rate = AsType(in, 3, 0) / age;
                                    return in[0] - rate * in[1] / (Sqrt(in[2]) + epsilon);
                                  }));
  return std::vector<View>{std::move(next), std::move(squares)};
}

Result<std::vector<View>> Momentum(NodeContext& node, const std::vector<View>& operands) {
  Builder& build = node.build;
  const View& x = operands[2];
  const double alpha = node.Float("alpha", 0.0);
  const double beta = node.Float("beta", 0.0);
  const bool nesterov = node.String("mode", "standard") == "nesterov";
  STINT_ASSIGN(const View gradient, Regularized(node, x, operands[3]));
  // The first step takes the gradient whole.
  STINT_ASSIGN(
      View momentum,
      Compute(build, {operands[4], gradient, operands[1]}, build.dtype(x), [&](const Terms& in) {
        const Term weight = (in[2] > 0.0).Choose(in[1].Number(beta), in[1].Number(1.0));
        return in[0] * alpha + in[1] * weight;
      }));
  STINT_ASSIGN(View next, Compute(build, {x, gradient, momentum, operands[0]}, build.dtype(x),
                                  [&](const Terms& in) {
                                    const Term move = nesterov ? in[1] + in[2] * alpha : in[2];
                                    return in[0] - AsType(in, 3, 0) * move;
                                  }));
  return std::vector<View>{std::move(next), std::move(momentum)};
}

// The running mean alpha * old + (1 - alpha) * term.
Result<View> Running(Builder& build, const View& old, const View& gradient, double alpha,
                     bool square) {
  return Compute(build, {old, gradient}, build.dtype(old), [&](const Terms& in) {
    const Term term = square ? in[1] * in[1] : in[1];
    return in[0] * alpha + term * (1.0 - alpha);
  });
}

Result<std::vector<View>> Adam(NodeContext& node, const std::vector<View>& operands) {
  Builder& build = node.build;
  const View& x = operands[2];
  const double alpha = node.Float("alpha", 0.9);
  const double beta = node.Float("beta", 0.999);
  const double epsilon = node.Float("epsilon", 1e-6);
  const double post = node.Float("norm_coefficient_post", 0.0);
  STINT_ASSIGN(const View gradient, Regularized(node, x, operands[3]));
  STINT_ASSIGN(View mean, Running(build, operands[4], gradient, alpha, false));
  STINT_ASSIGN(View square, Running(build, operands[5], gradient, beta, true));
  STINT_ASSIGN(View next, Compute(build, {x, mean, square, operands[0], operands[1]},
                                  build.dtype(x), [&](const Terms& in) {
                                    const Term rate = AsType(in, 3, 0);
                                    const Term steps = AsType(in, 4, 0);
                                    const Term corrected = rate * Sqrt(1.0 - Pow(beta, steps)) /
                                                           (1.0 - Pow(alpha, steps));
                                    const Term used = (in[4] > 0.0).Choose(corrected, rate);
                                    const Term moved =
                                        in[0] - used * in[1] / (Sqrt(in[2]) + epsilon);
                                    return moved * (1.0 - post);
                                  }));
  return std::vector<View>{std::move(next), std::move(mean), std::move(square)};
}

constexpr ImportRule kRules[] = {
    {"Adagrad", Optimize<Adagrad, 3>, 1, INT64_MAX, kDomain},
    {"Adam", Optimize<Adam, 4>, 1, INT64_MAX, kDomain},
    {"Momentum", Optimize<Momentum, 3>, 1, INT64_MAX, kDomain},
};

}  // namespace

std::span<const ImportRule> TrainingRules() { return kRules; }

}  // namespace stint::compiler
