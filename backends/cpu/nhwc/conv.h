// Convolutions and matrix products over channels-last pixels and kPanel16 weights, without threads:
// what is computed is given as ranges of the result, and how it is cut into ranges changes no bit.
//
// 1x1 convolutions of stride 1 (and products A * B, which are such) see all pixels as one run of
// rows. Others see lines of output pixels; where a window meets padding the input is copied once
// into a buffer with a border of zeros, so that each tap is an offset. First convolutions read
// planes (NCHW) in place, or a bordered copy of them, and write pixels.
#ifndef STINT_BACKENDS_CPU_NHWC_CONV_H_
#define STINT_BACKENDS_CPU_NHWC_CONV_H_

#include <cstdint>

#include "backends/cpu/micro/tiles.h"
#include "backends/cpu/nhwc/lines.h"
#include "runtime/base/array.h"
#include "runtime/base/result.h"

namespace stint::cpu {

// Extents in elements, distances in floats. All extents but out_height and out_width are at
// least 1.
struct ConvShape {
  int64_t height = 1, width = 1, channels = 1;  // Of the input; one group.
  int64_t pixel = 0, line = 0;                  // From one input pixel, one line to the next.
  int64_t plane = 0;  // Not 0: channels lie so far apart (NCHW), and pixel is usually 1.
  int64_t out_height = 1, out_width = 1, out_channels = 1;
  int64_t out_pixel = 0;  // Lines of the result follow each other without a gap.
  int kernel_height = 1, kernel_width = 1;
  int stride_y = 1, stride_x = 1;
  int dilation_y = 1, dilation_x = 1;
  int64_t pad_top = 0, pad_left = 0;  // May be negative. What lies outside of the input is zero.
};

// What was decided for a shape. Owns the offsets of the taps.
struct ConvPlan {
  const PanelKernels* kernels = nullptr;
  ConvShape shape;
  Array<int64_t> tap_offsets;
  bool flat = false;           // All pixels are one run of rows.
  bool bordered = false;       // The input is copied first.
  bool weights_outer = false;  // Weights are the bigger side: they are read once, pixels again.
  bool pairs = false;          // Two output lines are one tile.
  bool planar = false;         // Channels are apart: each has offsets of its own.
  int most_rows = 0;           // Of a tile, if the kernel has more.
  int64_t panels = 0;
  // What ranges count: units of the result's rows (pixels when flat, else lines) and groups of
  // panels. Each pair (unit, group) is independent of all others.
  int64_t units = 0;
  int64_t groups = 0;
  // The bordered copy, of what border_lines lines of the result need: pixels as the input has them,
  // or planes.
  int64_t border_lines = 0;
  int64_t border_height = 0, border_width = 0;
  int64_t border_floats = 0;  // 0: there is none.
};

// Threads take groups of panels instead of lines or pixels where there are fewer than so many of
// those for each of them.
inline constexpr int64_t kFewUnits = 4;
// Threads have bordered copies of their own where those take at most so many times the memory of
// one for all.
inline constexpr int64_t kMostBorders = 2;

// What PlanConv may be told of the bordered copy.
struct BorderOptions {
  int64_t lines = INT64_MAX;  // At least 1: of the result, that a copy serves at a time.
  bool always = false;        // Even where no window meets padding: the input is a ring of lines.
};

// kLimit: sizes that overflow, or no memory for the offsets.
Result<ConvPlan> PlanConv(const PanelKernels& kernels, const ConvShape& shape,
                          const BorderOptions& border = {});

// A * B of `rows` rows as a convolution: B [columns, depth] packed as kPanel16.
ConvShape ProductShape(int64_t rows, int64_t depth, int64_t columns, int64_t a_row, int64_t c_row);

struct ConvData {
  const float* x = nullptr;
  int64_t x_ring = 0;              // ConvLines: the lines that x is a ring of; 0: it is an image.
  const float* weights = nullptr;  // Packed, aligned to 64.
  const Finish* finish = nullptr;
  // Laid out as the result but for its pixel step; may be y. nullptr: none.
  const float* residual = nullptr;
  int64_t residual_pixel = 0;
  float* y = nullptr;
  float* border = nullptr;              // border_floats.
  const float* next_weights = nullptr;  // Pulled into the cache when these are done; may be none.
};

// The lines of the bordered copy that some units of the result need.
IndexRange BorderLines(const ConvPlan& plan, IndexRange units);
// Fills lines of the bordered copy, which begins with line `first`. Lines are independent of each
// other.
void CopyBorder(const ConvPlan& plan, const ConvData& data, IndexRange lines, int64_t first);
// Computes units x groups of the result; BorderLines(units) were copied before. A planar result
// must not be the residual.
void RunConv(const ConvPlan& plan, const ConvData& data, IndexRange units, IndexRange groups);
// Computes lines of the result, copying borders as it goes. `data.y` and `data.residual` begin with
// the first of the lines. A flat plan reads lines that must lie together in a ring.
void ConvLines(const ConvPlan& plan, const ConvData& data, IndexRange lines);
// Both, for everything.
void ConvNhwc(const ConvPlan& plan, const ConvData& data);

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_NHWC_CONV_H_
