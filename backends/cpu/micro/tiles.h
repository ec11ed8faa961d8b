// The float32 channels-last kernels of one instruction set: pure functions over rows of pixels that
// are read in place (channels innermost) and weights in panels of 16 (runtime/ops/layouts).
//
// Distances are in floats unless a name says bytes. A kernel reads and writes inside the channels
// that it is told and nothing else, so that no slack is needed behind a row; weights are whole
// panels. Each output is summed from its bias over taps, rows before columns, channels innermost,
// one after the other, whatever tile it lies in: how work is cut changes no bit. (AVX-512's tiles
// of one panel, and kernels for another instruction set, round differently.)
//
// Kernels are compiled from one source an instruction set, each copy in a namespace and object file
// of its own; see simd/portable.h.
#ifndef STINT_BACKENDS_CPU_MICRO_TILES_H_
#define STINT_BACKENDS_CPU_MICRO_TILES_H_

#include <stdint.h>

namespace stint::cpu {

// Of a panel.
inline constexpr int kPanel = 16;

enum class Activation : uint8_t {
  kNone,
  kClamp,      // To [low, high]: relu, relu6. NaN stays.
  kLinear,     // To [low, high], slope * x + offset: hard sigmoids.
  kLeaky,      // slope * x if x < 0, else x.
  kHardSwish,  // x * clamp(x / 6 + 1 / 2, 0, 1)
  kSigmoid,    // 1 / (1 + e^-x); errors: simd/functions.h.
  kSwish,      // x / (1 + e^-x)
  kGelu,       // x / 2 * (1 + erf(x / sqrt(2)))
  kGeluTanh,   // x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))
};

// What becomes of complete sums before they are stored: (sum) * scale, + residual, activation,
// + residual. Pointers are to the first channel of the result; nullptr leaves the step out.
struct Finish {
  const float* bias = nullptr;   // One a channel: what sums start from.
  const float* scale = nullptr;  // One a channel.
  Activation activation = Activation::kNone;
  float low = 0.0f;  // Of kClamp and kLinear; may be infinite.
  float high = 0.0f;
  float slope = 0.0f;
  float offset = 0.0f;
  bool residual_last = false;  // The residual is added to the activation's result.
};

// A tile of a convolution or matrix product: rows (pixels) times panels of output channels.
// Row i reads channels at a + i * a_row + tap_offsets[t] for each tap t.
struct ConvTile {
  const float* a;
  int64_t a_row;
  int64_t a_second;  // conv_pair: the second half of the rows starts at a + a_second.
  const int64_t* tap_offsets;
  int64_t taps;
  int64_t channels;      // Of a tap; at least 1.
  const float* weights;  // [taps * channels][16], as kPanel16 has them.
  int64_t panel_step;    // From one panel to the next.
  const Finish* finish;
  int64_t column;         // The first output channel: an index into Finish's arrays.
  int64_t columns;        // Output channels that exist: 16 * (panels - 1) < columns <= 16 * panels.
  const float* residual;  // The tile's first; nullptr: none. May be c itself.
  int64_t residual_row;
  float* c;
  int64_t c_row;
  // While the tile runs, what lies here is pulled into the second level of cache: prefetch_lines
  // lines of 64 bytes for every 4 channels of a tap, then prefetch_step bytes further. Any address
  // but nullptr: nothing is read there.
  const char* prefetch;
  int64_t prefetch_step;
};

// Output rows of a depthwise convolution, one input channel each.
struct DepthwiseTile {
  // Input rows from the first that a tap meets, dilation_y apart: kernel_height of them, and
  // stride_y more for each further output row (which needs a dilation_y of 1). nullptr: outside of
  // the input, adds nothing.
  const float* const* rows;
  int64_t width;  // Input pixels a row.
  int64_t pixel;  // From one to the next.
  int64_t channels;
  int kernel_height, kernel_width;
  int stride_y, stride_x;
  int dilation_y, dilation_x;
  int64_t pad_left;      // May be negative.
  const float* weights;  // [ceil(channels / 16)][taps][16], as kDepthwise16 has them.
  const Finish* finish;
  int64_t column;         // The first channel: an index into Finish's arrays.
  const float* residual;  // Of output row 0 and column 0; nullptr: none. Must not be the output.
  int64_t residual_pixel, residual_line;
  float* output;  // Likewise.
  int64_t output_pixel, output_line;
  int64_t x, x_end;  // The output columns to compute.
};

// One output row of a pool.
struct PoolTile {
  const float* const* rows;  // kernel_height rows, nullptr outside of the input.
  int64_t width, pixel, channels;
  int kernel_height, kernel_width, stride_x, dilation_x;
  int64_t pad_left;
  bool maximum;  // Else the average. The maximum of nothing is -inf, the average 0.
  // Average: a tap counts if its column is in [count_begin, count_end); times counted rows.
  int64_t count_begin, count_end, counted_rows;
  float* output;
  int64_t output_pixel;
  int64_t x, x_end;
};

// Winograd F(m x m, 3x3), m = 4 or 2: one tile of t * t pixels, t = m + 2, becomes t * t vectors of
// `channels` at v + i * step, and back.
struct WinogradInput {
  const float* const* pixels;  // t * t, row-major; pixels outside point to zeros.
  int64_t channels;
  float* v;  // Each vector is written whole: up to 16 * ceil(channels / 16) floats.
  int64_t step;
};
struct WinogradOutput {
  const float* m;  // Each vector is read whole, likewise.
  int64_t step;
  int64_t channels;
  const Finish* finish;   // Bias is added to the sums.
  const float* residual;  // May be the output.
  int64_t residual_pixel, residual_line;
  float* output;
  int64_t output_pixel, output_line;
  int rows, columns;  // That are inside of the output: 1 .. m.
};

struct PanelKernels {
  const char* name;  // Of the instruction set: "avx512", "avx2", "neon", "sse2", "portable".
  int group_panels;  // Panels that are best computed together: 2 or 1. An odd rest of 3 panels is
                     // one group when group_panels is 2.
  int max_rows[4];   // Rows that a tile of so many panels can have; 0: there is no such tile.
  int row_panels;    // Panels that `row` takes.
  int prefetch_lines;

