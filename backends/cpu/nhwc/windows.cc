#include "backends/cpu/nhwc/windows.h"

#include <algorithm>

namespace stint::cpu {

namespace {

// The most further output rows of a tile, times the largest stride that has such tiles.
constexpr int kFurtherRows = 8;

// Fills pointers to the `count` input rows that taps of output line `line` and those after it meet;
// nullptr outside.
void FindRows(const ConvShape& shape, const WindowData& data, int64_t column, int64_t line,
              int count, const float** rows) {
  const int64_t first = line * shape.stride_y - shape.pad_top;
  for (int i = 0; i < count; ++i) {
    const int64_t y = first + static_cast<int64_t>(i) * shape.dilation_y;
    const bool inside = y >= 0 && y < shape.height;
    rows[i] = inside ? data.x + PlaceOfLine(y, data.x_ring) * shape.line + column : nullptr;
  }
}

DepthwiseTile DepthwiseTileOf(const ConvShape& shape, const WindowData& data, IndexRange panels) {
  DepthwiseTile tile = {};
  tile.column = panels.begin * kPanel;
  tile.width = shape.width;
  tile.pixel = shape.pixel;
  tile.channels = std::min(panels.end * kPanel, shape.channels) - tile.column;
  tile.kernel_height = shape.kernel_height;
  tile.kernel_width = shape.kernel_width;
  tile.stride_y = shape.stride_y;
  tile.stride_x = shape.stride_x;
  tile.dilation_y = shape.dilation_y;
  tile.dilation_x = shape.dilation_x;
  tile.pad_left = shape.pad_left;
  tile.weights = data.weights + tile.column * shape.kernel_height * shape.kernel_width;
  tile.finish = data.finish;
  tile.residual_pixel = data.residual_pixel;
  tile.residual_line = shape.out_width * data.residual_pixel;
  tile.output_pixel = shape.out_pixel;
  tile.output_line = shape.out_width * shape.out_pixel;
  tile.x_end = shape.out_width;
  return tile;
}

// How many taps of output `line` lie in [begin, end).
int64_t TapsWithin(const ConvShape& shape, int64_t line, int64_t begin, int64_t end) {
  int64_t taps = 0;
  for (int i = 0; i < shape.kernel_height; ++i) {
    const int64_t y =
        line * shape.stride_y - shape.pad_top + static_cast<int64_t>(i) * shape.dilation_y;
    taps += y >= begin && y < end ? 1 : 0;
  }
  return taps;
}

}  // namespace

void DepthwiseNhwc(const SpatialKernels& kernels, const ConvShape& shape, const WindowData& data,
                   IndexRange lines, IndexRange panels) {
  if (panels.size() <= 0) return;
  const float* rows[kMaxKernelRows + kFurtherRows];
  DepthwiseTile tile = DepthwiseTileOf(shape, data, panels);
  tile.rows = rows;
  const int most = kernels.depthwise_rows(tile);
  for (int64_t line = lines.begin; line < lines.end;) {
    int count = most;
    while (count > lines.end - line) count /= 2;
    FindRows(shape, data, tile.column, line, (count - 1) * shape.stride_y + shape.kernel_height,
             rows);
    const int64_t place = line - data.first_line;
    tile.output = data.y + place * tile.output_line + tile.column;
    if (data.residual != nullptr) {
      tile.residual = data.residual + place * tile.residual_line + tile.column;
    }
    kernels.depthwise(count, tile);
    line += count;
  }
}

void PoolNhwc(const SpatialKernels& kernels, const PoolShape& shape, const WindowData& data,
              IndexRange lines, IndexRange panels) {
  const ConvShape& window = shape.window;
  if (panels.size() <= 0) return;
  const bool pads = shape.count_include_pad;
  const float* rows[kMaxKernelRows];
  const int64_t column = panels.begin * kPanel;
  PoolTile tile = {};
  tile.rows = rows;
  tile.width = window.width;
  tile.pixel = window.pixel;
  tile.channels = std::min(panels.end * kPanel, window.channels) - column;
  tile.kernel_height = window.kernel_height;
  tile.kernel_width = window.kernel_width;
  tile.stride_x = window.stride_x;
  tile.dilation_x = window.dilation_x;
  tile.pad_left = window.pad_left;
  tile.maximum = shape.maximum;
  tile.count_begin = pads ? -window.pad_left : 0;
  tile.count_end = window.width + (pads ? shape.pad_right : 0);
  tile.output_pixel = window.out_pixel;
  tile.x_end = window.out_width;
  for (int64_t line = lines.begin; line < lines.end; ++line) {
    FindRows(window, data, column, line, window.kernel_height, rows);
    tile.counted_rows = TapsWithin(window, line, pads ? -window.pad_top : 0,
                                   window.height + (pads ? shape.pad_bottom : 0));
    tile.output = data.y + (line - data.first_line) * window.out_width * window.out_pixel + column;
    kernels.pool(tile);
  }
}

}  // namespace stint::cpu
