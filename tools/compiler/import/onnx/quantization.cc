// QuantizeLinear, DequantizeLinear and DynamicQuantizeLinear: Maps over scales and zero points that
// are scalars, one an index of an axis, or one a block of an axis.
#include <string>

#include "tools/compiler/import/onnx/operands.h"
#include "tools/compiler/import/onnx/reduce_axes.h"
#include "tools/compiler/import/onnx/rules.h"

namespace stint::compiler {

namespace {

// Each element of `x` repeated `block` times along an axis, cut to `extent`.
Result<View> RepeatBlocks(Builder& build, const View& x, int axis, int64_t block, Dim extent) {
  if (x.rank() >= kMaxRank) {
    return Error(Code::kUnsupported, build.name().c_str(), "found rank %d, allowed %d", x.rank(),
                 kMaxRank - 1);
  }
  const auto at = static_cast<size_t>(axis);
  const View spread = build.Unsqueeze(x, {axis + 1});
  std::vector<Dim> dims = spread.dims;
  dims[at + 1] = block;
  STINT_ASSIGN(const View repeated, build.Expand(spread, dims));
  std::vector<Dim> merged = x.dims;
  merged[at] = build.dims().Mul(x.dims[at], block);
  STINT_ASSIGN(const View whole, build.Reshape(repeated, merged));
  return build.Slice(whole, axis, 0, 1, extent);
}

// Operand i, a scale or zero point, so that it broadcasts to operand 0.
Result<View> Parameter(const NodeContext& node, int i) {
  Builder& build = node.build;
  const View& x = node.input(0);
  const View& parameter = node.input(i);
  const int64_t block = node.Int("block_size", 0);
  if (block < 0) {
    return node.Invalid("found block_size " + std::to_string(block) + ", allowed 0 and above");
  }
  if (block > 0 && parameter.rank() == x.rank()) {
    STINT_ASSIGN(const int axis, node.Axis(node.Int("axis", 1), x.rank()));
    return RepeatBlocks(build, parameter, axis, block, x.dims[static_cast<size_t>(axis)]);
  }
  if (parameter.rank() == 0) return parameter;
  if (parameter.rank() == 1 && parameter.dims[0] == Dim(1)) return AsScalar(build, parameter);
  if (parameter.rank() != 1) {
    return node.Invalid("found a parameter of rank " + std::to_string(parameter.rank()) +
                        ", allowed 0, 1, or blocks");
  }
  STINT_ASSIGN(const int axis, node.Axis(node.Int("axis", 1), x.rank()));
  return AlongAxis(build, parameter, axis, x.rank());
}

MapStoreMode QuantizedStore(const NodeContext& node, DType to) {
  const bool is_float8 = IsFloat(to) && InfoOf(to).bits == 8;
  return is_float8 && node.Int("saturate", 1) == 0 ? MapStoreMode::kWrap : MapStoreMode::kSaturate;
}

// saturate(round(x / scale) + zero_point); float8 and float4 round at the store.
Status QuantizeLinear(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_TRY(node.Need(1));
  const DType default_type = node.has(2) ? node.dtype(2) : DType::kUInt8;
  STINT_ASSIGN(const DType to, TypeAttribute(node, "output_dtype", default_type));
  STINT_ASSIGN(const DType precision, TypeAttribute(node, "precision", DType::kFloat32));
  STINT_ASSIGN(const View scale, Parameter(node, 1));
  std::vector<View> inputs = {node.input(0), scale};
  if (node.has(2) && IsInteger(to)) {
    STINT_ASSIGN(View zero, Parameter(node, 2));
    inputs.push_back(std::move(zero));
  }
  const MapType type = precision == DType::kFloat64 ? MapType::kF64 : MapType::kF32;
  STINT_ASSIGN(View result, Compute(
                                node.build, inputs, to,
                                [&](const Terms& in) {
                                  const Term ratio = in[0].As(type) / in[1].As(type);
                                  if (!IsInteger(to)) return ratio;
                                  const Term rounded = ratio.Apply(MapOpcode::kRoundEven);
                                  return in.size() == 2 ? rounded : rounded + in[2].As(type);
                                },
                                QuantizedStore(node, to)));
  node.SetOutput(0, std::move(result));
  return {};
}

// (x - zero_point) * scale: the difference of 8- and 16-bit numbers is exact in float32, and wider
// ones have no zero point but 0.
Status DequantizeLinear(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_TRY(node.Need(1));
  if (node.has(2) && node.dtype(2) != node.dtype(0)) {
    return node.Invalid("found a zero point of another type, allowed that of the operand");
  }
  STINT_ASSIGN(const DType to, TypeAttribute(node, "output_dtype", node.dtype(1)));
  STINT_ASSIGN(const View scale, Parameter(node, 1));
  std::vector<View> inputs = {node.input(0), scale};
  if (node.has(2) && IsInteger(node.dtype(0))) {
    STINT_ASSIGN(View zero, Parameter(node, 2));
    inputs.push_back(std::move(zero));
  }
  STINT_ASSIGN(View result, Compute(node.build, inputs, to, [&](const Terms& in) {
                 Term steps = in[0].As(MapType::kF32);
                 if (in.size() == 3) steps = steps - in[2].As(MapType::kF32);
                 return steps * in[1].As(MapType::kF32);
               }));
  node.SetOutput(0, std::move(result));
  return {};
}

// The range of `x` with 0 in it, over 255 steps; a range of nothing has scale 1 / 255.
Status DynamicQuantizeLinear(NodeContext& node) {
  STINT_TRY(node.Need(0));
  if (node.dtype(0) != DType::kFloat32) {
    return node.Invalid(std::string("found ") + NameOf(node.dtype(0)) + ", allowed float32");
  }
  Builder& build = node.build;
  const View& x = node.input(0);
  const std::vector<Dim> axes = DimRange(0, x.rank());
  STINT_ASSIGN(const View lowest, ReduceAxes(build, ReduceKind::kMin, x, axes));
  STINT_ASSIGN(const View highest, ReduceAxes(build, ReduceKind::kMax, x, axes));
  STINT_ASSIGN(const View low, AsScalar(build, lowest));
  STINT_ASSIGN(const View high, AsScalar(build, highest));
  STINT_ASSIGN(const View scale, Compute(build, {low, high}, DType::kFloat32, [](const Terms& in) {
                 const Term range = Max(in[1], 0.0) - Min(in[0], 0.0);
                 return (range == 0.0).Choose(in[0].Number(1.0), range) / 255.0;
               }));
  STINT_ASSIGN(const View zero,
               Compute(
                   build, {low, scale}, DType::kUInt8,
                   [](const Terms& in) {
                     return (0.0 - Min(in[0], 0.0) / in[1]).Apply(MapOpcode::kRoundEven);
                   },
                   MapStoreMode::kSaturate));
  STINT_ASSIGN(View result, Compute(
                                build, {x, scale, zero}, DType::kUInt8,
                                [](const Terms& in) {
                                  const Term rounded = (in[0] / in[1]).Apply(MapOpcode::kRoundEven);
                                  return rounded + in[2].As(MapType::kF32);
                                },
                                MapStoreMode::kSaturate));
  node.SetOutput(0, std::move(result));
  node.SetOutput(1, scale);
  node.SetOutput(2, zero);
  return {};
}

constexpr ImportRule kRules[] = {
    {"DequantizeLinear", DequantizeLinear, 10},
    {"DynamicQuantizeLinear", DynamicQuantizeLinear, 11},
    {"QuantizeLinear", QuantizeLinear, 10},
};

}  // namespace

std::span<const ImportRule> QuantizationRules() { return kRules; }

}  // namespace stint::compiler
