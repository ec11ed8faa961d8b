// Tensors as ops see them: a shape of Dims while compiling, integers and an address when running.
#ifndef STINT_RUNTIME_OPS_TENSOR_H_
#define STINT_RUNTIME_OPS_TENSOR_H_

#include <cstdint>

#include "runtime/base/dim.h"
#include "runtime/base/dtype.h"

namespace stint {

inline constexpr int kMaxRank = 8;

// Dtype and extents of an operand or result. An absent optional operand has dtype kNone.
struct TensorShape {
  DType dtype = DType::kNone;
  int rank = 0;
  Dim extents[kMaxRank];

  bool present() const { return dtype != DType::kNone; }
};

// The product of the extents; 1 for rank 0.
Dim ElementCount(const TensorShape& shape, DimContext& dims);

// A tensor in memory. Strides are in elements, may be 0 (broadcast) or negative; `data` points at
// the element whose coordinates are all 0. Nothing is owned. An absent operand has dtype kNone.
struct TensorView {
  void* data = nullptr;
  DType dtype = DType::kNone;
  int rank = 0;
  int64_t extents[kMaxRank] = {};
  int64_t strides[kMaxRank] = {};

  bool present() const { return dtype != DType::kNone; }
  template <typename T>
  T* as() const {
    return static_cast<T*>(data);
  }
};

// The product of the extents; they were checked to fit when the plan was bound.
int64_t ElementCount(const TensorView& view);
// Whether elements lie in row-major order without gaps. Axes of extent 1 may have any stride.
bool IsDense(const TensorView& view);
// The row-major strides of `rank` extents.
void DenseStrides(int rank, const int64_t* extents, int64_t* strides);

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_TENSOR_H_
