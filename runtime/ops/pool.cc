#include "runtime/ops/pool.h"

#include <cstddef>

#include "runtime/ops/elements.h"
#include "runtime/ops/op_table.h"
#include "runtime/ops/shape_checks.h"
#include "runtime/ops/walk.h"
#include "runtime/ops/window.h"

namespace stint {

namespace {

constexpr const char* kKinds[] = {"max", "average", "sum"};

constexpr Field kFields[] = {
    {1, "kind", FieldType::kEnum, offsetof(PoolAttributes, kind), 0, 2, kKinds},
    {2, "kernel", FieldType::kIntList, offsetof(PoolAttributes, kernel), 1, kMaxWindow},
    {3, "strides", FieldType::kIntList, offsetof(PoolAttributes, strides), 1, kMaxWindow},
    {4, "dilations", FieldType::kIntList, offsetof(PoolAttributes, dilations), 1, kMaxWindow},
    {5, "pads", FieldType::kLongExtents, offsetof(PoolAttributes, pads)},
    {6, "ceil_mode", FieldType::kInt, offsetof(PoolAttributes, ceil_mode), 0, 1},
    {7, "count_include_pad", FieldType::kInt, offsetof(PoolAttributes, count_include_pad), 0, 1},
    {8, "with_indices", FieldType::kInt, offsetof(PoolAttributes, with_indices), 0, 1},
    {9, "column_major", FieldType::kInt, offsetof(PoolAttributes, column_major), 0, 1},
    {10, "prologue", FieldType::kProgram, offsetof(PoolAttributes, prologue)},
    {11, "epilogue", FieldType::kProgram, offsetof(PoolAttributes, epilogue)},
};

Status InferDType(PoolKind kind, DType x, DType* dtype) {
  const ComputeClass compute = ComputeClassOf(x);
  const bool is_float = compute == ComputeClass::kFloat || compute == ComputeClass::kDouble;
  *dtype = x;
  if (is_float) return {};
  if (kind == PoolKind::kAverage) return WrongDType("input", x, "floats");
  if (!IsInteger(x) || compute == ComputeClass::kNone) {
    return WrongDType("input", x, "floats and integers of 8 bits and more");
  }
  if (kind == PoolKind::kMax) return {};
  if (BytesOf(x) > 2 && x != DType::kInt32) {
    return WrongDType("input", x, "floats, 8- and 16-bit integers and int32");
  }
  *dtype = DType::kInt32;
  return {};
}

Dim InferExtent(const PoolAttributes& attributes, int axis, int spatial, Dim extent,
                DimContext& dims) {
  const int64_t stride = attributes.strides[axis];
  const Dim begin = attributes.pads[axis];
  const Dim span = WindowSpan(attributes.kernel[axis], attributes.dilations[axis], dims);
  const Dim pads = dims.Add(begin, attributes.pads[axis + spatial]);
  const Dim room = dims.Sub(dims.Add(extent, pads), span);
  if (attributes.ceil_mode == 0) return dims.Add(dims.FloorDiv(room, stride), 1);
  // The last window counts only when it starts before the end padding.
  const Dim last = dims.CeilDiv(room, stride);
  const Dim starts_inside = dims.Less(dims.Mul(last, stride), dims.Add(extent, begin));
  return dims.Add(last, starts_inside);
}

Status Infer(const OpShapes& op, DimContext& dims, std::span<TensorShape> results) {
  const auto& attributes = *static_cast<const PoolAttributes*>(op.attributes);
  const TensorShape& x = op.operands[0];
  STINT_TRY(CheckRank("input", x, 3, kMaxRank));
  const int spatial = x.rank - 2;
  STINT_TRY(CheckWindow(spatial, attributes.strides, attributes.dilations, attributes.pads));
  STINT_TRY(CheckInt("kernel sizes", attributes.kernel.size, spatial, spatial));
  TensorShape& y = results[0];
  y = x;
  STINT_TRY(InferDType(attributes.kind, x.dtype, &y.dtype));
  for (int axis = 0; axis < spatial; ++axis) {
    y.extents[axis + 2] = InferExtent(attributes, axis, spatial, x.extents[axis + 2], dims);
  }
  if (attributes.with_indices == 0) return {};
  if (attributes.kind != PoolKind::kMax) {
    return Error(Code::kInvalid, "with_indices", "found 1, allowed 0 unless kind is max");
  }
  results[1] = y;
  results[1].dtype = DType::kInt64;
  return {};
}

// The window of one output element: the taps inside the image as a small tensor.
struct Window {
  int64_t extents[kMaxRank] = {};
  int64_t strides[kMaxRank] = {};       // In X.
  int64_t flat_strides[kMaxRank] = {};  // In the index space of result 1.
  int64_t offset = 0;
  int64_t flat = 0;
  double padded_count = 1;  // Taps inside image and padding.
};

Window WindowAt(const OpTensors& op, const int64_t* at, const int64_t* flat_strides) {
  const auto& attributes = op.as<PoolAttributes>();
  const TensorView& x = op.operands[0];
  const int spatial = x.rank - 2;
  Window window;
  for (int axis = 0; axis < 2; ++axis) {
    window.offset += at[axis] * x.strides[axis];
    window.flat += at[axis] * flat_strides[axis];
  }
  for (int i = 0; i < spatial; ++i) {
    const int64_t begin = attributes.pads[i].constant();
    const int64_t end = attributes.pads[i + spatial].constant();
    const Taps taps = ForwardTaps(at[i + 2], attributes.strides[i], attributes.dilations[i], begin,
                                  attributes.kernel[i], x.extents[i + 2]);
    const Taps padded = ForwardTaps(at[i + 2], attributes.strides[i], attributes.dilations[i], 0,
                                    attributes.kernel[i], x.extents[i + 2] + begin + end);
    window.extents[i] = taps.count;
    window.strides[i] = taps.input_step * x.strides[i + 2];
    window.flat_strides[i] = taps.input_step * flat_strides[i + 2];
    window.offset += taps.input * x.strides[i + 2];
    window.flat += taps.input * flat_strides[i + 2];
    window.padded_count *= static_cast<double>(padded.count);
  }
  return window;
}

// The strides of ONNX's index: row-major over the tensor, or column-major within each image.
void FlatStrides(const TensorView& x, bool column_major, int64_t* strides) {
  DenseStrides(x.rank, x.extents, strides);
  if (!column_major) return;
  int64_t stride = 1;
  for (int axis = 2; axis < x.rank; ++axis) {
    strides[axis] = stride;
    stride *= x.extents[axis];
  }
}

template <typename C>
struct Maximum {
  C value;
  int64_t flat = -1;  // -1: the window holds padding only.
};

template <typename C>
Maximum<C> MaximumOf(const TensorView& x, const Window& window) {
  Maximum<C> best{LowestOf<C>(x.dtype)};
  for (Walk<2> walk(x.rank - 2, window.extents, {window.strides, window.flat_strides});
       !walk.done(); walk.Next()) {
    const C value = Load<C>(x, window.offset + walk.offset(0));
    const bool wins = value > best.value || (IsNan(value) && !IsNan(best.value));
    if (wins || best.flat < 0) best = {value, window.flat + walk.offset(1)};
  }
  return best;
}

template <typename C>
C SumOf(const PoolAttributes& attributes, const TensorView& x, const Window& window) {
  C sum{};
  int64_t count = 0;
  for (Walk<1> walk(x.rank - 2, window.extents, {window.strides}); !walk.done(); walk.Next()) {
    sum = Plus(sum, Load<C>(x, window.offset + walk.offset(0)));
    ++count;
  }
  if (attributes.kind == PoolKind::kSum) return sum;
  const double divisor =
      attributes.count_include_pad != 0 ? window.padded_count : static_cast<double>(count);
  return divisor == 0 ? sum : sum / static_cast<C>(divisor);
}

template <typename C>
void PoolAll(const OpTensors& op) {
  const auto& attributes = op.as<PoolAttributes>();
  const TensorView& x = op.operands[0];
  const TensorView& y = op.results[0];
  const TensorView& indices = op.results[1];
  int64_t flat_strides[kMaxRank];
  FlatStrides(x, attributes.column_major != 0, flat_strides);
  for (Walk<2> walk(y.rank, y.extents, {y.strides, indices.strides}); !walk.done(); walk.Next()) {
    const Window window = WindowAt(op, walk.coordinates(), flat_strides);
    if (attributes.kind != PoolKind::kMax) {
      Store(SumOf<C>(attributes, x, window), y, walk.offset(0));
      continue;
    }
    const Maximum<C> best = MaximumOf<C>(x, window);
    Store(best.value, y, walk.offset(0));
    if (indices.present()) Store(best.flat, indices, walk.offset(1));
  }
}

Status Run(const OpTensors& op) {
  WithComputeClass(ComputeClassOf(op.operands[0].dtype),
                   [&](auto zero) { PoolAll<decltype(zero)>(op); });
  return {};
}

}  // namespace

constinit const OpInfo kPoolOp = {
    .kind = OpKind::kPool,
    .name = "Pool",
    .summary = "Maximum, average or sum over windows of the spatial axes.",
    .fields = kFields,
    .attributes_size = sizeof(PoolAttributes),
    .construct = ConstructAttributes<PoolAttributes>,
    .required_operands = 1,
    .core_operands = 1,
    .variadic = false,
    .core_results = 2,
    .strided_operands = 0xffff,
    .keeps_precision = true,
    .prologue = &kFields[9],
    .epilogue = &kFields[10],
    .infer = Infer,
    .reference = Run,
};

}  // namespace stint
