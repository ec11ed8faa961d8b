// Matrix products (ONNX MatMul-1/9/13, Gemm-1..13, MatMulInteger-10, QLinearMatMul-10/21).
#include "runtime/ops/det.h"
#include "runtime/ops/matmul.h"
#include "tools/compiler/import/onnx/operands.h"
#include "tools/compiler/import/onnx/requantize.h"
#include "tools/compiler/import/onnx/rules.h"

namespace stint::compiler {

namespace {

// Vectors become matrices: [K] on the left [1, K], on the right [K, 1].
View AsMatrix(Builder& build, const View& x, bool left) {
  return x.rank() == 1 ? build.Unsqueeze(x, {left ? 0 : 1}) : x;
}

// Drops the axes that AsMatrix added to the product.
View DropVectorAxes(Builder& build, const View& product, const View& a, const View& b) {
  std::vector<int> axes;
  if (a.rank() == 1) axes.push_back(product.rank() - 2);
  if (b.rank() == 1) axes.push_back(product.rank() - 1);
  return axes.empty() ? product : build.Squeeze(product, axes);
}

Result<View> Multiply(NodeContext& node, const View& a, const View& b, const View& a_zero,
                      const View& b_zero) {
  if (a.rank() == 0 || b.rank() == 0) {
    return node.Invalid("found a scalar operand, allowed rank 1 or more");
  }
  Builder& build = node.build;
  std::vector<View> operands = {AsMatrix(build, a, true), AsMatrix(build, b, false)};
  if (a_zero.present() || b_zero.present()) {
    operands.insert(operands.end(), {View(), a_zero, b_zero});
  }
  STINT_ASSIGN(const View product,
               build.EmitOne(OpKind::kMatMul, MatMulAttributes(), std::move(operands)));
  return DropVectorAxes(build, product, a, b);
}

Status MatMul(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_TRY(node.Need(1));
  STINT_ASSIGN(View result, Multiply(node, node.input(0), node.input(1), View(), View()));
  node.SetOutput(0, std::move(result));
  return {};
}

// alpha * product + beta * C, each factor only where it is not 1.
Result<View> ScaleAndAdd(NodeContext& node, const View& product, double alpha, double beta) {
  const DType dtype = node.build.dtype(product);
  const bool integers = IsInteger(dtype);
  const MapType type = integers ? MapType::kF64 : NaturalMapType(dtype);
  std::vector<View> operands = {product};
  if (node.has(2) && beta != 0.0) operands.push_back(node.input(2));
  if (operands.size() == 1 && alpha == 1.0) return product;
  return node.build.Map(
      std::move(operands), dtype, [&](MapBuilder& map, const std::vector<int>& in) {
        const auto scaled = [&](int x, double factor) {
          if (integers) x = map.Convert(x, type);
          return factor == 1.0 ? x : map.Binary(MapOpcode::kMul, x, map.Constant(type, factor));
        };
        const int sum = scaled(in[0], alpha);
        return in.size() == 1 ? sum : map.Binary(MapOpcode::kAdd, sum, scaled(in[1], beta));
      });
}

Status Gemm(NodeContext& node) {
  STINT_TRY(NeedOneType(node, 0, node.has(2) ? 3 : 2));
  if (node.input(0).rank() != 2 || node.input(1).rank() != 2) {
    return node.Invalid("found ranks " + std::to_string(node.input(0).rank()) + " and " +
                        std::to_string(node.input(1).rank()) + ", allowed 2 and 2");
  }
  Builder& build = node.build;
  const View a =
      node.Int("transA", 0) != 0 ? build.Transpose(node.input(0), {1, 0}) : node.input(0);
  const View b =
      node.Int("transB", 0) != 0 ? build.Transpose(node.input(1), {1, 0}) : node.input(1);
  const double alpha = node.Float("alpha", 1.0);
  const double beta = node.Float("beta", 1.0);
  // A bias row is the accumulator's start.
  const bool is_bias = node.has(2) && alpha == 1.0 && beta == 1.0 && IsFloat(node.dtype(0)) &&
                       node.input(2).rank() == 1 && node.input(2).dims[0] == b.dims[1];
  std::vector<View> operands = {a, b};
  if (is_bias) operands.push_back(node.input(2));
  STINT_ASSIGN(View result,
               build.EmitOne(OpKind::kMatMul, MatMulAttributes(), std::move(operands)));
  if (!is_bias) {
    STINT_ASSIGN(result, ScaleAndAdd(node, result, alpha, beta));
  }
  node.SetOutput(0, std::move(result));
  return {};
}

Status MatMulInteger(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_TRY(node.Need(1));
  STINT_ASSIGN(View result,
               Multiply(node, node.input(0), node.input(1), node.has(2) ? node.input(2) : View(),
                        node.has(3) ? node.input(3) : View()));
  node.SetOutput(0, std::move(result));
  return {};
}

// Operands: a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero.
Status QLinearMatMul(NodeContext& node) {
  for (int i = 0; i < 8; ++i) STINT_TRY(node.Need(i));
  if (IsFloat(node.dtype(0))) return node.Unsupported("float8 operands");
  STINT_ASSIGN(const View sums,
               Multiply(node, node.input(0), node.input(3), node.input(2), node.input(5)));
  // Scales a row of `a`: [M] becomes [M, 1].
  const View& a_scale = node.input(1);
  const View rows = a_scale.rank() == 1 && a_scale.dims[0] != Dim(1)
                        ? node.build.Unsqueeze(a_scale, {1})
                        : a_scale;
  STINT_ASSIGN(View result,
               Requantize(node, sums, {rows, node.input(4)}, node.input(6), node.input(7)));
  node.SetOutput(0, std::move(result));
  return {};
}

Status Det(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_ASSIGN(View result, node.build.EmitOne(OpKind::kDet, DetAttributes(), {node.input(0)}));
  node.SetOutput(0, std::move(result));
  return {};
}

constexpr ImportRule kRules[] = {
    {"Det", Det, 11},
    {"MatMul", MatMul},
    {"Gemm", Gemm},
    {"MatMulInteger", MatMulInteger, 10},
    {"QLinearMatMul", QLinearMatMul, 10},
};

}  // namespace

std::span<const ImportRule> MatrixRules() { return kRules; }

}  // namespace stint::compiler
