// The matrix product that MatMul and Conv share: C = start + A * B in f32, cut into blocks of
// columns whose part of B is packed into panels while A is read in place.
//
// Each element is summed in blocks of kDepthBlock in the order of k, whatever the tiles, so that
// the number of threads changes no bit.
#ifndef STINT_BACKENDS_CPU_GEMM_H_
#define STINT_BACKENDS_CPU_GEMM_H_

#include <algorithm>
#include <cstdint>

#include "backends/cpu/micro/kernels.h"
#include "runtime/base/checked.h"

namespace stint::cpu {

// How much of K is packed at a time, and summed before it is added to the rest.
inline constexpr int64_t kDepthBlock = 128;
// Panels a column block.
inline constexpr int64_t kBlockPanels = 8;

struct GemmShape {
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t depth = 0;
  const float* a = nullptr;
  int64_t a_row = 0;
  int64_t a_step = 0;
  const float* start = nullptr;  // What sums start from: nullptr is zero.
  int64_t start_row = 0;
  int64_t start_column = 0;  // 0 or 1.
  float* c = nullptr;
  int64_t c_row = 0;
};

// Part of a product: rows [row, row_end), columns [column, column_end) of which the first is at a
// multiple of the tile's columns.
struct GemmBlock {
  int64_t row = 0;
  int64_t row_end = 0;
  int64_t column = 0;
  int64_t column_end = 0;
};

// Panels of B: panel i holds tile_columns columns at each k.
struct GemmPanels {
  const float* data = nullptr;
  int64_t panel_step = 0;
};

inline int64_t BlockColumns(const MicroKernels& micro) { return micro.tile_columns * kBlockPanels; }

// Floats of scratch that one thread packs into.
inline int64_t PackFloats(const MicroKernels& micro) { return kDepthBlock * BlockColumns(micro); }

// How a product is shared out: column blocks first, rows cut as well while there are too few tasks.
struct GemmGrid {
  int64_t column_blocks = 0;
  int64_t row_parts = 1;
  int64_t part_rows = 0;

  // `products` of the shape are made at once.
  GemmGrid(const MicroKernels& micro, int64_t rows, int64_t columns, int64_t products, int threads);
  int64_t tasks() const { return column_blocks * row_parts; }
  // Task `task` of 0 .. tasks()-1 of one product.
  GemmBlock Block(const MicroKernels& micro, int64_t rows, int64_t columns, int64_t task) const;
};

// One tile, of which `columns` are inside C.
void RunGemmTile(const MicroKernels& micro, const GemmShape& shape, int64_t row, int rows,
                 int64_t column, int64_t columns, int64_t k, int64_t depth, const float* panel);

// Writes columns [0, count) at k of a block whose panels hold `depth` ks, zeros behind them.
void StorePanelRow(const MicroKernels& micro, const float* from, int64_t count, int64_t k,
                   int64_t depth, float* panels);

// Computes one block. `panels(k, depth, column, columns)` gives B's part as GemmPanels;
// `finish(row, rows, column, columns)` is called when these elements of C are complete.
template <typename Panels, typename Finish>
void RunGemmBlock(const MicroKernels& micro, const GemmShape& shape, const GemmBlock& block,
                  const Panels& panels, const Finish& finish) {
  const int64_t columns = block.column_end - block.column;
  int64_t k = 0;
  do {
    const int64_t depth = std::min(kDepthBlock, shape.depth - k);
    const GemmPanels b = panels(k, depth, block.column, columns);
    const bool last = k + depth == shape.depth;
    for (int64_t row = block.row; row < block.row_end; row += micro.tile_rows) {
      const auto rows = static_cast<int>(std::min<int64_t>(micro.tile_rows, block.row_end - row));
      const float* panel = b.data;
      for (int64_t j = 0; j < columns; j += micro.tile_columns, panel += b.panel_step) {
        RunGemmTile(micro, shape, row, rows, block.column + j,
                    std::min<int64_t>(micro.tile_columns, columns - j), k, depth, panel);
      }
      if (last) finish(row, rows, block.column, columns);
    }
    k += depth;
  } while (k < shape.depth);
}

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_GEMM_H_
