#include "runtime/ops/window.h"

#include <algorithm>
#include <numeric>

#include "runtime/base/text.h"
#include "runtime/ops/shape_checks.h"

namespace stint {

Status CheckWindow(int spatial, const IntList& strides, const IntList& dilations,
                   const LongDimList& pads) {
  if (strides.size != spatial || dilations.size != spatial || pads.size != 2 * spatial) {
    return Error(Code::kInvalid, "window",
                 "found %d strides, %d dilations, %d pads, allowed %d, %d and %d",
                 static_cast<int>(strides.size), static_cast<int>(dilations.size),
                 static_cast<int>(pads.size), spatial, spatial, 2 * spatial);
  }
  for (int axis = 0; axis < spatial; ++axis) {
    STINT_TRY(CheckInt("strides", strides[axis], 1, kMaxWindow));
    STINT_TRY(CheckInt("dilations", dilations[axis], 1, kMaxWindow));
  }
  for (const Dim pad : pads.span()) STINT_TRY(CheckDim("pads", pad, -kMaxWindow, kMaxWindow));
  return {};
}

Dim WindowSpan(Dim kernel, int64_t dilation, DimContext& dims) {
  return dims.Add(dims.Mul(dims.Sub(kernel, 1), dilation), 1);
}

Taps ForwardTaps(int64_t output, int64_t stride, int64_t dilation, int64_t pad, int64_t kernel,
                 int64_t extent) {
  const int64_t base = output * stride - pad;
  const int64_t first = base >= 0 ? 0 : (-base + dilation - 1) / dilation;
  const int64_t end = base >= extent ? 0 : std::min(kernel, (extent - 1 - base) / dilation + 1);
  return {std::max<int64_t>(end - first, 0), base + first * dilation, dilation, first, 1};
}

Taps TransposedTaps(int64_t output, int64_t stride, int64_t dilation, int64_t pad, int64_t kernel,
                    int64_t extent) {
  // Every `period`-th tap meets an input, and those inputs lie `step` apart, descending.
  const int64_t period = stride / std::gcd(stride, dilation);
  const int64_t step = period * dilation / stride;
  const int64_t position = output + pad;
  int64_t first = 0;
  while (first < std::min(period, kernel) && (position - first * dilation) % stride != 0) ++first;
  if (first >= std::min(period, kernel) || position - first * dilation < 0) return {};
  const int64_t input = (position - first * dilation) / stride;
  const int64_t skipped = input < extent ? 0 : (input - extent) / step + 1;
  const int64_t end = std::min(input / step, (kernel - 1 - first) / period) + 1;
  return {std::max<int64_t>(end - skipped, 0), input - skipped * step, -step,
          first + skipped * period, period};
}

}  // namespace stint
