#include "backends/cpu/kernels/plane_window.h"

#include <algorithm>
#include <cstring>

#include "backends/cpu/micro/kernels.h"

namespace stint::cpu {

namespace {

constexpr int64_t kBlockFloats = 8192;
constexpr int64_t kLargestBlockFloats = 1 << 22;

}  // namespace

PlaneWindow MakePlaneWindow(const TensorView& x, const TensorView& y, const int64_t* kernel,
                            const IntList& strides, const IntList& dilations,
                            const LongDimList& pads) {
  PlaneWindow window;
  const int spatial = x.rank - 2;
  const int last = spatial - 1;
  window.width = x.extents[x.rank - 1];
  window.out_width = y.extents[y.rank - 1];
  window.kernel_width = kernel[last];
  window.stride_x = strides[last];
  window.dilation_x = dilations[last];
  window.pad_left = pads[last].constant();
  if (spatial == 1) return window;
  window.height = x.extents[x.rank - 2];
  window.out_height = y.extents[y.rank - 2];
  window.kernel_height = kernel[last - 1];
  window.stride_y = strides[last - 1];
  window.dilation_y = dilations[last - 1];
  window.pad_top = pads[last - 1].constant();
  return window;
}

DepthWindow MakeDepthWindow(const TensorView& x, const TensorView& y, const int64_t* kernel,
                            const IntList& strides, const IntList& dilations,
                            const LongDimList& pads) {
  if (x.rank < 5) return {};
  return {x.extents[2], y.extents[2], kernel[0], strides[0], dilations[0], pads[0].constant()};
}

PaddedBlock MakePaddedBlock(const PlaneWindow& window) {
  PaddedBlock block;
  const int64_t reach_y = (window.kernel_height - 1) * window.dilation_y + 1;
  const int64_t reach_x = (window.kernel_width - 1) * window.dilation_x + 1;
  block.in_columns = (window.out_width + kRowSlack - 1) * window.stride_x + reach_x;
  const int64_t room = kBlockFloats / block.in_columns - reach_y;
  block.out_rows = std::clamp<int64_t>(room / window.stride_y + 1, 1, window.out_height);
  block.in_rows = (block.out_rows - 1) * window.stride_y + reach_y;
  return block;
}

bool FitsPaddedBlock(const PlaneWindow& window) {
  const auto reach_y =
      static_cast<double>(window.kernel_height) * static_cast<double>(window.dilation_y);
  const auto reach_x =
      static_cast<double>(window.kernel_width) * static_cast<double>(window.dilation_x);
  const double columns =
      static_cast<double>(window.out_width + kRowSlack) * static_cast<double>(window.stride_x) +
      reach_x;
  return reach_y * columns <= static_cast<double>(kLargestBlockFloats);
}

void CopyPadded(const PlaneWindow& window, const PaddedBlock& block, const float* plane,
                int64_t row, int64_t row_end, float fill, float* to) {
  const int64_t reach_y = (window.kernel_height - 1) * window.dilation_y + 1;
  const int64_t rows = (row_end - row - 1) * window.stride_y + reach_y;
  // Columns [left, right) of the block lie in the plane.
  const int64_t left = std::clamp<int64_t>(window.pad_left, 0, block.in_columns);
  const int64_t right = std::clamp(window.width + window.pad_left, left, block.in_columns);
  for (int64_t i = 0; i < rows; ++i, to += block.in_columns) {
    const int64_t y = row * window.stride_y - window.pad_top + i;
    if (y < 0 || y >= window.height || left == right) {
      std::fill(to, to + block.in_columns, fill);
      continue;
    }
    std::fill(to, to + left, fill);
    std::memcpy(to + left, plane + y * window.width + left - window.pad_left,
                static_cast<size_t>(right - left) * sizeof(float));
    std::fill(to + right, to + block.in_columns, fill);
  }
}

}  // namespace stint::cpu
