#include "runtime/ops/indices.h"

#include <algorithm>

#include "runtime/ops/elements.h"
#include "runtime/ops/shape_checks.h"

namespace stint {

Status CheckIndexDType(const TensorShape& indices) {
  if (indices.dtype == DType::kInt32 || indices.dtype == DType::kInt64) return {};
  return WrongDType("indices", indices.dtype, "int32 and int64");
}

Status CheckElementsIndices(const TensorShape& data, const TensorShape& indices, int64_t axis,
                            DimContext& dims) {
  STINT_TRY(CheckInt("axis", axis, 0, data.rank - 1));
  STINT_TRY(CheckRank("indices", indices, data.rank, data.rank));
  for (int i = 0; i < data.rank; ++i) {
    if (i == axis || data.extents[i] == indices.extents[i]) continue;
    dims.Require(dims.Less(data.extents[i], indices.extents[i]), 0,
                 "indices no larger than data off the axis");
  }
  return {};
}

Status CheckNdIndices(const TensorShape& data, const TensorShape& indices, int batch,
                      DimContext& dims, int* depth) {
  STINT_TRY(CheckInt("rank of indices", indices.rank, 1, kMaxRank));
  STINT_TRY(CheckInt("batch_dims", batch, 0, std::min(data.rank, indices.rank) - 1));
  for (int axis = 0; axis < batch; ++axis) {
    dims.Require(data.extents[axis], indices.extents[axis], "batch extents of data and indices");
  }
  const Dim last = indices.extents[indices.rank - 1];
  if (!last.is_constant()) {
    return Error(Code::kUnsupported, "indices", "found an unknown last extent, allowed a constant");
  }
  STINT_TRY(CheckInt("last extent of indices", last.constant(), 1, data.rank - batch));
  *depth = static_cast<int>(last.constant());
  return {};
}

Status ReadIndex(const TensorView& indices, int64_t offset, int axis, int64_t extent,
                 int64_t* index) {
  const int64_t found = LoadIndex(indices, offset);
  *index = found < 0 ? found + extent : found;
  if (*index >= 0 && *index < extent) return {};
  return Error(Code::kInvalid, "indices", "found index %lld on axis %d, allowed %lld to %lld",
               static_cast<long long>(found), axis, static_cast<long long>(-extent),
               static_cast<long long>(extent - 1));
}

Status AddNdIndex(const TensorView& indices, int64_t at, const TensorView& data, int batch,
                  int64_t* offset) {
  const int last = indices.rank - 1;
  for (int i = 0; i < indices.extents[last]; ++i) {
    const int axis = batch + i;
    int64_t index = 0;
    STINT_TRY(ReadIndex(indices, at + i * indices.strides[last], axis, data.extents[axis], &index));
    *offset += index * data.strides[axis];
  }
  return {};
}

}  // namespace stint
