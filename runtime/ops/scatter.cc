#include "runtime/ops/scatter.h"

#include <algorithm>
#include <cstddef>

#include "runtime/ops/elements.h"
#include "runtime/ops/indices.h"
#include "runtime/ops/op_table.h"
#include "runtime/ops/shape_checks.h"
#include "runtime/ops/walk.h"

namespace stint {

namespace {

constexpr const char* kModes[] = {"elements", "nd"};
constexpr const char* kReductions[] = {"none", "add", "multiply", "max", "min"};

constexpr Field kFields[] = {
    {1, "mode", FieldType::kEnum, offsetof(ScatterAttributes, mode), 0, 1, kModes},
    {2, "axis", FieldType::kInt, offsetof(ScatterAttributes, axis), 0, kMaxRank - 1},
    {3, "reduction", FieldType::kEnum, offsetof(ScatterAttributes, reduction), 0, 4, kReductions},
};

Status CheckNdUpdates(const TensorShape& data, const TensorShape& indices,
                      const TensorShape& updates, DimContext& dims) {
  int depth = 0;
  STINT_TRY(CheckNdIndices(data, indices, 0, dims, &depth));
  const int kept = indices.rank - 1;
  const int rank = kept + data.rank - depth;
  STINT_TRY(CheckRank("updates", updates, rank, rank));
  for (int axis = 0; axis < rank; ++axis) {
    const Dim expected = axis < kept ? indices.extents[axis] : data.extents[depth + axis - kept];
    dims.Require(updates.extents[axis], expected, "extents of Scatter's updates");
  }
  return {};
}

Status CheckElementsUpdates(const TensorShape& data, const TensorShape& indices,
                            const TensorShape& updates, int64_t axis, DimContext& dims) {
  STINT_TRY(CheckElementsIndices(data, indices, axis, dims));
  STINT_TRY(CheckRank("updates", updates, indices.rank, indices.rank));
  for (int i = 0; i < indices.rank; ++i) {
    dims.Require(updates.extents[i], indices.extents[i], "extents of Scatter's updates");
  }
  return {};
}

Status Infer(const OpShapes& op, DimContext& dims, std::span<TensorShape> results) {
  const auto& attributes = *static_cast<const ScatterAttributes*>(op.attributes);
  const TensorShape& data = op.operands[0];
  const TensorShape& indices = op.operands[1];
  const TensorShape& updates = op.operands[2];
  STINT_TRY(CheckIndexDType(indices));
  STINT_TRY(CheckDType("updates", updates, data.dtype));
  if (attributes.reduction != ScatterReduction::kNone &&
      ComputeClassOf(data.dtype) == ComputeClass::kNone) {
    return UnsupportedDType("data", data.dtype, "numbers of 8 bits and more with a reduction");
  }
  results[0] = data;
  return attributes.mode == ScatterMode::kNd
             ? CheckNdUpdates(data, indices, updates, dims)
             : CheckElementsUpdates(data, indices, updates, attributes.axis, dims);
}

template <typename C>
C Combine(ScatterReduction reduction, C old, C update) {
  switch (reduction) {
    case ScatterReduction::kAdd:
      return Plus(old, update);
    case ScatterReduction::kMultiply:
      return Times(old, update);
    case ScatterReduction::kMax:
      return Larger(old, update);
    case ScatterReduction::kMin:
      return Smaller(old, update);
    case ScatterReduction::kNone:
      break;
  }
  return update;
}

void Update(const OpTensors& op, int64_t update, int64_t place) {
  const ScatterReduction reduction = op.as<ScatterAttributes>().reduction;
  const TensorView& updates = op.operands[2];
  const TensorView& y = op.results[0];
  if (reduction == ScatterReduction::kNone) {
    MoveElement(updates.data, update, y.data, place, BytesOf(y.dtype));
    return;
  }
  WithComputeClass(ComputeClassOf(y.dtype), [&](auto zero) {
    using C = decltype(zero);
    Store(Combine(reduction, Load<C>(y, place), Load<C>(updates, update)), y, place);
  });
}

Status ScatterElements(const OpTensors& op) {
  const int axis = static_cast<int>(op.as<ScatterAttributes>().axis);
  const TensorView& indices = op.operands[1];
  const TensorView& updates = op.operands[2];
  const TensorView& y = op.results[0];
  int64_t place_strides[kMaxRank];
  std::copy_n(y.strides, kMaxRank, place_strides);
  place_strides[axis] = 0;
  for (Walk<3> walk(indices.rank, indices.extents,
                    {indices.strides, updates.strides, place_strides});
       !walk.done(); walk.Next()) {
    int64_t index = 0;
    STINT_TRY(ReadIndex(indices, walk.offset(0), axis, y.extents[axis], &index));
    Update(op, walk.offset(1), walk.offset(2) + index * y.strides[axis]);
  }
  return {};
}

Status ScatterNd(const OpTensors& op) {
  const TensorView& indices = op.operands[1];
  const TensorView& updates = op.operands[2];
  const TensorView& y = op.results[0];
  const int kept = indices.rank - 1;
  const auto depth = static_cast<int>(indices.extents[kept]);
  int64_t index_strides[kMaxRank] = {};
  int64_t slice_strides[kMaxRank] = {};
  std::copy_n(indices.strides, kept, index_strides);
  std::copy(y.strides + depth, y.strides + y.rank, slice_strides + kept);
  for (Walk<3> walk(updates.rank, updates.extents, {index_strides, updates.strides, slice_strides});
       !walk.done(); walk.Next()) {
    int64_t place = walk.offset(2);
    STINT_TRY(AddNdIndex(indices, walk.offset(0), y, 0, &place));
    Update(op, walk.offset(1), place);
  }
  return {};
}

Status Run(const OpTensors& op) {
  const TensorView& data = op.operands[0];
  const TensorView& y = op.results[0];
  if (data.data != y.data) {
    for (Walk<2> walk(y.rank, y.extents, {data.strides, y.strides}); !walk.done(); walk.Next()) {
      MoveElement(data.data, walk.offset(0), y.data, walk.offset(1), BytesOf(y.dtype));
    }
  }
  return op.as<ScatterAttributes>().mode == ScatterMode::kNd ? ScatterNd(op) : ScatterElements(op);
}

}  // namespace

constinit const OpInfo kScatterOp = {
    .kind = OpKind::kScatter,
    .name = "Scatter",
    .summary = "Data with updates written, or combined, at places that indices name.",
    .fields = kFields,
    .attributes_size = sizeof(ScatterAttributes),
    .construct = ConstructAttributes<ScatterAttributes>,
    .required_operands = 3,
    .core_operands = 3,
    .variadic = false,
    .core_results = 1,
    .strided_operands = 5,
    .keeps_precision = false,
    .prologue = nullptr,
    .epilogue = nullptr,
    .infer = Infer,
    .reference = Run,
};

}  // namespace stint
