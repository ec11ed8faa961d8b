#include "runtime/ops/conv.h"

#include <cstddef>

#include "runtime/ops/elements.h"
#include "runtime/ops/op_table.h"
#include "runtime/ops/shape_checks.h"
#include "runtime/ops/walk.h"
#include "runtime/ops/window.h"

namespace stint {

namespace {

constexpr Field kFields[] = {
    {1, "strides", FieldType::kIntList, offsetof(ConvAttributes, strides), 1, kMaxWindow},
    {2, "dilations", FieldType::kIntList, offsetof(ConvAttributes, dilations), 1, kMaxWindow},
    {3, "pads", FieldType::kLongExtents, offsetof(ConvAttributes, pads)},
    {4, "output_padding", FieldType::kIntList, offsetof(ConvAttributes, output_padding), 0,
     kMaxWindow},
    {5, "group", FieldType::kInt, offsetof(ConvAttributes, group), 1, kMaxWindow},
    {6, "transposed", FieldType::kInt, offsetof(ConvAttributes, transposed), 0, 1},
    {7, "epilogue", FieldType::kProgram, offsetof(ConvAttributes, epilogue)},
};

bool IsByte(DType dtype) { return dtype == DType::kInt8 || dtype == DType::kUInt8; }

// The type of the result, from those of the operands.
Status InferDType(std::span<const TensorShape> operands, DType* dtype) {
  const DType x = operands[0].dtype;
  const DType w = operands[1].dtype;
  const ComputeClass compute = ComputeClassOf(x);
  const bool is_float = compute == ComputeClass::kFloat || compute == ComputeClass::kDouble;
  if (!is_float && !IsByte(x)) return UnsupportedDType("input", x, "floats, int8 and uint8");
  if (is_float ? w != x : !IsByte(w)) {
    return WrongDType("weights", w, is_float ? NameOf(x) : "int8 and uint8");
  }
  *dtype = is_float ? x : DType::kInt32;
  return {};
}

Status CheckZeroPoint(const char* where, const TensorShape& zero, DType of, DimContext& dims,
                      Dim channels) {
  if (!zero.present()) return {};
  if (!IsByte(of)) return WrongDType(where, zero.dtype, "none with float operands");
  STINT_TRY(CheckDType(where, zero, of));
  STINT_TRY(CheckRank(where, zero, 0, 1));
  if (zero.rank == 1) dims.Require(dims.Broadcast(zero.extents[0], channels), channels, where);
  return {};
}

Status InferChannels(const ConvAttributes& attributes, const TensorShape& x, const TensorShape& w,
                     DimContext& dims, Dim* channels) {
  if (attributes.transposed != 0) {
    dims.Require(w.extents[0], x.extents[1], "Conv input channels");
    dims.Require(dims.Mod(x.extents[1], attributes.group), 0, "Conv groups of input channels");
    *channels = dims.Mul(w.extents[1], attributes.group);
    return {};
  }
  dims.Require(dims.Mul(w.extents[1], attributes.group), x.extents[1], "Conv input channels");
  dims.Require(dims.Mod(w.extents[0], attributes.group), 0, "Conv groups of output channels");
  *channels = w.extents[0];
  return {};
}

// The output extent of spatial axis `axis`.
Dim InferExtent(const ConvAttributes& attributes, int axis, int spatial, Dim extent, Dim kernel,
                DimContext& dims) {
  const Dim span = WindowSpan(kernel, attributes.dilations[axis], dims);
  const Dim pads = dims.Add(attributes.pads[axis], attributes.pads[axis + spatial]);
  if (attributes.transposed != 0) {
    const int64_t extra = attributes.output_padding.size == 0 ? 0 : attributes.output_padding[axis];
    const Dim spread = dims.Mul(dims.Sub(extent, 1), attributes.strides[axis]);
    return dims.Add(dims.Sub(dims.Add(spread, span), pads), extra);
  }
  const Dim room = dims.Sub(dims.Add(extent, pads), span);
  return dims.Add(dims.FloorDiv(room, attributes.strides[axis]), 1);
}

Status Infer(const OpShapes& op, DimContext& dims, std::span<TensorShape> results) {
  const auto& attributes = *static_cast<const ConvAttributes*>(op.attributes);
  const TensorShape& x = op.operands[0];
  const TensorShape& w = op.operands[1];
  const TensorShape& bias = op.operands[2];
  STINT_TRY(CheckRank("input", x, 3, kMaxRank));
  STINT_TRY(CheckRank("weights", w, x.rank, x.rank));
  const int spatial = x.rank - 2;
  STINT_TRY(CheckWindow(spatial, attributes.strides, attributes.dilations, attributes.pads));
  if (attributes.output_padding.size != 0) {
    STINT_TRY(CheckInt("output_padding", attributes.output_padding.size, spatial, spatial));
  }
  TensorShape& y = results[0];
  STINT_TRY(InferDType(op.operands, &y.dtype));
  y.rank = x.rank;
  y.extents[0] = x.extents[0];
  STINT_TRY(InferChannels(attributes, x, w, dims, &y.extents[1]));
  for (int axis = 0; axis < spatial; ++axis) {
    const Dim kernel = w.extents[axis + 2];
    STINT_TRY(CheckDim("kernel", kernel, 1, kMaxWindow));
    y.extents[axis + 2] = InferExtent(attributes, axis, spatial, x.extents[axis + 2], kernel, dims);
  }
  if (bias.present()) {
    STINT_TRY(CheckDType("bias", bias, y.dtype));
    STINT_TRY(CheckRank("bias", bias, 1, 1));
    dims.Require(bias.extents[0], y.extents[1], "Conv bias");
  }
  STINT_TRY(CheckZeroPoint("input zero point", op.operands[3], x.dtype, dims, 1));
  return CheckZeroPoint("weights zero point", op.operands[4], w.dtype, dims, y.extents[1]);
}

// The number that a scalar or per-channel zero point has for `channel`; 0 when it is absent.
int64_t ZeroPoint(const TensorView& zero, int64_t channel) {
  if (!zero.present()) return 0;
  const bool per_channel = zero.rank == 1 && zero.extents[0] > 1;
  return Load<int64_t>(zero, per_channel ? channel * zero.strides[0] : 0);
}

// The sum of products for one output element; coordinates are n, channel, spatial.
template <typename C>
C Convolve(const OpTensors& op, const int64_t* at) {
  const auto& attributes = op.as<ConvAttributes>();
  const TensorView& x = op.operands[0];
  const TensorView& w = op.operands[1];
  const TensorView& bias = op.operands[2];
  const bool transposed = attributes.transposed != 0;
  const int spatial = x.rank - 2;
  const int64_t group = at[1] / (op.results[0].extents[1] / attributes.group);
  const int64_t channel = at[1] - group * (op.results[0].extents[1] / attributes.group);
  const int64_t depth = x.extents[1] / attributes.group;

  int64_t extents[kMaxRank] = {depth};
  int64_t x_strides[kMaxRank] = {x.strides[1]};
  int64_t w_strides[kMaxRank] = {w.strides[transposed ? 0 : 1]};
  int64_t x_offset = at[0] * x.strides[0] + group * depth * x.strides[1];
  int64_t w_offset =
      transposed ? group * depth * w.strides[0] + channel * w.strides[1] : at[1] * w.strides[0];
  for (int i = 0; i < spatial; ++i) {
    const Taps taps = (transposed ? TransposedTaps : ForwardTaps)(
        at[i + 2], attributes.strides[i], attributes.dilations[i], attributes.pads[i].constant(),
        w.extents[i + 2], x.extents[i + 2]);
    extents[i + 1] = taps.count;
    x_strides[i + 1] = taps.input_step * x.strides[i + 2];
    w_strides[i + 1] = taps.kernel_step * w.strides[i + 2];
    x_offset += taps.input * x.strides[i + 2];
    w_offset += taps.kernel * w.strides[i + 2];
  }
  const auto x_zero = static_cast<C>(ZeroPoint(op.operands[3], 0));
  const auto w_zero = static_cast<C>(ZeroPoint(op.operands[4], at[1]));
  C sum = bias.present() ? Load<C>(bias, at[1] * bias.strides[0]) : C{};
  for (Walk<2> walk(spatial + 1, extents, {x_strides, w_strides}); !walk.done(); walk.Next()) {
    sum += (Load<C>(x, x_offset + walk.offset(0)) - x_zero) *
           (Load<C>(w, w_offset + walk.offset(1)) - w_zero);
  }
  return sum;
}

template <typename C>
void ConvolveAll(const OpTensors& op) {
  const TensorView& y = op.results[0];
  for (Walk<1> walk(y.rank, y.extents, {y.strides}); !walk.done(); walk.Next()) {
    Store(Convolve<C>(op, walk.coordinates()), y, walk.offset(0));
  }
}

Status Run(const OpTensors& op) {
  switch (ComputeClassOf(op.operands[0].dtype)) {
    case ComputeClass::kFloat:
      ConvolveAll<float>(op);
      break;
    case ComputeClass::kDouble:
      ConvolveAll<double>(op);
      break;
    default:
      ConvolveAll<int64_t>(op);
  }
  return {};
}

}  // namespace

constinit const OpInfo kConvOp = {
    .kind = OpKind::kConv,
    .name = "Conv",
    .summary = "Convolution or transposed convolution of any number of spatial axes.",
    .fields = kFields,
    .attributes_size = sizeof(ConvAttributes),
    .construct = ConstructAttributes<ConvAttributes>,
    .required_operands = 2,
    .core_operands = 5,
    .variadic = false,
    .core_results = 1,
    .strided_operands = 0xffe1,  // X, and those of the epilogue.
    .keeps_precision = true,
    .prologue = nullptr,
    .epilogue = &kFields[6],
    .infer = Infer,
    .reference = Run,
};

}  // namespace stint
