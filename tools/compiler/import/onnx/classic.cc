// ai.onnx.ml: the operators of classic machine learning that are arithmetic on tensors.
#include <string>

#include "runtime/ops/gather.h"
#include "runtime/ops/matmul.h"
#include "tools/compiler/import/onnx/operands.h"
#include "tools/compiler/import/onnx/reduce_axes.h"
#include "tools/compiler/import/onnx/rules.h"

namespace stint::compiler {

namespace {

constexpr const char* kDomain = "ai.onnx.ml";

// A float32 constant of one value or one a column.
View FloatRow(Builder& build, const std::vector<double>& values) {
  Bytes bytes(values.size() * sizeof(float));
  auto* floats = reinterpret_cast<float*>(bytes.data());
  for (size_t i = 0; i < values.size(); ++i) floats[i] = static_cast<float>(values[i]);
  return build.Constant(DType::kFloat32, {static_cast<int64_t>(values.size())}, std::move(bytes));
}

// Columns of the last axis; a vector counts as one row.
Status ArrayFeatureExtractor(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_TRY(node.Need(1));
  Builder& build = node.build;
  View x = node.input(0);
  if (x.rank() == 0) return node.Invalid("found a scalar, allowed rank 1 and above");
  if (x.rank() == 1) x = build.Unsqueeze(x, {0});
  const View& positions = node.input(1);
  STINT_ASSIGN(const View indices,
               build.Reshape(positions, {Product(build, positions.dims, 0, positions.rank())}));
  GatherAttributes gather;
  gather.axis = x.rank() - 1;
  STINT_ASSIGN(View result, build.EmitOne(OpKind::kGather, gather, {x, indices}));
  node.SetOutput(0, std::move(result));
  return {};
}

Status Binarizer(NodeContext& node) {
  STINT_TRY(node.Need(0));
  const double threshold = node.Float("threshold", 0.0);
  STINT_ASSIGN(View result, Compute(node.build, {node.input(0)}, node.dtype(0),
                                    [threshold](const Terms& in) { return in[0] > threshold; }));
  node.SetOutput(0, std::move(result));
  return {};
}

// (x - offset) * scale as float32.
Status Scaler(NodeContext& node) {
  STINT_TRY(node.Need(0));
  const View offset = FloatRow(node.build, node.Floats("offset", {0.0}));
  const View scale = FloatRow(node.build, node.Floats("scale", {1.0}));
  STINT_ASSIGN(View result,
               Compute(node.build, {node.input(0), offset, scale}, DType::kFloat32,
                       [](const Terms& in) { return (in[0].As(MapType::kF32) - in[1]) * in[2]; }));
  node.SetOutput(0, std::move(result));
  return {};
}

// Each row over its largest number, the sum of its magnitudes, or its length; rows of 0 stay.
Status Normalizer(NodeContext& node) {
  STINT_TRY(node.Need(0));
  Builder& build = node.build;
  const std::string norm = node.String("norm", "MAX");
  if (norm != "MAX" && norm != "L1" && norm != "L2") {
    return node.Invalid("found norm '" + norm + "', allowed MAX, L1 and L2");
  }
  if (node.input(0).rank() < 1) return node.Invalid("found a scalar, allowed rank 1 and 2");
  STINT_ASSIGN(const View x, build.Cast(node.input(0), DType::kFloat32));
  ReduceFormulas formulas;
  if (norm == "L1") formulas.before = [](const Terms& in) { return Abs(in[0]); };
  if (norm == "L2") {
    formulas.before = [](const Terms& in) { return in[0] * in[0]; };
    formulas.after = [](const Terms& in) { return Sqrt(in[0]); };
  }
  const ReduceKind kind = norm == "MAX" ? ReduceKind::kMax : ReduceKind::kSum;
  STINT_ASSIGN(const View divisor, ReduceAxes(build, kind, x, {-1}, formulas));
  STINT_ASSIGN(View result, Compute(build, {x, divisor}, DType::kFloat32, [](const Terms& in) {
                 return (in[1] == 0.0).Choose(in[0], in[0] / in[1]);
               }));
  node.SetOutput(0, std::move(result));
  return {};
}

// X [N, C] times coefficients [targets, C], plus intercepts.
Status LinearRegressor(NodeContext& node) {
  STINT_TRY(node.Need(0));
  Builder& build = node.build;
  if (node.String("post_transform", "NONE") != "NONE") return node.Unsupported("post_transform");
  const std::vector<double> coefficients = node.Floats("coefficients");
  const int64_t targets = node.Int("targets", 1);
  const auto count = static_cast<int64_t>(coefficients.size());
  if (targets < 1 || count == 0 || count % targets != 0) {
    return node.Invalid("found " + std::to_string(count) + " coefficients, allowed a multiple of " +
                        std::to_string(targets));
  }
  View x = node.input(0);
  if (x.rank() == 1) x = build.Unsqueeze(x, {0});
  if (x.rank() != 2) return node.Invalid("found another rank, allowed 1 and 2");
  STINT_ASSIGN(const View rows, build.Cast(x, DType::kFloat32));
  STINT_ASSIGN(const View weights,
               build.Reshape(FloatRow(build, coefficients), {targets, count / targets}));
  std::vector<View> operands = {rows, build.Transpose(weights, {1, 0})};
  const std::vector<double> intercepts = node.Floats("intercepts");
  if (!intercepts.empty()) operands.push_back(FloatRow(build, intercepts));
  STINT_ASSIGN(View result, build.EmitOne(OpKind::kMatMul, MatMulAttributes(), operands));
  node.SetOutput(0, std::move(result));
  return {};
}

constexpr ImportRule kRules[] = {
    {"ArrayFeatureExtractor", ArrayFeatureExtractor, 1, INT64_MAX, kDomain},
    {"Binarizer", Binarizer, 1, INT64_MAX, kDomain},
    {"LinearRegressor", LinearRegressor, 1, INT64_MAX, kDomain},
    {"Normalizer", Normalizer, 1, INT64_MAX, kDomain},
    {"Scaler", Scaler, 1, INT64_MAX, kDomain},
};

}  // namespace

std::span<const ImportRule> ClassicRules() { return kRules; }

}  // namespace stint::compiler
