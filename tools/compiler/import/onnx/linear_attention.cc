// LinearAttention-27: a state [B, heads, K, V] that each step decays, corrects, writes and reads.
// The steps of a sequence of known length are laid out one after the other, in float32.
#include <cmath>
#include <string>

#include "runtime/ops/matmul.h"
#include "tools/compiler/import/onnx/heads.h"
#include "tools/compiler/import/onnx/rules.h"
#include "tools/compiler/import/onnx/terms.h"

namespace stint::compiler {

namespace {

constexpr int64_t kMaxSteps = 256;

enum Operand { kQuery, kKey, kValue, kPastState, kDecay, kBeta };

struct Recurrence {
  int64_t query_heads = 0;
  int64_t heads = 0;
  double scale = 0;
  bool gates = false;
  bool corrects = false;
  View query, key, value;  // [B, heads, T, D], float32.
  View decay, beta;        // [B, heads or 1, T, K or 1], float32; absent.
  View state;              // [B, heads, K, V], float32.
};

Result<View> Wide(Builder& build, const View& x) { return build.Cast(x, DType::kFloat32); }

Status ReadRule(const NodeContext& node, Recurrence& recurrence) {
  const std::string rule = node.String("update_rule", "gated_delta");
  recurrence.gates = rule == "gated" || rule == "gated_delta";
  recurrence.corrects = rule == "delta" || rule == "gated_delta";
  if (!recurrence.gates && !recurrence.corrects && rule != "linear") {
    return node.Invalid("found update_rule '" + rule +
                        "', allowed linear, gated, delta, gated_delta");
  }
  if (recurrence.gates != node.has(kDecay) || recurrence.corrects != node.has(kBeta)) {
    return node.Invalid("found decay or beta that update_rule '" + rule +
                        "' does not have, or none where it needs one");
  }
  return {};
}

// [B, T, n] as [B, heads, T, n / heads], float32.
Result<View> Spread(const NodeContext& node, int operand, int64_t heads) {
  STINT_ASSIGN(const View split, SplitHeads(node, node.input(operand), heads));
  return Wide(node.build, split);
}

Status ReadOperands(const NodeContext& node, Recurrence& recurrence) {
  STINT_ASSIGN(recurrence.query, Spread(node, kQuery, recurrence.query_heads));
  STINT_ASSIGN(recurrence.key, Spread(node, kKey, recurrence.heads));
  STINT_ASSIGN(recurrence.value, Spread(node, kValue, recurrence.heads));
  if (recurrence.gates) {
    STINT_ASSIGN(recurrence.decay, Spread(node, kDecay, recurrence.heads));
  }
  if (recurrence.corrects) {
    const bool shared = node.input(kBeta).rank() == 3 && node.input(kBeta).dims[2] == Dim(1);
    STINT_ASSIGN(recurrence.beta, Spread(node, kBeta, shared ? 1 : recurrence.heads));
  }
  const std::vector<Dim> state = {recurrence.key.dims[0], recurrence.heads, recurrence.key.dims[3],
                                  recurrence.value.dims[3]};
  if (!node.has(kPastState)) {
    STINT_ASSIGN(recurrence.state,
                 node.build.Expand(node.build.Scalar(DType::kFloat32, 0.0), state));
    return {};
  }
  if (node.input(kPastState).rank() != 4) {
    return node.Invalid("found a past state of another rank, allowed 4");
  }
  for (size_t axis = 0; axis < 4; ++axis) {
    node.build.dims().Require(node.input(kPastState).dims[axis], state[axis],
                              "the past state is [B, heads, K, V]");
  }
  STINT_ASSIGN(recurrence.state, Wide(node.build, node.input(kPastState)));
  return {};
}

// [B, h, T, D] at step t: [B, h, D].
View At(Builder& build, const View& x, int64_t t) {
  return build.Squeeze(build.Slice(x, 2, t, 1, 1), {2});
}

Result<View> Multiply(Builder& build, const View& a, const View& b) {
  return build.EmitOne(OpKind::kMatMul, MatMulAttributes(), {a, b});
}

// One step of the state.
Status Update(Builder& build, Recurrence& recurrence, int64_t t) {
  const View key = At(build, recurrence.key, t);
  View value = At(build, recurrence.value, t);
  if (recurrence.gates) {
    const View decay = build.Unsqueeze(At(build, recurrence.decay, t), {3});
    STINT_ASSIGN(recurrence.state, Compute(build, {recurrence.state, decay}, DType::kFloat32,
                                           [](const Terms& in) { return in[0] * Exp(in[1]); }));
  }
  if (recurrence.corrects) {
    STINT_ASSIGN(View kept, Multiply(build, build.Unsqueeze(key, {2}), recurrence.state));
    kept = build.Squeeze(kept, {2});
    const View beta = At(build, recurrence.beta, t);
    STINT_ASSIGN(value, Compute(build, {value, kept, beta}, DType::kFloat32,
                                [](const Terms& in) { return in[2] * (in[0] - in[1]); }));
  }
  STINT_ASSIGN(
      recurrence.state,
      Compute(build, {recurrence.state, build.Unsqueeze(key, {3}), build.Unsqueeze(value, {2})},
              DType::kFloat32, [](const Terms& in) { return in[0] + in[1] * in[2]; }));
  return {};
}

// What step t reads: [B, query heads, 1, V]. Heads that share a state are rows of one product.
Result<View> Read(Builder& build, const Recurrence& recurrence, int64_t t) {
  const View query = At(build, recurrence.query, t);
  const int64_t group = recurrence.query_heads / recurrence.heads;
  STINT_ASSIGN(const View rows,
               build.Reshape(query, {query.dims[0], recurrence.heads, group, query.dims[2]}));
  STINT_ASSIGN(const View read, Multiply(build, rows, recurrence.state));
  return build.Reshape(read, {read.dims[0], recurrence.query_heads, 1, read.dims[3]});
}

// Puts any number of parts together, sixteen at a time.
Result<View> ConcatAll(Builder& build, std::vector<View> parts, int axis) {
  constexpr size_t kMost = 16;
  while (parts.size() > 1) {
    std::vector<View> joined;
    for (size_t i = 0; i < parts.size(); i += kMost) {
      const size_t last = std::min(i + kMost, parts.size());
      STINT_ASSIGN(View part, build.Concat({parts.begin() + static_cast<std::ptrdiff_t>(i),
                                            parts.begin() + static_cast<std::ptrdiff_t>(last)},
                                           axis));
      joined.push_back(std::move(part));
    }
    parts = std::move(joined);
  }
  return parts[0];
}

Result<View> Outputs(Builder& build, Recurrence& recurrence, int64_t steps, DType dtype) {
  std::vector<View> reads;
  for (int64_t t = 0; t < steps; ++t) {
    STINT_TRY(Update(build, recurrence, t));
    STINT_ASSIGN(View read, Read(build, recurrence, t));
    reads.push_back(std::move(read));
  }
  STINT_ASSIGN(const View all, ConcatAll(build, std::move(reads), 2));
  STINT_ASSIGN(const View scaled, Compute(build, {all}, dtype, [&](const Terms& in) {
                 return in[0] * recurrence.scale;
               }));
  return JoinHeads(build, scaled);
}

Status LinearAttention(NodeContext& node) {
  for (int i = 0; i < 3; ++i) STINT_TRY(node.Need(i));
  Recurrence recurrence;
  recurrence.query_heads = node.Int("q_num_heads", 0);
  recurrence.heads = node.Int("kv_num_heads", 0);
  if (recurrence.heads < 1 || recurrence.query_heads % recurrence.heads != 0) {
    return node.Invalid("found " + std::to_string(recurrence.query_heads) + " query heads for " +
                        std::to_string(recurrence.heads) + ", allowed multiples of 1 and more");
  }
  STINT_TRY(ReadRule(node, recurrence));
  STINT_TRY(ReadOperands(node, recurrence));
  const Dim steps = recurrence.query.dims[2];
  const Dim depth = recurrence.key.dims[3];
  recurrence.scale = node.Float("scale", 0.0);
  if (!steps.is_constant() || steps.constant() > kMaxSteps || steps.constant() < 1 ||
      (recurrence.scale == 0.0 && !depth.is_constant())) {
    return node.Unsupported("a sequence that is not of 1 to " + std::to_string(kMaxSteps) +
                            " steps, known in advance");
  }
  if (recurrence.scale == 0.0) {
    recurrence.scale = 1.0 / std::sqrt(static_cast<double>(depth.constant()));
  }
  const DType state_type = node.dtype(node.has(kPastState) ? kPastState : kQuery);
  STINT_ASSIGN(View result, Outputs(node.build, recurrence, steps.constant(), node.dtype(kQuery)));
  node.SetOutput(0, std::move(result));
  STINT_ASSIGN(View state, node.build.Cast(recurrence.state, state_type));
  node.SetOutput(1, std::move(state));
  return {};
}

constexpr ImportRule kRules[] = {
    {"LinearAttention", LinearAttention, 27},
};

}  // namespace

std::span<const ImportRule> LinearAttentionRules() { return kRules; }

}  // namespace stint::compiler
