// Convolution as a matrix product (see gemm.glsl): rows are the output channels of a group, columns
// its output pixels of all images, the depth runs over input channels and taps. Columns of the
// image are gathered when a tile is filled, so that no unfolded image is ever in memory.
//
// Parameters: bases of x, w, bias, y; images, groups, input channels of a group, output channels of
// a group, stride of w along output channels, stride of the bias; those of window.glsl. A weight's
// input channels and taps lie densely.
#define WINDOW 10u
#include "epilogue.glsl"
#include "gemm.glsl"
#include "window.glsl"

SPECIALIZATION(0, kKernelHeight)
SPECIALIZATION(1, kKernelWidth)
SPECIALIZATION(2, kHasBias)

#define LOAD_BIAS(row) \
  ((row) < rows ? LOAD(bias, PARAMETER(2u) + (channels * rows + (row)) * PARAMETER(9u)) : 0.0f)
// Elements of tiles; 0 outside the tensors.
#define LOAD_W(row, step) \
  ((row) < rows && (step) < depth ? LOAD(w, w_base + (row) * w_stride + (step)) : 0.0f)
#define LOAD_X(k)                                                                                  \
  (channel < in_channels && corner_y.k + tap_y < in_height && corner_x.k + tap_x < in_width        \
       ? LOAD(x, corner.k + channel * channel_stride + tap_y * row_stride + tap_x * column_stride) \
       : 0.0f)
#define STORE_SUM(row, sums, k)                         \
  if ((row) < rows && column.k < columns) {             \
    STORE(y, to.k + (row) * y_channel_stride,           \
          epilogue(sums.k, index.k + (row) * pixels));  \
  }
#define STORE_ROW(row, sums)   \
  STORE_SUM(row, sums, x)      \
  STORE_SUM(row, sums, y)      \
  STORE_SUM(row, sums, z)      \
  STORE_SUM(row, sums, w)

KERNEL_BEGIN(64)
READS(1, x)
READS(2, w)
READS(3, bias)
WRITES(4, y)
KERNEL_SHARED
SHARED(VEC4, w_tile, TILE_VECTORS)
SHARED(VEC4, x_tile, TILE_VECTORS)
KERNEL_BODY
  DECLARE_WINDOW
  const uint in_channels = PARAMETER(6u);
  const uint rows = PARAMETER(7u);
  const uint pixels = out_height * out_width;
  const uint columns = PARAMETER(4u) * pixels;
  const uint depth = in_channels * (kKernelHeight * kKernelWidth);
  const uint tile_rows = (rows + TILE - 1u) / TILE;
  const uint tile_columns = (columns + TILE - 1u) / TILE;
  const uint group = GROUP_INDEX;
  const uint channels = group / (tile_rows * tile_columns);
  if (channels >= PARAMETER(5u)) return;
  const uint first_row = group / tile_columns % tile_rows * TILE;
  const uint first_column = group % tile_columns * TILE;
  const uint row = first_row + LOCAL_INDEX / TILE_QUADS * 4u;

  VEC4 sums_0 = MAKE_VEC4(0.0f, 0.0f, 0.0f, 0.0f);
  VEC4 sums_1 = sums_0;
  VEC4 sums_2 = sums_0;
  VEC4 sums_3 = sums_0;
  if (kHasBias != 0u) {
    sums_0 += LOAD_BIAS(row);
    sums_1 += LOAD_BIAS(row + 1u);
    sums_2 += LOAD_BIAS(row + 2u);
    sums_3 += LOAD_BIAS(row + 3u);
  }

  // The four pixels of which this invocation gathers inputs and computes results.
  const UVEC4 column =
      MAKE_UVEC4(0u, 1u, 2u, 3u) + (first_column + LOCAL_INDEX % TILE_QUADS * 4u);
  const UVEC4 image = column / pixels;
  const UVEC4 pixel = column % pixels;
  UVEC4 corner_y = pixel / out_width * stride_y - pad_y;
  const UVEC4 corner_x = pixel % out_width * stride_x - pad_x;
  const UVEC4 corner = image * image_stride + corner_y * row_stride + corner_x * column_stride +
                       (PARAMETER(0u) + channels * in_channels * channel_stride);
  // Rows that no image has, for pixels that are none.
  if (column.x >= columns) corner_y.x = 0x40000000u;
  if (column.y >= columns) corner_y.y = 0x40000000u;
  if (column.z >= columns) corner_y.z = 0x40000000u;
  if (column.w >= columns) corner_y.w = 0x40000000u;
  const uint w_stride = PARAMETER(8u);
  const uint w_base = PARAMETER(1u) + channels * rows * w_stride;
  for (uint first_step = 0u; first_step < depth; first_step += TILE_DEPTH) {
    for (uint at = LOCAL_INDEX; at < TILE_QUADS * TILE_DEPTH; at += INVOCATIONS) {
      const uint w_step = first_step + at % TILE_DEPTH;
      const uint w_row = first_row + at / TILE_DEPTH * 4u;
      w_tile[at % TILE_DEPTH * TILE_PITCH + at / TILE_DEPTH] =
          MAKE_VEC4(LOAD_W(w_row, w_step), LOAD_W(w_row + 1u, w_step),
                    LOAD_W(w_row + 2u, w_step), LOAD_W(w_row + 3u, w_step));
      const uint x_step = first_step + at / TILE_QUADS;
      const uint channel = x_step / (kKernelHeight * kKernelWidth);
      const uint tap = x_step % (kKernelHeight * kKernelWidth);
      const uint tap_y = tap / kKernelWidth * dilation_y;
      const uint tap_x = tap % kKernelWidth * dilation_x;
      x_tile[at / TILE_QUADS * TILE_PITCH + at % TILE_QUADS] =
          MAKE_VEC4(LOAD_X(x), LOAD_X(y), LOAD_X(z), LOAD_X(w));
    }
    BARRIER;
    MULTIPLY_TILES(w_tile, x_tile)
    BARRIER;
  }

  // Of the first row's results: as the epilogue counts them, and where they lie.
  const UVEC4 index = (image * PARAMETER(5u) + channels) * (rows * pixels) + pixel;
  const UVEC4 to = image * y_image_stride + pixel / out_width * y_row_stride +
                   pixel % out_width * y_column_stride +
                   (PARAMETER(3u) + channels * rows * y_channel_stride);
  STORE_ROW(row, sums_0)
  STORE_ROW(row + 1u, sums_1)
  STORE_ROW(row + 2u, sums_2)
  STORE_ROW(row + 3u, sums_3)
KERNEL_END
