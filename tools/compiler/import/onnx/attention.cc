// Attention, decomposed: softmax(softcap(Q K^T) + masks) V as matrix products, one Map for all that
// happens to the scores, and Softmax. Narrow floats are computed in float32 and rounded at the end.
// Masked scores are -inf by selection, so that no other value can leak.
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "runtime/ops/copy.h"
#include "runtime/ops/matmul.h"
#include "runtime/ops/softmax.h"
#include "tools/compiler/import/onnx/heads.h"
#include "tools/compiler/import/onnx/operands.h"
#include "tools/compiler/import/onnx/rules.h"
#include "tools/compiler/import/onnx/terms.h"

namespace stint::compiler {

namespace {

constexpr double kMasked = -std::numeric_limits<double>::infinity();

// Operands of version 24; 23 lacks the last.
enum Operand { kQuery, kKey, kValue, kMask, kPastKey, kPastValue, kLengths };

struct Heads {
  View query;  // [B, Hq, S, D]
  View key;    // [B, Hk, T, D], the past included
  View value;  // [B, Hk, T, Dv], the past included
  Dim past = 0;
};

Result<View> WithPast(const NodeContext& node, const View& current, int past) {
  if (!node.has(past)) return current;
  return node.build.Concat({node.input(past), current}, 2);
}

Result<Heads> ReadHeads(const NodeContext& node) {
  for (int i = 0; i < 3; ++i) {
    STINT_TRY(node.Need(i));
    const int rank = node.input(i).rank();
    if (rank != node.input(0).rank() || (rank != 3 && rank != 4)) {
      return node.Invalid("found rank " + std::to_string(rank) + ", allowed 3 or 4 for all");
    }
  }
  Heads heads = {node.input(kQuery), node.input(kKey), node.input(kValue)};
  if (heads.query.rank() == 3) {
    const int64_t own = node.Int("q_num_heads", 0);
    const int64_t shared = node.Int("kv_num_heads", 0);
    STINT_ASSIGN(heads.query, SplitHeads(node, heads.query, own));
    STINT_ASSIGN(heads.key, SplitHeads(node, heads.key, shared));
    STINT_ASSIGN(heads.value, SplitHeads(node, heads.value, shared));
  }
  if (node.has(kPastKey)) {
    if (node.input(kPastKey).rank() != 4) {
      return node.Invalid("found a past of another rank, allowed 4");
    }
    heads.past = node.input(kPastKey).dims[2];
  }
  STINT_ASSIGN(heads.key, WithPast(node, heads.key, kPastKey));
  STINT_ASSIGN(heads.value, WithPast(node, heads.value, kPastValue));
  return heads;
}

// How many query heads share a head of keys and values.
Result<int64_t> GroupSize(const NodeContext& node, const Heads& heads) {
  const Dim own = heads.query.dims[1];
  const Dim shared = heads.key.dims[1];
  if (own == shared) return int64_t{1};
  if (!own.is_constant() || !shared.is_constant()) {
    return node.Unsupported("numbers of heads that are not known");
  }
  if (shared.constant() < 1 || own.constant() % shared.constant() != 0) {
    return node.Invalid("found " + std::to_string(own.constant()) + " query heads, allowed a " +
                        "multiple of " + std::to_string(shared.constant()));
  }
  return own.constant() / shared.constant();
}

// The product of [B, Hk * group, M, K] and [B, Hk, K, N].
Result<View> MultiplyHeads(Builder& build, const View& a, const View& b, int64_t group) {
  if (group == 1) return build.EmitOne(OpKind::kMatMul, MatMulAttributes(), {a, b});
  const Dim shared = b.dims[1];
  STINT_ASSIGN(const View grouped,
               build.Reshape(a, {a.dims[0], shared, group, a.dims[2], a.dims[3]}));
  STINT_ASSIGN(const View product, build.EmitOne(OpKind::kMatMul, MatMulAttributes(),
                                                 {grouped, build.Unsqueeze(b, {2})}));
  return build.Reshape(product, {a.dims[0], a.dims[1], a.dims[2], b.dims[3]});
}

// Q K^T, scaled.
Result<View> Scores(const NodeContext& node, const Heads& heads, DType dtype, int64_t group) {
  Builder& build = node.build;
  const Dim size = heads.query.dims[3];
  if (!node.has_attribute("scale") && !size.is_constant()) {
    return node.Unsupported("a head size that is not known, without scale");
  }
  const double scale = node.has_attribute("scale")
                           ? node.Float("scale", 1.0)
                           : 1.0 / std::sqrt(static_cast<double>(size.constant()));
  STINT_ASSIGN(const View query, Compute(build, {heads.query}, dtype, [&](const Terms& in) {
                 return in[0].As(NaturalMapType(dtype)) * scale;
               }));
  STINT_ASSIGN(const View key, build.Cast(heads.key, dtype));
  return MultiplyHeads(build, query, build.Transpose(key, {0, 1, 3, 2}), group);
}

// The mask with as many columns as there are scores: those beyond its own are masked.
Result<View> WidenMask(const NodeContext& node, Dim columns) {
  Builder& build = node.build;
  const View& mask = node.input(kMask);
  if (mask.rank() < 1 || mask.rank() > 4) {
    return node.Invalid("found a mask of rank " + std::to_string(mask.rank()) + ", allowed 1 to 4");
  }
  if (mask.dims.back() == columns) return mask;
  CopyAttributes copy;
  for (const Dim extent : mask.dims) {
    copy.extents.Push(extent);
    copy.starts.Push(0);
  }
  copy.extents[mask.rank() - 1] = columns;
  if (node.dtype(kMask) != DType::kBool) {
    const std::optional<Bytes> fill = build.ConstantBytes(build.Scalar(node.dtype(kMask), kMasked));
    for (const uint8_t byte : *fill) copy.fill.Push(byte);
  }
  return build.EmitOne(OpKind::kCopy, copy, {mask});
}

struct Masks {
  View mask;     // Bool: true is kept; float: added. May be absent.
  View past;     // int64; absent when not causal.
  View lengths;  // [B, 1, 1, 1]; may be absent.

