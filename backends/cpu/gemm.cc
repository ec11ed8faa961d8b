#include "backends/cpu/gemm.h"

#include <cstring>

namespace stint::cpu {

namespace {

constexpr float kZero = 0;

}  // namespace

GemmGrid::GemmGrid(const MicroKernels& micro, int64_t rows, int64_t columns, int64_t products,
                   int threads)
    : column_blocks(CeilDivide(columns, BlockColumns(micro))), part_rows(rows) {
  const int64_t blocks = std::max<int64_t>(column_blocks * products, 1);
  if (threads == 1 || blocks >= 4 * threads) return;
  const int64_t tiles = CeilDivide(rows, micro.tile_rows);
  const int64_t wanted = std::min(CeilDivide(2 * threads, blocks), tiles);
  part_rows =
      std::max<int64_t>(CeilDivide(tiles, std::max<int64_t>(wanted, 1)), 1) * micro.tile_rows;
  row_parts = std::max<int64_t>(CeilDivide(rows, part_rows), 1);
}

GemmBlock GemmGrid::Block(const MicroKernels& micro, int64_t rows, int64_t columns,
                          int64_t task) const {
  const int64_t column = task / row_parts * BlockColumns(micro);
  const int64_t row = task % row_parts * part_rows;
  return {row, std::min(row + part_rows, rows), column,
          std::min(column + BlockColumns(micro), columns)};
}

void RunGemmTile(const MicroKernels& micro, const GemmShape& shape, int64_t row, int rows,
                 int64_t column, int64_t columns, int64_t k, int64_t depth, const float* panel) {
  float* const c = shape.c + row * shape.c_row + column;
  GemmTile tile = {};
  tile.depth = depth;
  tile.a = shape.a + row * shape.a_row + k * shape.a_step;
  tile.a_row = shape.a_row;
  tile.a_step = shape.a_step;
  tile.b = panel;
  tile.b_step = micro.tile_columns;
  tile.c = c;
  tile.c_row = shape.c_row;
  if (k > 0) {
    tile.start = c;
    tile.start_row = shape.c_row;
    tile.start_is_vector = true;
  } else if (shape.start == nullptr) {
    tile.start = &kZero;
  } else {
    tile.start = shape.start + row * shape.start_row + column * shape.start_column;
    tile.start_row = shape.start_row;
    tile.start_is_vector = shape.start_column != 0;
  }
  if (columns == micro.tile_columns) return micro.gemm(rows, tile);

  // The tile hangs over the edge of C: it is computed aside.
  float start[kMaxTileRows * kMaxTileColumns] = {};
  float aside[kMaxTileRows * kMaxTileColumns];
  const auto bytes = static_cast<size_t>(columns) * sizeof(float);
  if (tile.start_is_vector) {
    for (int r = 0; r < rows; ++r) {
      std::memcpy(start + r * kMaxTileColumns, tile.start + r * tile.start_row, bytes);
    }
    tile.start = start;
    tile.start_row = kMaxTileColumns;
  }
  tile.c = aside;
  tile.c_row = kMaxTileColumns;
  micro.gemm(rows, tile);
  for (int r = 0; r < rows; ++r) {
    std::memcpy(c + r * shape.c_row, aside + r * kMaxTileColumns, bytes);
  }
}

void StorePanelRow(const MicroKernels& micro, const float* from, int64_t count, int64_t k,
                   int64_t depth, float* panels) {
  const int64_t width = micro.tile_columns;
  float* to = panels + k * width;
  for (int64_t j = 0; j < count; j += width, to += depth * width) {
    const int64_t valid = std::min(width, count - j);
    if (valid == width && width % 16 == 0) {
      // Sizes that are constants are copied by moves.
      for (int64_t i = 0; i < width; i += 16) std::memcpy(to + i, from + j + i, 16 * sizeof(float));
      continue;
    }
    std::memcpy(to, from + j, static_cast<size_t>(valid) * sizeof(float));
    std::fill(to + valid, to + width, 0.0f);
  }
}

}  // namespace stint::cpu
