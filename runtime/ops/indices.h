// Index operands, as Gather and Scatter have them: int32 or int64, negative ones count from the
// end, others outside the axis are errors of the data.
#ifndef STINT_RUNTIME_OPS_INDICES_H_
#define STINT_RUNTIME_OPS_INDICES_H_

#include <cstdint>

#include "runtime/base/status.h"
#include "runtime/ops/tensor.h"

namespace stint {

Status CheckIndexDType(const TensorShape& indices);

// One index an element along `axis`: the rank of data, no larger than data on the other axes.
Status CheckElementsIndices(const TensorShape& data, const TensorShape& indices, int64_t axis,
                            DimContext& dims);

// The last axis of indices addresses `*depth` axes of data after `batch` common ones.
Status CheckNdIndices(const TensorShape& data, const TensorShape& indices, int batch,
                      DimContext& dims, int* depth);

// The index at `offset` of `indices` into an axis of `extent` elements. kInvalid: out of range.
Status ReadIndex(const TensorView& indices, int64_t offset, int axis, int64_t extent,
                 int64_t* index);

// Adds to `*offset` what the index tuple at `at` of `indices` means in `data` after `batch` axes.
Status AddNdIndex(const TensorView& indices, int64_t at, const TensorView& data, int batch,
                  int64_t* offset);

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_INDICES_H_
