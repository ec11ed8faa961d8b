// Normalisations: Normalize over the last axes and Maps that scale, or where that op does not fit
// Reduces and Maps. Statistics are float32 at least, whatever the type of the operand; the result
// is rounded once, or where ONNX says so.
#include <cmath>
#include <string>

#include "runtime/ops/normalize.h"
#include "runtime/ops/pool.h"
#include "tools/compiler/import/onnx/operands.h"
#include "tools/compiler/import/onnx/reduce_axes.h"
#include "tools/compiler/import/onnx/rules.h"

namespace stint::compiler {

namespace {

// The type of statistics over elements of `dtype`.
DType StatisticsType(DType dtype) {
  return dtype == DType::kFloat64 ? DType::kFloat64 : DType::kFloat32;
}

Status NeedRank(const NodeContext& node, int rank) {
  STINT_TRY(node.Need(0));
  if (node.input(0).rank() >= rank) return {};
  return node.Invalid("found rank " + std::to_string(node.input(0).rank()) + ", allowed " +
                      std::to_string(rank) + " and above");
}

// Training: the statistics of this batch, and running ones that approach them.
Status TrainBatchNormalization(NodeContext& node, Moments* moments) {
  Builder& build = node.build;
  const View& x = node.input(0);
  STINT_ASSIGN(const View wide, build.Cast(x, StatisticsType(node.dtype(0))));
  std::vector<Dim> axes = DimRange(2, x.rank());
  axes.insert(axes.begin(), 0);
  STINT_ASSIGN(*moments, MomentsAlong(build, wide, axes));
  const double momentum = node.Float("momentum", 0.9);
  const View* batch[] = {&moments->mean, &moments->variance};
  for (int i = 0; i < 2; ++i) {
    if (!node.wants(1 + i)) continue;
    const View& running = node.input(3 + i);
    STINT_ASSIGN(const View current, build.Reshape(*batch[i], running.dims));
    STINT_ASSIGN(View next, Compute(build, {running, current}, build.dtype(running),
                                    [momentum](const Terms& in) {
                                      const Term old = in[0].As(in[1].type());
                                      return old * momentum + in[1] * (1.0 - momentum);
                                    }));
    node.SetOutput(1 + i, std::move(next));
  }
  return {};
}

// Operands: X, scale, B, mean, var.
Status BatchNormalization(NodeContext& node) {
  STINT_TRY(NeedRank(node, 2));
  for (int i = 1; i < 5; ++i) STINT_TRY(node.Need(i));
  Builder& build = node.build;
  const View& x = node.input(0);
  const bool training = node.Int("training_mode", 0) != 0;
  if ((node.version() < 7 && node.Int("is_test", 0) == 0) ||
      (node.version() < 14 && (node.wants(1) || node.wants(2)))) {
    return node.Unsupported("training");
  }
  const bool per_channel = node.version() >= 9 || node.Int("spatial", 1) != 0;
  const auto channels = [&](const View& view) {
    return per_channel ? AlongAxis(build, view, 1, x.rank()) : view;
  };
  Moments moments = {channels(node.input(3)), channels(node.input(4))};
  if (training) STINT_TRY(TrainBatchNormalization(node, &moments));
  const DType wide = StatisticsType(node.dtype(0));
  const double epsilon = node.Float("epsilon", 1e-5);
  STINT_ASSIGN(const View factor, Compute(build, {channels(node.input(1)), moments.variance}, wide,
                                          [&](const Terms& in) {
                                            const MapType type = NaturalMapType(wide);
                                            return in[0].As(type) / Sqrt(in[1].As(type) + epsilon);
                                          }));
  // The mean goes first: x * factor and a shift by mean * factor would both be rounded, and cancel.
  STINT_ASSIGN(View result, Compute(build, {x, moments.mean, factor, channels(node.input(2))},
                                    node.dtype(0), [](const Terms& in) {
                                      const MapType type = in[2].type();
                                      return (in[0].As(type) - in[1].As(type)) * in[2] +
                                             in[3].As(type);
                                    }));
  node.SetOutput(0, std::move(result));
  return {};
}

// x normalised over the axes from `axis` on, in its own type.
Result<View> NormalizeFrom(Builder& build, const View& x, NormalizeKind kind, int axis,
                           double epsilon) {
  NormalizeAttributes attributes;
  attributes.kind = kind;
  attributes.axis = axis;
  attributes.epsilon = epsilon;
  return build.EmitOne(OpKind::kNormalize, attributes, {x});
}

// y * scale + bias in `result`; the bias may be absent.
Result<View> ScaleAndShift(Builder& build, const View& y, const View& scale, const View& bias,
                           DType result) {
  std::vector<View> inputs = {y, scale};
  if (bias.present()) inputs.push_back(bias);
  return Compute(build, inputs, result, [](const Terms& in) {
    const Term scaled = in[0] * in[1].As(in[0].type());
    return in.size() == 2 ? scaled : scaled + in[2].As(in[0].type());
  });
}

Status InstanceNormalization(NodeContext& node) {
  STINT_TRY(NeedRank(node, 2));
  STINT_TRY(node.Need(1));
  STINT_TRY(node.Need(2));
  Builder& build = node.build;
  const int rank = node.input(0).rank();
  STINT_ASSIGN(const View x, build.Cast(node.input(0), StatisticsType(node.dtype(0))));
  STINT_ASSIGN(const View y,
               NormalizeFrom(build, x, NormalizeKind::kStandard, 2, node.Float("epsilon", 1e-5)));
  STINT_ASSIGN(View result, ScaleAndShift(build, y, AlongAxis(build, node.input(1), 1, rank),
                                          AlongAxis(build, node.input(2), 1, rank), node.dtype(0)));
  node.SetOutput(0, std::move(result));
  return {};
}

// Version 18 scales groups, later ones channels.
Status GroupNormalization(NodeContext& node) {
  STINT_TRY(NeedRank(node, 2));
  STINT_TRY(node.Need(1));
  STINT_TRY(node.Need(2));
  Builder& build = node.build;
  const View& x = node.input(0);
  const int64_t groups = node.Int("num_groups", 0);
  if (groups < 1) {
    return node.Invalid("found num_groups " + std::to_string(groups) + ", allowed 1 and above");
  }
  STINT_ASSIGN(const View wide, build.Cast(x, StatisticsType(node.dtype(0))));
  const Dim rest = build.dims().FloorDiv(Product(build, x.dims, 1, x.rank()), groups);
  STINT_ASSIGN(const View grouped, build.Reshape(wide, {x.dims[0], groups, rest}));
  STINT_ASSIGN(View y, NormalizeFrom(build, grouped, NormalizeKind::kStandard, 2,
                                     node.Float("epsilon", 1e-5)));
  const bool per_group = node.version() < 21;
  if (!per_group) {
    STINT_ASSIGN(y, build.Reshape(y, x.dims));
  }
  STINT_ASSIGN(const View scaled,
               ScaleAndShift(build, y, AlongAxis(build, node.input(1), 1, y.rank()),
                             AlongAxis(build, node.input(2), 1, y.rank()), node.dtype(0)));
  STINT_ASSIGN(View result, build.Reshape(scaled, x.dims));
  node.SetOutput(0, std::move(result));
  return {};
}

// The type that stash_type asks for; the operand's own when that is wider.
DType StashType(const NodeContext& node) {
  const DType dtype = StatisticsType(node.dtype(0));
  const bool float32 = node.Int("stash_type", 1) == onnx::TensorProto::FLOAT;
  return float32 ? DType::kFloat32 : dtype;
}

// Outputs Mean and InvStdDev, which training wants.
Status SetStatistics(NodeContext& node, const View& x, int axis, double epsilon) {
  if (!node.wants(1) && !node.wants(2)) return {};
  Builder& build = node.build;
  STINT_ASSIGN(const Moments moments, MomentsAlong(build, x, DimRange(axis, x.rank())));
  node.SetOutput(1, moments.mean);
  if (!node.wants(2)) return {};
  STINT_ASSIGN(View inverse, Compute(build, {moments.variance}, build.dtype(x),
                                     [&](const Terms& in) { return 1.0 / Sqrt(in[0] + epsilon); }));
  node.SetOutput(2, std::move(inverse));
  return {};
}

// Outputs: Y, Mean, InvStdDev. Y is rounded to the operand's type before it is scaled.
Status LayerNormalization(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_TRY(node.Need(1));
  Builder& build = node.build;
  const int rank = node.input(0).rank();
  STINT_ASSIGN(const int axis, node.Axis(node.Int("axis", -1), rank));
  const double epsilon = node.Float("epsilon", 1e-5);
  STINT_ASSIGN(const View x, build.Cast(node.input(0), StashType(node)));
  STINT_ASSIGN(const View standard,
               NormalizeFrom(build, x, NormalizeKind::kStandard, axis, epsilon));
  STINT_ASSIGN(const View rounded, build.Cast(standard, node.dtype(0)));
  STINT_ASSIGN(View result, ScaleAndShift(build, rounded, node.input(1),
                                          node.has(2) ? node.input(2) : View(), node.dtype(0)));
  node.SetOutput(0, std::move(result));
  return SetStatistics(node, x, axis, epsilon);
}

Status RmsNormalization(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_TRY(node.Need(1));
  Builder& build = node.build;
  const int rank = node.input(0).rank();
  STINT_ASSIGN(const int axis, node.Axis(node.Int("axis", -1), rank));
  STINT_ASSIGN(const View x, build.Cast(node.input(0), StashType(node)));
  STINT_ASSIGN(const View standard,
               NormalizeFrom(build, x, NormalizeKind::kRms, axis, node.Float("epsilon", 1e-5)));
  STINT_ASSIGN(const View normal, build.Cast(standard, node.dtype(0)));
  STINT_ASSIGN(View result, ScaleAndShift(build, normal, node.input(1), View(), node.dtype(0)));
  node.SetOutput(0, std::move(result));
  return {};
}

// A norm of 0 gives zeros.
Status LpNormalization(NodeContext& node) {
  STINT_TRY(NeedRank(node, 1));
  Builder& build = node.build;
  const View& x = node.input(0);
  STINT_ASSIGN(const int axis, node.Axis(node.Int("axis", -1), x.rank()));
  const int64_t power = node.Int("p", 2);
  if (power != 1 && power != 2) {
    return node.Invalid("found p " + std::to_string(power) + ", allowed 1 and 2");
  }
  ReduceFormulas norm;
  norm.before = [power](const Terms& in) { return power == 1 ? Abs(in[0]) : in[0] * in[0]; };
  if (power == 2) norm.after = [](const Terms& in) { return Sqrt(in[0]); };
  STINT_ASSIGN(const View length, ReduceAxes(build, ReduceKind::kSum, x, {axis}, norm));
  STINT_ASSIGN(View result, Compute(build, {x, length}, node.dtype(0), [](const Terms& in) {
                 return (in[1] == 0.0).Choose(in[1], in[0] / in[1]);
               }));
  node.SetOutput(0, std::move(result));
  return {};
}

// The denominator is sqrt(variance) + 1e-9.
Status MeanVarianceNormalization(NodeContext& node) {
  STINT_TRY(node.Need(0));
  Builder& build = node.build;
  const int rank = node.input(0).rank();
  STINT_ASSIGN(const std::vector<int> axes,
               NormalizedAxes(node, node.Ints("axes", {0, 2, 3}), rank));
  STINT_ASSIGN(const View x, build.Cast(node.input(0), StatisticsType(node.dtype(0))));
  STINT_ASSIGN(const Moments moments,
               MomentsAlong(build, x, std::vector<Dim>(axes.begin(), axes.end())));
  STINT_ASSIGN(View result,
               Compute(build, {x, moments.mean, moments.variance}, node.dtype(0),
                       [](const Terms& in) { return (in[0] - in[1]) / (Sqrt(in[2]) + 1e-9); }));
  node.SetOutput(0, std::move(result));
  return {};
}

// Sums of squares over a window of channels: a Pool whose spatial axes are channels and the rest.
Status Lrn(NodeContext& node) {
  STINT_TRY(NeedRank(node, 2));
  Builder& build = node.build;
  const View& x = node.input(0);
  const int64_t size = node.Int("size", 0);
  if (size < 1 || size > INT32_MAX) {
    return node.Invalid("found size " + std::to_string(size) + ", allowed 1 and above");
  }
  PoolAttributes pool;
  pool.kind = PoolKind::kSum;
  for (const int64_t extent : {size, int64_t{1}}) {
    pool.kernel.Push(extent);
    pool.strides.Push(1);
    pool.dilations.Push(1);
  }
  for (const int64_t pad : {(size - 1) / 2, int64_t{0}, size / 2, int64_t{0}}) pool.pads.Push(pad);
  STINT_ASSIGN(pool.prologue, Program({node.dtype(0)}, node.dtype(0),
                                      [](const Terms& in) { return in[0] * in[0]; }));
  const Dim rest = Product(build, x.dims, 2, x.rank());
  STINT_ASSIGN(const View rows, build.Reshape(x, {x.dims[0], 1, x.dims[1], rest}));
  STINT_ASSIGN(const View pooled, build.EmitOne(OpKind::kPool, pool, {rows}));
  STINT_ASSIGN(const View sums, build.Reshape(pooled, x.dims));
  const double factor = node.Float("alpha", 0.0001) / static_cast<double>(size);
  const double bias = node.Float("bias", 1.0);
  const double beta = node.Float("beta", 0.75);
  STINT_ASSIGN(View result, Compute(build, {x, sums}, node.dtype(0), [&](const Terms& in) {
                 return in[0] / Pow(in[1] * factor + bias, beta);
               }));
  node.SetOutput(0, std::move(result));
  return {};
}

constexpr ImportRule kRules[] = {
    {"BatchNormalization", BatchNormalization},
    {"GroupNormalization", GroupNormalization, 18},
    {"InstanceNormalization", InstanceNormalization},
    {"LRN", Lrn},
    {"LayerNormalization", LayerNormalization, 17},
    {"LpNormalization", LpNormalization},
    {"MeanVarianceNormalization", MeanVarianceNormalization, 9},
    {"RMSNormalization", RmsNormalization, 23},
};

}  // namespace

std::span<const ImportRule> NormalizationRules() { return kRules; }

}  // namespace stint::compiler
