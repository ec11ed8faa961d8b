// How the elements of a constant lie in memory. The list is closed and its numbers are stored in
// plans: a form is added here, with Pack and Unpack beside it, and never changes its meaning.
//
// Panels hold 16 channels whatever the instruction set: a vector of AVX-512, two of AVX2, four of
// NEON. Channels that a last panel has too many are zeros, so that kernels read whole panels.
#ifndef STINT_RUNTIME_OPS_LAYOUTS_LAYOUT_H_
#define STINT_RUNTIME_OPS_LAYOUTS_LAYOUT_H_

#include <cstdint>

#include "runtime/base/result.h"
#include "runtime/ops/tensor.h"

namespace stint {

enum class Layout : uint8_t {
  // Row-major, of any shape and dtype.
  kDense = 0,
  // Of weights [M, C, k...] or a matrix [N, K]: [ceil(M / 16)][taps * C][16], taps outermost.
  kPanel16 = 1,
  // Of weights [C, 1, k...]: [ceil(C / 16)][taps][16].
  kDepthwise16 = 2,
  // Of float32 weights [M, C, 3, 3]: [(m + 2)^2][ceil(M / 16)][C][16], each kernel transformed for
  // Winograd's method with tiles of m x m outputs. Rounded, so that nothing gives the kernels back:
  // only an extra form beside another one.
  kWinograd2 = 3,
  kWinograd4 = 4,
};

inline constexpr int kLayoutCount = 5;
inline constexpr int64_t kPanelChannels = 16;

// "dense", "panel16", "depthwise16", "winograd2", "winograd4".
const char* LayoutName(Layout layout);

// Whether Unpack can give the tensor back.
inline constexpr bool IsReversible(Layout layout) { return layout <= Layout::kDepthwise16; }

// Bytes of a tensor in `layout`. kInvalid: the layout does not fit the shape (rank, a second extent
// that is not 1, kernels that are not 3 x 3) or the dtype (panels: elements of 2 or 4 bytes;
// Winograd: float32). kLimit: they do not fit an int64.
Result<int64_t> PackedBytes(Layout layout, DType dtype, int rank, const int64_t* extents);

// Writes PackedBytes at `packed` from a tensor with any strides, such as a matrix [N, K] that lies
// as [K, N]. Errors as PackedBytes.
Status Pack(Layout layout, const TensorView& from, void* packed);

// The inverse of Pack: writes all elements of `to` and drops the padding. kInvalid too: a layout
// that is not reversible.
Status Unpack(Layout layout, const void* packed, const TensorView& to);

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_LAYOUTS_LAYOUT_H_
