// Softmax, LogSoftmax and Hardmax. Before version 13 the operand is seen as a matrix whose rows are
// the axes from `axis` on; since then one axis is normalised.
#include <string>

#include "runtime/ops/softmax.h"
#include "tools/compiler/import/onnx/operands.h"
#include "tools/compiler/import/onnx/reduce_axes.h"
#include "tools/compiler/import/onnx/rules.h"

namespace stint::compiler {

namespace {

constexpr int64_t kOneAxis = 13;

using AlongAxisFunction = Result<View> (*)(Builder& build, const View& x, int axis);

template <AlongAxisFunction kFunction>
Status Normalize(NodeContext& node) {
  STINT_TRY(node.Need(0));
  Builder& build = node.build;
  const View& x = node.input(0);
  const bool one_axis = node.version() >= kOneAxis;
  STINT_ASSIGN(const int axis, node.Axis(node.Int("axis", one_axis ? -1 : 1), x.rank()));
  View result;
  if (one_axis || axis == x.rank() - 1) {
    STINT_ASSIGN(result, kFunction(build, x, axis));
  } else {
    const std::vector<Dim> matrix = {Product(build, x.dims, 0, axis),
                                     Product(build, x.dims, axis, x.rank())};
    STINT_ASSIGN(const View rows, build.Reshape(x, matrix));
    STINT_ASSIGN(const View normalized, kFunction(build, rows, 1));
    STINT_ASSIGN(result, build.Reshape(normalized, x.dims));
  }
  node.SetOutput(0, std::move(result));
  return {};
}

template <int64_t kLog>
Result<View> SoftmaxAlong(Builder& build, const View& x, int axis) {
  SoftmaxAttributes softmax;
  softmax.axis = axis;
  softmax.log = kLog;
  return build.EmitOne(OpKind::kSoftmax, softmax, {x});
}

// 1 at the first maximum, else 0.
Result<View> HardmaxAlong(Builder& build, const View& x, int axis) {
  STINT_ASSIGN(const View first, ReduceAxes(build, ReduceKind::kArgMax, x, {axis}));
  return ComputeOver(build, x.dims, {first}, build.dtype(x),
                     [axis](const Terms& in) { return in.Coordinate(axis) == in[0]; });
}

constexpr ImportRule kRules[] = {
    {"Hardmax", Normalize<HardmaxAlong>},
    {"LogSoftmax", Normalize<SoftmaxAlong<1>>},
    {"Softmax", Normalize<SoftmaxAlong<0>>},
};

}  // namespace

std::span<const ImportRule> SoftmaxRules() { return kRules; }

}  // namespace stint::compiler
