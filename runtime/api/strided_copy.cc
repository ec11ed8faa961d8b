#include "runtime/api/strided_copy.h"

#include <algorithm>
#include <cstring>

#include "runtime/base/checked.h"

namespace stint::abi {

namespace {

// Addresses as numbers: what a caller's strides add up to is never computed as a pointer.
struct Walk {
  int rank = 0;
  int64_t extents[kMaxRank] = {};
  uintptr_t from_strides[kMaxRank] = {};
  uintptr_t to_strides[kMaxRank] = {};
};

template <size_t kBytes>
void CopyRow(uintptr_t from, uintptr_t from_stride, uintptr_t to, uintptr_t to_stride,
             int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    // Numbers, as the step past the last element may lead anywhere.
    // NOLINTNEXTLINE(performance-no-int-to-ptr)
    std::memcpy(reinterpret_cast<void*>(to), reinterpret_cast<const void*>(from), kBytes);
    from += from_stride;
    to += to_stride;
  }
}

template <size_t kBytes>
void CopyAll(const Walk& walk, uintptr_t from, uintptr_t to) {
  int64_t at[kMaxRank] = {};
  const int last = walk.rank - 1;
  for (;;) {
    CopyRow<kBytes>(from, walk.from_strides[last], to, walk.to_strides[last], walk.extents[last]);
    int axis = last - 1;
    for (; axis >= 0; --axis) {
      from += walk.from_strides[axis];
      to += walk.to_strides[axis];
      if (++at[axis] < walk.extents[axis]) break;
      at[axis] = 0;
      from -= walk.from_strides[axis] * static_cast<uintptr_t>(walk.extents[axis]);
      to -= walk.to_strides[axis] * static_cast<uintptr_t>(walk.extents[axis]);
    }
    if (axis < 0) return;
  }
}

void Copy(const Walk& walk, const void* from, void* to, int64_t width) {
  const auto source = reinterpret_cast<uintptr_t>(from);
  const auto target = reinterpret_cast<uintptr_t>(to);
  switch (width) {
    case 1:
      return CopyAll<1>(walk, source, target);
    case 2:
      return CopyAll<2>(walk, source, target);
    case 4:
      return CopyAll<4>(walk, source, target);
    case 8:
      return CopyAll<8>(walk, source, target);
    default:
      return CopyAll<16>(walk, source, target);
  }
}

// One axis at least, so that there is a row.
Walk WalkOf(const TensorView& shape) {
  Walk walk;
  walk.rank = std::max(shape.rank, 1);
  walk.extents[0] = 1;
  std::copy_n(shape.extents, shape.rank, walk.extents);
  return walk;
}

void SetStrides(const TensorView& dense, uintptr_t* strides) {
  for (int axis = 0; axis < dense.rank; ++axis) {
    strides[axis] = static_cast<uintptr_t>(dense.strides[axis] * BytesOf(dense.dtype));
  }
}

void SetStrides(const stint_tensor& tensor, uintptr_t* strides) {
  for (int axis = 0; axis < tensor.rank; ++axis) {
    strides[axis] = static_cast<uintptr_t>(tensor.strides[axis]);
  }
}

}  // namespace

Status ReadShape(const char* where, const stint_tensor& tensor, TensorView* view) {
  *view = {};
  if (tensor.dtype == STINT_NONE) return {};
  if (tensor.dtype < 0 || tensor.dtype >= kDTypeCount) {
    return Error(Code::kInvalid, where, "found dtype %d, allowed one of stint_dtype", tensor.dtype);
  }
  if (tensor.dtype == STINT_STRING) {
    return Error(Code::kUnsupported, where, "found strings, allowed numbers");
  }
  if (tensor.rank < 0 || tensor.rank > kMaxRank) {
    return Error(Code::kInvalid, where, "found rank %d, allowed 0 to %d", tensor.rank, kMaxRank);
  }
  view->dtype = static_cast<DType>(tensor.dtype);
  view->rank = tensor.rank;
  int64_t bytes = BytesOf(view->dtype);
  for (int axis = 0; axis < tensor.rank; ++axis) {
    const int64_t extent = tensor.shape[axis];
    if (extent < 0) {
      return Error(Code::kInvalid, where, "found extent %lld on axis %d, allowed 0 and up",
                   static_cast<long long>(extent), axis);
    }
    if (!CheckedMul(bytes, std::max<int64_t>(extent, 1), &bytes)) {
      return Error(Code::kLimit, where, "found a tensor beyond 2^63 bytes, allowed smaller ones");
    }
    view->extents[axis] = extent;
  }
  DenseStrides(view->rank, view->extents, view->strides);
  return {};
}

bool UsableInPlace(const stint_tensor& tensor, const TensorView& shape) {
  if (ElementCount(shape) == 0) return true;
  const int64_t width = BytesOf(shape.dtype);
  for (int axis = 0; axis < shape.rank; ++axis) {
    if (shape.extents[axis] != 1 && tensor.strides[axis] != shape.strides[axis] * width) {
      return false;
    }
  }
  return reinterpret_cast<uintptr_t>(tensor.data) %
             static_cast<uint64_t>(std::min<int64_t>(width, 8)) ==
         0;
}

void CopyFromStrided(const stint_tensor& from, const TensorView& shape, void* to) {
  if (ElementCount(shape) == 0) return;
  Walk walk = WalkOf(shape);
  SetStrides(from, walk.from_strides);
  SetStrides(shape, walk.to_strides);
  Copy(walk, from.data, to, BytesOf(shape.dtype));
}

void CopyToStrided(const void* from, const TensorView& shape, const stint_tensor& to) {
  if (ElementCount(shape) == 0) return;
  Walk walk = WalkOf(shape);
  SetStrides(shape, walk.from_strides);
  SetStrides(to, walk.to_strides);
  Copy(walk, from, to.data, BytesOf(shape.dtype));
}

}  // namespace stint::abi
