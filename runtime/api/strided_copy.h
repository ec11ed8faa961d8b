// Copies elements between views of any byte strides: a caller's tensor and memory of the session.
#ifndef STINT_RUNTIME_API_STRIDED_COPY_H_
#define STINT_RUNTIME_API_STRIDED_COPY_H_

#include "runtime/ops/tensor.h"
#include "stint/stint.h"

namespace stint::abi {

// What a caller's view is to the session: the same elements; dense strides, whatever the view's
// are. kInvalid: no dtype, rank or extents that a tensor can have; kUnsupported: strings. An absent
// one is dtype kNone.
Status ReadShape(const char* where, const stint_tensor& tensor, TensorView* view);

// Whether the view's elements lie as dense ones do, at an address that kernels can use.
bool UsableInPlace(const stint_tensor& tensor, const TensorView& shape);

// Row-major elements of `shape` to and from a view of it. The address of every element is the
// caller's word.
void CopyFromStrided(const stint_tensor& from, const TensorView& shape, void* to);
void CopyToStrided(const void* from, const TensorView& shape, const stint_tensor& to);

}  // namespace stint::abi

#endif  // STINT_RUNTIME_API_STRIDED_COPY_H_
