// Random numbers: RandomNormal, RandomUniform and their Like forms, Bernoulli-15/22,
// Multinomial-7/22, Dropout in all versions. A node without a seed gets one of its own from the
// names of its results and of the nodes around its graph: a plan computes the same numbers in every
// run and on every machine.
#include <cmath>
#include <string>

#include "runtime/ops/prefix.h"
#include "runtime/ops/random.h"
#include "runtime/ops/softmax.h"
#include "tools/compiler/import/onnx/operands.h"
#include "tools/compiler/import/onnx/reduce_axes.h"
#include "tools/compiler/import/onnx/rules.h"
#include "tools/compiler/import/onnx/terms.h"

namespace stint::compiler {

namespace {

// The low 32 bits of the attribute without its fraction: Dropout's is an integer, others' a float.
Result<int64_t> Seed(const NodeContext& node) {
  if (!node.has_attribute("seed")) return int64_t{node.OwnSeed()};
  if (node.op() == "Dropout") return node.Int("seed", 0) & UINT32_MAX;
  const double seed = node.Float("seed", 0.0);
  if (!(std::fabs(seed) < 0x1p63)) {
    return node.Invalid("found seed " + std::to_string(seed) + ", allowed finite ones below 2^63");
  }
  return static_cast<int64_t>(seed) & UINT32_MAX;
}

Result<View> Numbers(const NodeContext& node, RandomKind kind, const std::vector<Dim>& extents) {
  RandomAttributes attributes;
  attributes.kind = kind;
  STINT_ASSIGN(attributes.seed, Seed(node));
  if (extents.size() > kMaxRank) {
    return node.Unsupported("rank " + std::to_string(extents.size()));
  }
  for (const Dim extent : extents) attributes.extents.Push(extent);
  return node.build.EmitOne(OpKind::kRandom, attributes, {});
}

// [low, high) or mean and deviation: number * scale + base.
template <RandomKind kKind>
Status Scaled(NodeContext& node, const std::vector<Dim>& extents, DType dtype) {
  const bool normal = kKind == RandomKind::kNormal;
  if (!IsFloat(dtype)) {
    return node.Invalid(std::string("found dtype ") + NameOf(dtype) + ", allowed floats");
  }
  const double base = normal ? node.Float("mean", 0.0) : node.Float("low", 0.0);
  const double scale = normal ? node.Float("scale", 1.0) : node.Float("high", 1.0) - base;
  STINT_ASSIGN(View numbers, Numbers(node, kKind, extents));
  STINT_ASSIGN(View result, Compute(node.build, {numbers}, dtype,
                                    [&](const Terms& in) { return in[0] * scale + base; }));
  node.SetOutput(0, std::move(result));
  return {};
}

template <RandomKind kKind>
Status Random(NodeContext& node) {
  const std::vector<int64_t> shape = node.Ints("shape");
  STINT_ASSIGN(const DType dtype, TypeAttribute(node, "dtype", DType::kFloat32));
  return Scaled<kKind>(node, {shape.begin(), shape.end()}, dtype);
}

template <RandomKind kKind>
Status RandomLike(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_ASSIGN(const DType dtype, TypeAttribute(node, "dtype", node.dtype(0)));
  return Scaled<kKind>(node, node.input(0).dims, dtype);
}

Status Bernoulli(NodeContext& node) {
  STINT_TRY(node.Need(0));
  const View& x = node.input(0);
  STINT_ASSIGN(const DType dtype, TypeAttribute(node, "dtype", node.dtype(0)));
  STINT_ASSIGN(View numbers, Numbers(node, RandomKind::kUniform, x.dims));
  STINT_ASSIGN(View result, Compute(node.build, {numbers, x}, dtype, [](const Terms& in) {
                 return in[0] < in[1].As(MapType::kF64);
               }));
  node.SetOutput(0, std::move(result));
  return {};
}

// Sums of the classes' probabilities from the first on: float64 [batch, classes].
Result<View> Cumulated(Builder& build, const View& logits) {
  STINT_ASSIGN(const View wide, build.Cast(logits, DType::kFloat64));
  SoftmaxAttributes softmax;
  softmax.axis = 1;
  STINT_ASSIGN(const View probabilities, build.EmitOne(OpKind::kSoftmax, softmax, {wide}));
  PrefixAttributes sums;
  sums.axis.Push(1);
  return build.EmitOne(OpKind::kPrefix, sums, {probabilities});
}

// The class of a number is how many of the classes end at or below it. The last one ends at 1 but
// for rounding: it is not asked.
Status Multinomial(NodeContext& node) {
  STINT_TRY(node.Need(0));
  Builder& build = node.build;
  const View& logits = node.input(0);
  STINT_ASSIGN(const DType dtype, TypeAttribute(node, "dtype", DType::kInt32));
  if (logits.rank() != 2 || !IsFloat(node.dtype(0)) || !IsInteger(dtype)) {
    return node.Invalid("found rank " + std::to_string(logits.rank()) + " and " + NameOf(dtype) +
                        " results, allowed [batch, classes] of floats and integers");
  }
  STINT_ASSIGN(View ends, Cumulated(build, logits));
  ends = build.Slice(ends, 1, 0, 1, build.dims().Sub(logits.dims[1], 1));
  STINT_ASSIGN(View numbers,
               Numbers(node, RandomKind::kUniform, {logits.dims[0], node.Int("sample_size", 1)}));
  STINT_ASSIGN(const View passed,
               Compute(build, {build.Unsqueeze(numbers, {2}), build.Unsqueeze(ends, {1})}, dtype,
                       [](const Terms& in) { return in[0] >= in[1]; }));
  STINT_ASSIGN(const View counts, ReduceAxes(build, ReduceKind::kSum, passed, {2}));
  node.SetOutput(0, build.Squeeze(counts, {2}));
  return {};
}

// What a Dropout node is asked to do.
struct DropoutMode {
  View ratio;         // A scalar.
  View training;      // A bool scalar.
  bool never = true;  // Drops nothing, whatever comes.
};

Result<DropoutMode> ReadDropout(const NodeContext& node) {
  constexpr int64_t kInferenceOnly = 7;
  constexpr int64_t kOperands = 12;
  Builder& build = node.build;
  DropoutMode mode = {build.Scalar(DType::kFloat32, node.Float("ratio", 0.5)),
                      build.Scalar(DType::kBool, 1.0)};
  if (node.version() < kInferenceOnly) {
    mode.never = node.Int("is_test", 0) != 0;
    return mode;
  }
  if (node.version() < kOperands || !node.has(2)) return mode;
  if (node.dtype(2) != DType::kBool) {
    return node.Invalid(std::string("found training_mode of ") + NameOf(node.dtype(2)) +
                        ", allowed bool");
  }
  STINT_ASSIGN(mode.training, AsScalar(build, node.input(2)));
  if (node.has(1)) {
    STINT_ASSIGN(mode.ratio, AsScalar(build, node.input(1)));
  }
  const auto training = build.Elements(mode.training);
  mode.never = training && (*training)[0] == Dim(0);
  return mode;
}

// Kept elements are scaled up by what is dropped; NaN stays where it is kept only.
Status DropSome(NodeContext& node, const DropoutMode& mode, DType mask) {
  Builder& build = node.build;
  const View& x = node.input(0);
  STINT_ASSIGN(View numbers, Numbers(node, RandomKind::kUniform, x.dims));
  STINT_ASSIGN(const View kept, Compute(build, {numbers, mode.ratio, mode.training}, DType::kBool,
                                        [](const Terms& in) {
                                          return (in[0] >= in[1].As(MapType::kF64)) | !in[2];
                                        }));
  STINT_ASSIGN(View result, Compute(build, {x, kept, mode.ratio, mode.training}, node.dtype(0),
                                    [](const Terms& in) {
                                      const Term ratio = in[2].As(in[0].type());
                                      const Term one = ratio.Number(1.0);
                                      const Term scale = in[3].Choose(one / (one - ratio), one);
                                      return in[1].Choose(in[0] * scale, in[0].Number(0.0));
                                    }));
  node.SetOutput(0, std::move(result));
  STINT_ASSIGN(View kept_as, build.Cast(kept, mask));
  node.SetOutput(1, std::move(kept_as));
  return {};
}

Status Dropout(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_ASSIGN(const DropoutMode mode, ReadDropout(node));
  const DType mask = node.version() < 10 ? node.dtype(0) : DType::kBool;
  if (!mode.never) return DropSome(node, mode, mask);
  node.SetOutput(0, node.input(0));
  if (!node.wants(1)) return {};
  STINT_ASSIGN(View ones, node.build.Expand(node.build.Scalar(mask, 1.0), node.input(0).dims));
  node.SetOutput(1, std::move(ones));
  return {};
}

constexpr ImportRule kRules[] = {
    {"Bernoulli", Bernoulli, 15},
    {"Dropout", Dropout},
    {"Multinomial", Multinomial, 7},
    {"RandomNormal", Random<RandomKind::kNormal>},
    {"RandomNormalLike", RandomLike<RandomKind::kNormal>},
    {"RandomUniform", Random<RandomKind::kUniform>},
    {"RandomUniformLike", RandomLike<RandomKind::kUniform>},
};

}  // namespace

std::span<const ImportRule> RandomRules() { return kRules; }

}  // namespace stint::compiler
