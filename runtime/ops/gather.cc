#include "runtime/ops/gather.h"

#include <algorithm>
#include <cstddef>

#include "runtime/ops/elements.h"
#include "runtime/ops/indices.h"
#include "runtime/ops/op_table.h"
#include "runtime/ops/shape_checks.h"
#include "runtime/ops/walk.h"

namespace stint {

namespace {

constexpr const char* kModes[] = {"axis", "elements", "nd"};

constexpr Field kFields[] = {
    {1, "mode", FieldType::kEnum, offsetof(GatherAttributes, mode), 0, 2, kModes},
    {2, "axis", FieldType::kInt, offsetof(GatherAttributes, axis), 0, kMaxRank - 1},
    {3, "batch_dims", FieldType::kInt, offsetof(GatherAttributes, batch_dims), 0, kMaxRank},
    {4, "epilogue", FieldType::kProgram, offsetof(GatherAttributes, epilogue)},
};

Status InferAxis(const GatherAttributes& attributes, const TensorShape& data,
                 const TensorShape& indices, TensorShape* result) {
  STINT_TRY(CheckInt("axis", attributes.axis, 0, data.rank - 1));
  STINT_TRY(CheckInt("rank of data and indices", data.rank + indices.rank - 1, 0, kMaxRank));
  const int axis = static_cast<int>(attributes.axis);
  Dim* out = std::copy_n(data.extents, axis, result->extents);
  out = std::copy_n(indices.extents, indices.rank, out);
  std::copy(data.extents + axis + 1, data.extents + data.rank, out);
  result->rank = data.rank + indices.rank - 1;
  return {};
}

Status InferNd(const GatherAttributes& attributes, const TensorShape& data,
               const TensorShape& indices, DimContext& dims, TensorShape* result) {
  const auto batch = static_cast<int>(attributes.batch_dims);
  int depth = 0;
  STINT_TRY(CheckNdIndices(data, indices, batch, dims, &depth));
  const int kept = indices.rank - 1;
  const int slice = data.rank - batch - depth;
  STINT_TRY(CheckInt("rank of indices and slices", kept + slice, 0, kMaxRank));
  Dim* out = std::copy_n(indices.extents, kept, result->extents);
  std::copy_n(data.extents + batch + depth, slice, out);
  result->rank = kept + slice;
  return {};
}

Status Infer(const OpShapes& op, DimContext& dims, std::span<TensorShape> results) {
  const auto& attributes = *static_cast<const GatherAttributes*>(op.attributes);
  const TensorShape& data = op.operands[0];
  const TensorShape& indices = op.operands[1];
  STINT_TRY(CheckIndexDType(indices));
  if (attributes.mode != GatherMode::kNd) {
    STINT_TRY(CheckInt("batch_dims", attributes.batch_dims, 0, 0));
  }
  results[0].dtype = data.dtype;
  switch (attributes.mode) {
    case GatherMode::kAxis:
      return InferAxis(attributes, data, indices, &results[0]);
    case GatherMode::kElements:
      STINT_TRY(CheckElementsIndices(data, indices, attributes.axis, dims));
      results[0].rank = indices.rank;
      std::copy_n(indices.extents, indices.rank, results[0].extents);
      return {};
    case GatherMode::kNd:
      return InferNd(attributes, data, indices, dims, &results[0]);
  }
  return {};
}

// result[before, at, after] = data[before, indices[at], after]. The walk covers the result; the
// strides say what each of its axes moves in data and in indices.
Status GatherAxis(const OpTensors& op) {
  const int axis = static_cast<int>(op.as<GatherAttributes>().axis);
  const TensorView& data = op.operands[0];
  const TensorView& indices = op.operands[1];
  const TensorView& y = op.results[0];
  int64_t data_strides[kMaxRank] = {};
  int64_t index_strides[kMaxRank] = {};
  std::copy_n(data.strides, axis, data_strides);
  std::copy_n(indices.strides, indices.rank, index_strides + axis);
  std::copy(data.strides + axis + 1, data.strides + data.rank, data_strides + axis + indices.rank);
  for (Walk<3> walk(y.rank, y.extents, {y.strides, data_strides, index_strides}); !walk.done();
       walk.Next()) {
    int64_t index = 0;
    STINT_TRY(ReadIndex(indices, walk.offset(2), axis, data.extents[axis], &index));
    MoveElement(data.data, walk.offset(1) + index * data.strides[axis], y.data, walk.offset(0),
                BytesOf(data.dtype));
  }
  return {};
}

Status GatherElements(const OpTensors& op) {
  const int axis = static_cast<int>(op.as<GatherAttributes>().axis);
  const TensorView& data = op.operands[0];
  const TensorView& indices = op.operands[1];
  const TensorView& y = op.results[0];
  int64_t data_strides[kMaxRank];
  std::copy_n(data.strides, kMaxRank, data_strides);
  data_strides[axis] = 0;
  for (Walk<3> walk(y.rank, y.extents, {y.strides, data_strides, indices.strides}); !walk.done();
       walk.Next()) {
    int64_t index = 0;
    STINT_TRY(ReadIndex(indices, walk.offset(2), axis, data.extents[axis], &index));
    MoveElement(data.data, walk.offset(1) + index * data.strides[axis], y.data, walk.offset(0),
                BytesOf(data.dtype));
  }
  return {};
}

Status GatherNd(const OpTensors& op) {
  const auto batch = static_cast<int>(op.as<GatherAttributes>().batch_dims);
  const TensorView& data = op.operands[0];
  const TensorView& indices = op.operands[1];
  const TensorView& y = op.results[0];
  const int kept = indices.rank - 1;
  const auto depth = static_cast<int>(indices.extents[kept]);
  int64_t data_strides[kMaxRank] = {};
  int64_t index_strides[kMaxRank] = {};
  std::copy_n(data.strides, batch, data_strides);
  std::copy(data.strides + batch + depth, data.strides + data.rank, data_strides + kept);
  std::copy_n(indices.strides, kept, index_strides);
  for (Walk<3> walk(y.rank, y.extents, {y.strides, data_strides, index_strides}); !walk.done();
       walk.Next()) {
    int64_t offset = walk.offset(1);
    STINT_TRY(AddNdIndex(indices, walk.offset(2), data, batch, &offset));
    MoveElement(data.data, offset, y.data, walk.offset(0), BytesOf(data.dtype));
  }
  return {};
}

Status Run(const OpTensors& op) {
  switch (op.as<GatherAttributes>().mode) {
    case GatherMode::kAxis:
      return GatherAxis(op);
    case GatherMode::kElements:
      return GatherElements(op);
    case GatherMode::kNd:
      return GatherNd(op);
  }
  return {};
}

}  // namespace

constinit const OpInfo kGatherOp = {
    .kind = OpKind::kGather,
    .name = "Gather",
    .summary = "Picks elements, rows or slices by tensors of indices.",
    .fields = kFields,
    .attributes_size = sizeof(GatherAttributes),
    .construct = ConstructAttributes<GatherAttributes>,
    .required_operands = 2,
    .core_operands = 2,
    .variadic = false,
    .core_results = 1,
    .strided_operands = 1,
    .keeps_precision = false,
    .prologue = nullptr,
    .epilogue = &kFields[3],
    .infer = Infer,
    .reference = Run,
};

}  // namespace stint
