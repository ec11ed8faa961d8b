#include "runtime/ops/tensor.h"

namespace stint {

Dim ElementCount(const TensorShape& shape, DimContext& dims) {
  Dim count = 1;
  for (int axis = 0; axis < shape.rank; ++axis) count = dims.Mul(count, shape.extents[axis]);
  return count;
}

int64_t ElementCount(const TensorView& view) {
  int64_t count = 1;
  for (int axis = 0; axis < view.rank; ++axis) count *= view.extents[axis];
  return count;
}

bool IsDense(const TensorView& view) {
  int64_t expected = 1;
  for (int axis = view.rank - 1; axis >= 0; --axis) {
    if (view.extents[axis] != 1 && view.strides[axis] != expected) return false;
    expected *= view.extents[axis];
  }
  return true;
}

void DenseStrides(int rank, const int64_t* extents, int64_t* strides) {
  int64_t stride = 1;
  for (int axis = rank - 1; axis >= 0; --axis) {
    strides[axis] = stride;
    stride *= extents[axis];
  }
}

}  // namespace stint