  bool any() const { return mask.present() || past.present() || lengths.present(); }
};

Result<Masks> ReadMasks(const NodeContext& node, const Heads& heads) {
  Masks masks;
  if (node.has(kMask)) {
    STINT_ASSIGN(masks.mask, WidenMask(node, heads.key.dims[2]));
  }
  if (node.Int("is_causal", 0) != 0) {
    STINT_ASSIGN(masks.past, node.build.FromElements(DType::kInt64, {}, {heads.past}));
  }
  if (node.has(kLengths)) {
    if (node.input(kLengths).rank() != 1) return node.Invalid("found lengths, allowed rank 1");
    masks.lengths = node.build.Unsqueeze(node.input(kLengths), {1, 2, 3});
  }
  return masks;
}

Result<View> ApplyMasks(Builder& build, const View& scores, const Masks& masks) {
  if (!masks.any()) return scores;
  std::vector<View> inputs = {scores};
  for (const View* view : {&masks.mask, &masks.past, &masks.lengths}) {
    if (view->present()) inputs.push_back(*view);
  }
  const DType dtype = build.dtype(scores);
  return ComputeOver(build, scores.dims, inputs, dtype, [&](const Terms& in) {
    size_t next = 1;
    Term score = in[0];
    const Term masked = score.Number(kMasked);
    if (masks.mask.present()) {
      const Term mask = in[next++];
      score = mask.type() == MapType::kBool ? mask.Choose(score, masked)
                                            : score + mask.As(score.type());
    }
    if (masks.past.present()) {
      const Term last = in.Coordinate(2) + in[next++];
      score = (in.Coordinate(3) <= last).Choose(score, masked);
    }
    if (masks.lengths.present()) {
      score = (in.Coordinate(3) < in[next].As(MapType::kI64)).Choose(score, masked);
    }
    return score;
  });
}

// Softmax over the columns. What is masked weighs nothing, also in rows that are masked whole.
Result<View> Weights(Builder& build, const View& scores, bool is_masked) {
  SoftmaxAttributes softmax;
  softmax.axis = 3;
  STINT_ASSIGN(const View weights, build.EmitOne(OpKind::kSoftmax, softmax, {scores}));
  if (!is_masked) return weights;
  return Compute(build, {weights, scores}, build.dtype(scores), [](const Terms& in) {
    return (in[1] == kMasked).Choose(in[0].Number(0.0), in[0]);
  });
}

// The type that everything in between has.
Result<DType> InnerType(const NodeContext& node) {
  const bool is_double = node.dtype(kQuery) == DType::kFloat64 ||
                         node.Int("softmax_precision", 0) == onnx::TensorProto::DOUBLE;
  return is_double ? DType::kFloat64 : DType::kFloat32;
}

// Results: Y, present key, present value, scores as qk_matmul_output_mode says.
Status Attention(NodeContext& node) {
  Builder& build = node.build;
  STINT_ASSIGN(const Heads heads, ReadHeads(node));
  STINT_ASSIGN(const int64_t group, GroupSize(node, heads));
  STINT_ASSIGN(const Masks masks, ReadMasks(node, heads));
  STINT_ASSIGN(const DType inner, InnerType(node));
  View stages[4];  // The scores after each step, as qk_matmul_output_mode counts them.
  STINT_ASSIGN(stages[0], Scores(node, heads, inner, group));
  stages[1] = stages[0];
  if (const double cap = node.Float("softcap", 0.0); cap > 0.0) {
    STINT_ASSIGN(stages[1], Compute(build, {stages[0]}, inner, [cap](const Terms& in) {
                   return (in[0] / cap).Apply(MapOpcode::kTanh) * cap;
                 }));
  }
  STINT_ASSIGN(stages[2], ApplyMasks(build, stages[1], masks));
  STINT_ASSIGN(stages[3], Weights(build, stages[2], masks.any()));
  STINT_ASSIGN(const View value, build.Cast(heads.value, inner));
  STINT_ASSIGN(const View product, MultiplyHeads(build, stages[3], value, group));
  STINT_ASSIGN(View result, build.Cast(product, node.dtype(kQuery)));
  if (node.input(kQuery).rank() == 3) {
    STINT_ASSIGN(result, JoinHeads(build, result));
  }
  node.SetOutput(0, std::move(result));
  node.SetOutput(1, heads.key);
  node.SetOutput(2, heads.value);
  if (!node.wants(3)) return {};
  const int64_t mode = node.Int("qk_matmul_output_mode", 0);
  if (mode < 0 || mode > 3) {
    return node.Invalid("found qk_matmul_output_mode " + std::to_string(mode) + ", allowed 0 to 3");
  }
  STINT_ASSIGN(View scores, build.Cast(stages[mode], node.dtype(kQuery)));
  node.SetOutput(3, std::move(scores));
  return {};
}

// The type of FlexAttention's softmax and of what its graphs see.
Result<DType> SoftmaxType(const NodeContext& node) {
  const DType own = node.dtype(kQuery);
  STINT_ASSIGN(const DType dtype,
               TypeAttribute(node, "softmax_precision",
                             own == DType::kFloat64 ? DType::kFloat64 : DType::kFloat32));
  if (IsFloat(dtype)) return dtype;
  return node.Invalid(std::string("found softmax_precision ") + NameOf(dtype) + ", allowed floats");
}

// `x` as the graph in attribute `name` changes it; unchanged without one.
Result<View> Modified(const NodeContext& node, const char* name, const View& x) {
  if (!node.has_attribute(name)) return x;
  STINT_ASSIGN(const std::vector<View> results, node.Inline(name, {x}));
  if (results.size() == 1 && node.build.dtype(results[0]) == node.build.dtype(x) &&
      results[0].rank() == x.rank()) {
    return node.build.Expand(results[0], x.dims);
  }
  return node.Invalid(std::string("found results of ") + name +
                      " of another type, allowed one like the input");
}

Status FlexAttention(NodeContext& node) {
  Builder& build = node.build;
  STINT_ASSIGN(const Heads heads, ReadHeads(node));
  if (heads.query.dims.size() != 4 || node.input(kQuery).rank() != 4) {
    return node.Invalid("found rank 3, allowed 4");
  }
  STINT_ASSIGN(const int64_t group, GroupSize(node, heads));
  STINT_ASSIGN(const DType precision, SoftmaxType(node));
  const DType inner = precision == DType::kFloat64 ? DType::kFloat64 : DType::kFloat32;
  STINT_ASSIGN(View scores, Scores(node, heads, inner, group));
  STINT_ASSIGN(scores, build.Cast(scores, precision));
  STINT_ASSIGN(scores, Modified(node, "score_mod", scores));
  SoftmaxAttributes softmax;
  softmax.axis = 3;
  STINT_ASSIGN(View weights, build.EmitOne(OpKind::kSoftmax, softmax, {scores}));
  STINT_ASSIGN(weights, Modified(node, "prob_mod", weights));
  STINT_ASSIGN(weights, build.Cast(weights, inner));
  STINT_ASSIGN(const View value, build.Cast(heads.value, inner));
  STINT_ASSIGN(const View product, MultiplyHeads(build, weights, value, group));
  STINT_ASSIGN(View result, build.Cast(product, node.dtype(kValue)));
  node.SetOutput(0, std::move(result));
  return {};
}

constexpr ImportRule kRules[] = {
    {"FlexAttention", FlexAttention, 1, INT64_MAX, "ai.onnx.preview"},
    {"Attention", Attention, 23},
};

}  // namespace

std::span<const ImportRule> AttentionRules() { return kRules; }

}  // namespace stint::compiler
