// CausalConvWithState: a depthwise convolution over the positions before and at each one. What came
// before is the state, or zeros.
#include <string>

#include "runtime/ops/conv.h"
#include "tools/compiler/import/onnx/rules.h"
#include "tools/compiler/import/onnx/terms.h"

namespace stint::compiler {

namespace {

// Operands: X [B, C, L], W [C, 1, k], bias [C], state [B, C, k - 1].
Result<View> WithState(const NodeContext& node) {
  Builder& build = node.build;
  const View& x = node.input(0);
  const Dim length = build.dims().Sub(node.input(1).dims[2], 1);
  if (node.has(3)) {
    STINT_ASSIGN(const View line, build.Concat({node.input(3), x}, 2));
    build.dims().Require(node.input(3).dims[2], length, "the state has kernel - 1 positions");
    return line;
  }
  STINT_ASSIGN(const View zeros,
               build.Expand(build.Scalar(node.dtype(0), 0.0), {x.dims[0], x.dims[1], length}));
  return build.Concat({zeros, x}, 2);
}

Status CausalConvWithState(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_TRY(node.Need(1));
  Builder& build = node.build;
  const View& x = node.input(0);
  const View& weight = node.input(1);
  if (x.rank() != 3 || weight.rank() != 3) {
    return node.Invalid("found ranks " + std::to_string(x.rank()) + " and " +
                        std::to_string(weight.rank()) + ", allowed 3 and 3");
  }
  if (!weight.dims[0].is_constant()) return node.Unsupported("unknown numbers of channels");
  const std::string activation = node.String("activation", "none");
  if (activation != "none" && activation != "silu" && activation != "swish") {
    return node.Invalid("found activation '" + activation + "', allowed none, silu and swish");
  }
  STINT_ASSIGN(const View line, WithState(node));
  ConvAttributes conv;
  conv.strides.Push(1);
  conv.dilations.Push(1);
  conv.pads.Push(0);
  conv.pads.Push(0);
  conv.group = weight.dims[0].constant();
  std::vector<View> operands = {line, weight};
  if (node.has(2)) operands.push_back(node.input(2));
  STINT_ASSIGN(View result, build.EmitOne(OpKind::kConv, conv, std::move(operands)));
  if (activation != "none") {
    STINT_ASSIGN(result, Compute(build, {result}, node.dtype(0),
                                 [](const Terms& in) { return in[0] / (1.0 + Exp(-in[0])); }));
  }
  node.SetOutput(0, std::move(result));
  node.SetOutput(1, build.Slice(line, 2, x.dims[2], 1, build.dims().Sub(weight.dims[2], 1)));
  return {};
}

constexpr ImportRule kRules[] = {
    {"CausalConvWithState", CausalConvWithState, 27},
};

}  // namespace

std::span<const ImportRule> CausalConvRules() { return kRules; }

}  // namespace stint::compiler