  // A tile of 1 .. max_rows[panels] rows. With group_panels of 2, panels of 1 is another order of
  // sums, for results that have one panel only.
  void (*conv)(int rows, int panels, const ConvTile& tile);
  // group_panels panels; rows even, up to max_rows: two output rows of rows / 2 pixels.
  void (*conv_pair)(int rows, const ConvTile& tile);
  // One row (a_row and c_row are not used), 1 .. row_panels panels: the bits of `conv`.
  void (*row)(int panels, const ConvTile& tile);
  // Each k has an offset of its own: `taps` of them, `channels` is not used. Panels 1 ..
  // group_panels, rows 1 .. max_rows; best: max_rows[group_panels] rows.
  void (*planar)(int rows, int panels, const ConvTile& tile);
};

struct SpatialKernels {
  // Output rows that a tile of this kernel, stride and dilation should have at most.
  int (*depthwise_rows)(const DepthwiseTile& tile);
  // 1, 2 or 4 output rows, not more than depthwise_rows.
  void (*depthwise)(int output_rows, const DepthwiseTile& tile);
  void (*pool)(const PoolTile& tile);
  // to[c] = the mean of `pixels` pixels.
  void (*mean)(const float* from, int64_t pixels, int64_t pixel, int64_t channels, float* to);
  // to = finish(from + residual), `count` elements; those have no channels: bias and scale are not
  // used. Without a residual it is nullptr.
  void (*add)(const float* from, const float* residual, int64_t count, const Finish& finish,
              float* to);
  // to[p][c] = from[p][c] * scale[c]; `to` may be `from`.
  void (*scale)(const float* from, int64_t from_pixel, int64_t pixels, int64_t channels,
                const float* scale, float* to, int64_t to_pixel);
  void (*winograd4_input)(const WinogradInput& tile);
  void (*winograd2_input)(const WinogradInput& tile);
  void (*winograd4_output)(const WinogradOutput& tile);
  void (*winograd2_output)(const WinogradOutput& tile);
};

struct RecurrentKernels;  // micro/recurrent.h
struct RowKernels;        // micro/rows.h

struct NhwcKernels {
  const PanelKernels* panel;
  const SpatialKernels* spatial;
  const RecurrentKernels* recurrent;
  const RowKernels* rows;
};

extern const PanelKernels kBaselinePanelKernels;
extern const SpatialKernels kBaselineSpatialKernels;
#if defined(__x86_64__)
extern const PanelKernels kAvx2PanelKernels;
extern const SpatialKernels kAvx2SpatialKernels;
extern const PanelKernels kAvx512PanelKernels;
extern const SpatialKernels kAvx512SpatialKernels;
#endif

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_MICRO_TILES_H_
