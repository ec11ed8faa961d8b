// Codes, element types, dense views.
#include "runtime/abi/arguments.h"
#include "runtime/base/dtype.h"
#include "runtime/ops/tensor.h"

using stint::Code;
using stint::DType;

static_assert(STINT_ERROR_INVALID == static_cast<int>(Code::kInvalid));
static_assert(STINT_ERROR_UNSUPPORTED == static_cast<int>(Code::kUnsupported));
static_assert(STINT_ERROR_UNAVAILABLE == static_cast<int>(Code::kUnavailable));
static_assert(STINT_ERROR_LIMIT == static_cast<int>(Code::kLimit));
static_assert(STINT_ERROR_IO == static_cast<int>(Code::kIo));
static_assert(STINT_ERROR_CANCELLED == static_cast<int>(Code::kCancelled));
static_assert(STINT_ERROR_DEADLINE == static_cast<int>(Code::kDeadline));
static_assert(STINT_ERROR_INTERNAL == static_cast<int>(Code::kInternal));
static_assert(STINT_FLOAT32 == static_cast<int>(DType::kFloat32));
static_assert(STINT_BFLOAT16 == static_cast<int>(DType::kBFloat16));
static_assert(STINT_INT64 == static_cast<int>(DType::kInt64));
static_assert(STINT_UINT64 == static_cast<int>(DType::kUInt64));
static_assert(STINT_BOOL == static_cast<int>(DType::kBool));
static_assert(STINT_FLOAT8E8M0 == static_cast<int>(DType::kFloat8E8M0));
static_assert(STINT_UINT2 == static_cast<int>(DType::kUInt2));
static_assert(STINT_STRING == static_cast<int>(DType::kString));
static_assert(STINT_STRING + 1 == stint::kDTypeCount);
static_assert(STINT_MAX_RANK == stint::kMaxRank);

namespace {

DType DTypeOf(stint_dtype dtype) {
  const bool known = dtype >= 0 && dtype < stint::kDTypeCount;
  return known ? static_cast<DType>(dtype) : DType::kNone;
}

}  // namespace

extern "C" {

const char* stint_version(void) { return STINT_VERSION; }

const char* stint_code_name(stint_code code) {
  const bool fits = code >= 0 && code <= UINT8_MAX;
  return stint::CodeName(fits ? static_cast<Code>(code) : Code::kInternal);
}

const char* stint_dtype_name(stint_dtype dtype) { return stint::NameOf(DTypeOf(dtype)); }

size_t stint_dtype_size(stint_dtype dtype) {
  return static_cast<size_t>(stint::BytesOf(DTypeOf(dtype)));
}

stint_tensor stint_dense(stint_dtype dtype, int32_t rank, const int64_t* shape, void* data) {
  stint_tensor tensor = {};
  tensor.data = data;
  tensor.dtype = dtype;
  tensor.rank = rank;
  if (shape == nullptr && rank > 0) tensor.rank = -1;
  if (tensor.rank <= 0 || rank > STINT_MAX_RANK) return tensor;
  // Products wrap: calls that take the view check its extents.
  auto stride = static_cast<uint64_t>(stint_dtype_size(dtype));
  for (int32_t axis = rank - 1; axis >= 0; --axis) {
    tensor.shape[axis] = shape[axis];
    tensor.strides[axis] = static_cast<int64_t>(stride);
    stride *= static_cast<uint64_t>(shape[axis]);
  }
  return tensor;
}

}  // extern "C"
