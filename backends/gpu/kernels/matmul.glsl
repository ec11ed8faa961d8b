// y = a * b + bias over a batch: one workgroup a tile of 32 x 32 results (see gemm.glsl).
//
// Parameters: bases of a, b, bias, y; batches, rows, columns, depth; strides of a along rows and
// depth, of b along depth and columns, of the bias along columns, of y along rows and columns;
// whether neighbouring invocations read a along the depth, and b along the depth; then 6 each:
// batch extents, batch strides of a, b and y.
#include "walk.glsl"
#include "epilogue.glsl"
#include "gemm.glsl"

SPECIALIZATION(0, kBatchRank)
SPECIALIZATION(1, kHasBias)

#define BATCH_EXTENTS 17u

// An element of a tile; 0 outside the tensor.
#define LOAD_A(row, step)                                                                \
  ((row) < rows && (step) < depth                                                        \
       ? LOAD(a, a_base + (row) * a_row_stride + (step) * a_step_stride)                \
       : 0.0f)
#define LOAD_B(step, column)                                                             \
  ((column) < columns && (step) < depth                                                  \
       ? LOAD(b, b_base + (step) * b_step_stride + (column) * b_column_stride)         \
       : 0.0f)
#define LOAD_BIAS(column) \
  ((column) < columns ? LOAD(bias, PARAMETER(2u) + (column) * PARAMETER(12u)) : 0.0f)
#define STORE_SUM(row, column, sum)                                                      \
  if ((row) < rows && (column) < columns) {                                              \
    STORE(y, y_base + (row) * PARAMETER(13u) + (column) * PARAMETER(14u),                \
          epilogue(sum, (batch * rows + (row)) * columns + (column)));                   \
  }
#define STORE_ROW(row, sums)             \
  STORE_SUM(row, column, sums.x)         \
  STORE_SUM(row, column + 1u, sums.y)    \
  STORE_SUM(row, column + 2u, sums.z)    \
  STORE_SUM(row, column + 3u, sums.w)

KERNEL_BEGIN(64)
READS(1, a)
READS(2, b)
READS(3, bias)
WRITES(4, y)
KERNEL_SHARED
SHARED(VEC4, a_tile, TILE_VECTORS)
SHARED(VEC4, b_tile, TILE_VECTORS)
KERNEL_BODY
  const uint rows = PARAMETER(5u);
  const uint columns = PARAMETER(6u);
  const uint depth = PARAMETER(7u);
  const uint tile_rows = (rows + TILE - 1u) / TILE;
  const uint tile_columns = (columns + TILE - 1u) / TILE;
  const uint group = GROUP_INDEX;
  const uint batch = group / (tile_rows * tile_columns);
  if (batch >= PARAMETER(4u)) return;
  const uint first_row = group / tile_columns % tile_rows * TILE;
  const uint first_column = group % tile_columns * TILE;
  const uint row = first_row + LOCAL_INDEX / TILE_QUADS * 4u;
  const uint column = first_column + LOCAL_INDEX % TILE_QUADS * 4u;

  VEC4 sums_0 = MAKE_VEC4(0.0f, 0.0f, 0.0f, 0.0f);
  if (kHasBias != 0u) {
    sums_0 = MAKE_VEC4(LOAD_BIAS(column), LOAD_BIAS(column + 1u), LOAD_BIAS(column + 2u),
                       LOAD_BIAS(column + 3u));
  }
  VEC4 sums_1 = sums_0;
  VEC4 sums_2 = sums_0;
  VEC4 sums_3 = sums_0;

  const uint a_row_stride = PARAMETER(8u);
  const uint a_step_stride = PARAMETER(9u);
  const uint b_step_stride = PARAMETER(10u);
  const uint b_column_stride = PARAMETER(11u);
  uint a_base = PARAMETER(0u);
  uint b_base = PARAMETER(1u);
  ADD_STRIDED(a_base, batch, kBatchRank, BATCH_EXTENTS, BATCH_EXTENTS + 6u)
  ADD_STRIDED(b_base, batch, kBatchRank, BATCH_EXTENTS, BATCH_EXTENTS + 12u)
  const bool a_along_depth = PARAMETER(15u) != 0u;
  const bool b_along_depth = PARAMETER(16u) != 0u;
  for (uint first_step = 0u; first_step < depth; first_step += TILE_DEPTH) {
    for (uint at = LOCAL_INDEX; at < TILE_QUADS * TILE_DEPTH; at += INVOCATIONS) {
      const uint a_step = a_along_depth ? at % TILE_DEPTH : at / TILE_QUADS;
      const uint a_quad = a_along_depth ? at / TILE_DEPTH : at % TILE_QUADS;
      const uint a_row = first_row + a_quad * 4u;
      const uint a_at = first_step + a_step;
      a_tile[a_step * TILE_PITCH + a_quad] =
          MAKE_VEC4(LOAD_A(a_row, a_at), LOAD_A(a_row + 1u, a_at), LOAD_A(a_row + 2u, a_at),
                    LOAD_A(a_row + 3u, a_at));
      const uint b_step = b_along_depth ? at % TILE_DEPTH : at / TILE_QUADS;
      const uint b_quad = b_along_depth ? at / TILE_DEPTH : at % TILE_QUADS;
      const uint b_column = first_column + b_quad * 4u;
      const uint b_at = first_step + b_step;
      b_tile[b_step * TILE_PITCH + b_quad] =
          MAKE_VEC4(LOAD_B(b_at, b_column), LOAD_B(b_at, b_column + 1u),
                    LOAD_B(b_at, b_column + 2u), LOAD_B(b_at, b_column + 3u));
    }
    BARRIER;
    MULTIPLY_TILES(a_tile, b_tile)
    BARRIER;
  }

  uint y_base = PARAMETER(3u);
  ADD_STRIDED(y_base, batch, kBatchRank, BATCH_EXTENTS, BATCH_EXTENTS + 18u)
  STORE_ROW(row, sums_0)
  STORE_ROW(row + 1u, sums_1)
  STORE_ROW(row + 2u, sums_2)
  STORE_ROW(row + 3u, sums_3)
KERNEL_END
