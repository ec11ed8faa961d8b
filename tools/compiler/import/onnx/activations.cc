// Activations: each is a formula over one element, computed in float32 (float64 for float64) and
// rounded once.
#include <cmath>
#include <string>

#include "tools/compiler/import/onnx/operands.h"
#include "tools/compiler/import/onnx/rules.h"
#include "tools/compiler/import/onnx/terms.h"

namespace stint::compiler {

namespace {

using ActivationFormula = Term (*)(const NodeContext& node, Term x);

template <ActivationFormula kFormula>
Status Activation(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_ASSIGN(View result, Compute(node.build, {node.input(0)}, node.dtype(0),
                                    [&node](const Terms& in) { return kFormula(node, in[0]); }));
  node.SetOutput(0, std::move(result));
  return {};
}

Term Expm1(Term x) { return x.Apply(MapOpcode::kExpm1); }
Term Tanh(Term x) { return x.Apply(MapOpcode::kTanh); }

// 1 / (1 + exp(-x)) from exp(-|x|), which never overflows.
Term SigmoidOf(Term x) {
  const Term decay = Exp(-Abs(x));
  const Term denominator = decay + 1.0;
  return (x < 0.0).Choose(decay / denominator, 1.0 / denominator);
}

Term SoftplusOf(Term x) { return Max(x, 0.0) + Exp(-Abs(x)).Apply(MapOpcode::kLog1p); }

Term Celu(const NodeContext& node, Term x) {
  const double alpha = node.Float("alpha", 1.0);
  return Max(x, 0.0) + Min(0.0, alpha * Expm1(x / alpha));
}

Term Elu(const NodeContext& node, Term x) {
  return (x < 0.0).Choose(node.Float("alpha", 1.0) * Expm1(x), x);
}

Term Gelu(const NodeContext& node, Term x) {
  if (node.String("approximate", "none") == "tanh") {
    const Term inner = std::sqrt(2.0 / M_PI) * (x + 0.044715 * (x * x * x));
    return 0.5 * x * (1.0 + Tanh(inner));
  }
  return 0.5 * x * (1.0 + (x / std::sqrt(2.0)).Apply(MapOpcode::kErf));
}

Term HardSigmoid(const NodeContext& node, Term x) {
  return Max(0.0, Min(1.0, node.Float("alpha", 0.2) * x + node.Float("beta", 0.5)));
}

Term HardSwish(const NodeContext&, Term x) { return x * Max(0.0, Min(1.0, x * (1.0 / 6.0) + 0.5)); }

Term LeakyRelu(const NodeContext& node, Term x) {
  return (x < 0.0).Choose(node.Float("alpha", 0.01) * x, x);
}

Term Mish(const NodeContext&, Term x) { return x * Tanh(SoftplusOf(x)); }

Term Relu(const NodeContext&, Term x) { return Max(x, 0.0); }

// Version 1 has rounded constants.
Term Selu(const NodeContext& node, Term x) {
  const bool rounded = node.version() < 6;
  const double alpha = node.Float("alpha", rounded ? 1.6732 : 1.67326319217681884765625);
  const double gamma = node.Float("gamma", rounded ? 1.0507 : 1.05070102214813232421875);
  return gamma * (x <= 0.0).Choose(alpha * Expm1(x), x);
}

// The attributes are floats whatever the type of x.
Term Shrink(const NodeContext& node, Term x) {
  const double limit = node.Float("lambd", 0.5);
  const double bias = node.Float("bias", 0.0);
  const Term wide = x.type() == MapType::kF64 ? x : x.As(MapType::kF32);
  const Term zero = wide.Number(0.0);
  return (wide < -limit).Choose(wide + bias, (wide > limit).Choose(wide - bias, zero));
}

Term Sigmoid(const NodeContext&, Term x) { return SigmoidOf(x); }

Term Softplus(const NodeContext&, Term x) { return SoftplusOf(x); }

Term Softsign(const NodeContext&, Term x) { return x / (1.0 + Abs(x)); }

Term Swish(const NodeContext& node, Term x) { return x * SigmoidOf(node.Float("alpha", 1.0) * x); }

Term ThresholdedRelu(const NodeContext& node, Term x) {
  return (x > node.Float("alpha", 1.0)).Choose(x, x.Number(0.0));
}

// Before opset 7 the slope [C] meets axis 1; since then it broadcasts as NumPy does.
Status PRelu(NodeContext& node) {
  STINT_TRY(NeedOneType(node, 0, 2));
  const View slope = node.version() < 7
                         ? AlongAxis(node.build, node.input(1), 1, node.input(0).rank())
                         : node.input(1);
  STINT_ASSIGN(View result,
               Compute(node.build, {node.input(0), slope}, node.dtype(0),
                       [](const Terms& in) { return (in[0] < 0.0).Choose(in[1] * in[0], in[0]); }));
  node.SetOutput(0, std::move(result));
  return {};
}

constexpr ImportRule kRules[] = {
    {"Celu", Activation<Celu>, 12},
    {"Elu", Activation<Elu>},
    {"Gelu", Activation<Gelu>, 20},
    {"HardSigmoid", Activation<HardSigmoid>},
    {"HardSwish", Activation<HardSwish>, 14},
    {"LeakyRelu", Activation<LeakyRelu>},
    {"Mish", Activation<Mish>, 18},
    {"PRelu", PRelu},
    {"Relu", Activation<Relu>},
    {"Selu", Activation<Selu>},
    {"Shrink", Activation<Shrink>, 9},
    {"Sigmoid", Activation<Sigmoid>},
    {"Softplus", Activation<Softplus>},
    {"Softsign", Activation<Softsign>},
    {"Swish", Activation<Swish>, 24},
    {"ThresholdedRelu", Activation<ThresholdedRelu>, 10},
};

}  // namespace

std::span<const ImportRule> ActivationRules() { return kRules; }

}  // namespace stint::compiler
