// The innermost loops, compiled once an instruction set from one source (kernels_impl.h), each copy
// in a namespace and object file of its own. Nothing here may be inline or a template from a
// standard header: the linker could keep the copy that was compiled for the wider instruction set.
#ifndef STINT_BACKENDS_CPU_MICRO_KERNELS_H_
#define STINT_BACKENDS_CPU_MICRO_KERNELS_H_

#include <stdint.h>

namespace stint::cpu {

// A tile of C = start + A * B, summed in the order of k. All distances are in floats.
struct GemmTile {
  int64_t depth;  // K.
  const float* a;
  int64_t a_row;   // From one row of A to the next.
  int64_t a_step;  // From one k to the next.
  const float* b;  // tile_columns consecutive columns at each k.
  int64_t b_step;
  const float* start;  // What the sums start from: a vector a row, or one number a row.
  int64_t start_row;
  bool start_is_vector;
  float* c;  // tile_columns a row.
  int64_t c_row;
};

// One output row of a depthwise convolution over rows that include the padding.
struct DepthwiseRow {
  const float* input;
  int64_t row_step;     // From one kernel row to the next, dilation included.
  int64_t column_step;  // From one kernel column to the next: the dilation.
  int64_t stride;
  int kernel_rows;
  int kernel_columns;
  const float* weights;
  float bias;
  float* output;
  int64_t count;
};

// One output row of a pool, likewise.
struct PoolRow {
  const float* input;
  int64_t row_step;
  int64_t column_step;
  int64_t stride;
  int kernel_rows;
  int kernel_columns;
  bool maximum;  // Else the sum.
  float* output;
  int64_t count;
};

// Row kernels read as if up to so many more outputs were asked for.
inline constexpr int64_t kRowSlack = 32;

inline constexpr int kMaxTileRows = 12;
inline constexpr int kMaxTileColumns = 32;

struct MicroKernels {
  int tile_rows;
  int tile_columns;
  // `rows` in 1 .. tile_rows.
  void (*gemm)(int rows, const GemmTile& tile);
  void (*depthwise)(const DepthwiseRow& row);
  void (*pool)(const PoolRow& row);
};

extern const MicroKernels kBaselineKernels;
#if defined(__x86_64__)
extern const MicroKernels kAvx2Kernels;
extern const MicroKernels kAvx512Kernels;
#endif

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_MICRO_KERNELS_H_
