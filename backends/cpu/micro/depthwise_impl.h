// Depthwise convolution over channels-last rows (DepthwiseTile of micro/tiles.h). Several output
// rows a pass matter more than columns, as each input vector then feeds more sums. Common kernels
// (3x3 and 5x5, strides 1 and 2) are unrolled for a tile of columns x rows; others run tap by tap.
//
// Tiles at an edge skip the taps that lie outside, so that there is no border in memory. At the
// right end of a line the last tile moves left and computes some columns twice; with a residual,
// and where a line is shorter than a tile, columns are computed one by one. Channels behind the
// last whole vector go through masks where vectors are wide, and one output at a time where they
// are not.
#include "backends/cpu/micro/finish_impl.h"

namespace stint::cpu::STINT_ISA {

namespace {

// 32 rather than 16.
constexpr bool kManyRegisters = kLanes == 16 || kLaneFma;

// What is known of a tile's epilogue before its channels are walked over. Kernels keep this and the
// tile in variables of their own, as the compiler must take each store to be one to the caller's.
struct DepthwiseStore {
  bool clamps;  // In registers, and so where these are many, swish where vectors are wide too:
  bool is_hard_swish;
  bool is_swish;
  Bounds bounds;

  STINT_INLINE explicit DepthwiseStore(const DepthwiseTile& tile)
      : clamps(IsClamp(*tile.finish) && tile.residual == nullptr),
        is_hard_swish(IsAlone(tile, Activation::kHardSwish)),
        is_swish(kLanes == 16 && IsAlone(tile, Activation::kSwish)),
        bounds(BoundsOf(*tile.finish)) {}

  static STINT_INLINE bool IsAlone(const DepthwiseTile& tile, Activation activation) {
    return kManyRegisters && tile.residual == nullptr && tile.finish->scale == nullptr &&
           tile.finish->activation == activation;
  }
};

template <Activation kActivation, int kRows, int kColumns>
STINT_INLINE void StoreActivated(const DepthwiseTile& tile, const Vector (&sums)[kRows][kColumns],
                                 float* output) {
  STINT_UNROLL for (int r = 0; r < kRows; ++r) {
    STINT_UNROLL for (int c = 0; c < kColumns; ++c) {
      Store(output + r * tile.output_line + c * tile.output_pixel,
            Activate<kActivation>(*tile.finish, sums[r][c]));
    }
  }
}

// Stores kRows x kColumns sums for channels [channel, channel + kLanes).
template <int kRows, int kColumns, bool kPart>
STINT_INLINE void StoreDepthwise(const DepthwiseTile& tile, const DepthwiseStore& store,
                                 const Vector (&sums)[kRows][kColumns], int64_t x,
                                 int64_t channel) {
  const Finish& finish = *tile.finish;
  float* const output = tile.output + x * tile.output_pixel + channel;
  if (store.clamps && !kPart) {
    const Bounds& bounds = store.bounds;
    STINT_UNROLL for (int r = 0; r < kRows; ++r) {
      STINT_UNROLL for (int c = 0; c < kColumns; ++c) {
        Store(output + r * tile.output_line + c * tile.output_pixel, Clamp(bounds, sums[r][c]));
      }
    }
    return;
  }
  if (!kPart && store.is_hard_swish) {
    return StoreActivated<Activation::kHardSwish>(tile, sums, output);
  }
  if (!kPart && store.is_swish) return StoreActivated<Activation::kSwish>(tile, sums, output);
  alignas(64) float aside[kRows][kColumns * kLanes];
  STINT_UNROLL for (int r = 0; r < kRows; ++r) {
    STINT_UNROLL for (int c = 0; c < kColumns; ++c) Store(aside[r] + c * kLanes, sums[r][c]);
  }
  AsideRows rows = {};
  rows.sums = aside[0];
  rows.sums_row = kLanes;
  rows.sums_line = kColumns * kLanes;
  rows.rows = kColumns;
  rows.lines = kRows;
  rows.scale = finish.scale == nullptr ? nullptr : finish.scale + tile.column + channel;
  if (tile.residual != nullptr) {
    rows.residual = tile.residual + x * tile.residual_pixel + channel;
  }
  rows.residual_row = tile.residual_pixel;
  rows.residual_line = tile.residual_line;
  rows.to = output;
  rows.to_row = tile.output_pixel;
  rows.to_line = tile.output_line;
  rows.columns = kPart ? tile.channels - channel : kLanes;
  FinishRows(finish, rows);
}

template <bool kPart>
STINT_INLINE Vector DepthwiseBias(const DepthwiseTile& tile, const float* bias, int64_t channel) {
  if (bias == nullptr) return Fill(0.0f);
  return LoadBlock<kPart>(bias + tile.column + channel, tile.channels - channel);
}

// The weights of a tap lie kPanel apart; those of channel's vector start here.
STINT_INLINE const float* DepthwiseWeights(const DepthwiseTile& tile, int64_t channel) {
  const int64_t taps = static_cast<int64_t>(tile.kernel_height) * tile.kernel_width;
  return tile.weights + channel / kPanel * taps * kPanel + channel % kPanel;
}

// The channels that are computed by whole vectors.
STINT_INLINE int64_t WholeChannels(const DepthwiseTile& tile) {
  return tile.channels / kLanes * kLanes;
}

// What an unrolled tile is made for. kEdge: taps may lie outside. kPart: the channels behind the
// last whole vector, else those before.
template <int kSize_, int kStride_, int kRows_, int kColumns_, bool kEdge_, bool kPart_>
struct TileKind {
  static constexpr int kSize = kSize_, kStride = kStride_, kRows = kRows_, kColumns = kColumns_;
  static constexpr bool kEdge = kEdge_, kPart = kPart_;
};

// Weights in registers: all of a kernel's where registers hold them beside the sums, else those
// that one input row meets, else none. (With branches between the products, at an edge, the
// compiler would load them for each product.)
template <typename Kind>
struct TapWeights {
  static constexpr int kSize = Kind::kSize;
  static constexpr int kTaps = kSize * kSize;
  static constexpr bool kHoldsAll = kManyRegisters && kTaps + Kind::kRows * Kind::kColumns <= 28;
  static constexpr bool kHoldsRow = kManyRegisters && !kHoldsAll;
  const float* memory;
  Vector all[kHoldsAll ? kTaps : 1];
  Vector row[kHoldsRow ? Kind::kRows * kSize : 1];  // By output row.

  STINT_INLINE explicit TapWeights(const float* weights) : memory(weights) {
    if constexpr (kHoldsAll) {
      STINT_UNROLL for (int t = 0; t < kTaps; ++t) all[t] = Load(memory + t * kPanel);
    }
  }
  // Before the products of input row i.
  STINT_INLINE void LoadRow(int i) {
    if constexpr (kHoldsRow) {
      STINT_UNROLL for (int r = 0; r < Kind::kRows; ++r) {
        const int ky = i - r * Kind::kStride;
        if (ky < 0 || ky >= kSize) continue;
        STINT_UNROLL for (int kx = 0; kx < kSize; ++kx) {
          row[r * kSize + kx] = Load(memory + (ky * kSize + kx) * kPanel);
        }
      }
    }
  }
  STINT_INLINE Vector At(int r, int ky, int kx) const {
    if constexpr (kHoldsAll) return all[ky * kSize + kx];
    if constexpr (kHoldsRow) return row[r * kSize + kx];
    return Load(memory + (ky * kSize + kx) * kPanel);
  }
};

// Adds what input row i gives to a tile's outputs.
template <typename Kind>
STINT_INLINE void AddInputRow(const DepthwiseTile& tile, int i, const float* row, int64_t in_x,
                              int64_t channel, TapWeights<Kind>& weights,
                              Vector (&sums)[Kind::kRows][Kind::kColumns]) {
  constexpr int kInColumns = Kind::kSize + (Kind::kColumns - 1) * Kind::kStride;
  weights.LoadRow(i);
  row += channel;
  STINT_UNROLL for (int j = 0; j < kInColumns; ++j) {
    const bool outside = static_cast<uint64_t>(in_x + j) >= static_cast<uint64_t>(tile.width);
    if (Kind::kEdge && outside) continue;
    const Vector value = LoadBlock<Kind::kPart>(row + j * tile.pixel, tile.channels - channel);
    STINT_UNROLL for (int r = 0; r < Kind::kRows; ++r) {
      const int ky = i - r * Kind::kStride;
      if (ky < 0 || ky >= Kind::kSize) continue;
      STINT_UNROLL for (int c = 0; c < Kind::kColumns; ++c) {
        const int kx = j - c * Kind::kStride;
        if (kx < 0 || kx >= Kind::kSize) continue;
        sums[r][c] = Fma(value, weights.At(r, ky, kx), sums[r][c]);
      }
    }
  }
}

// The outputs from column x on.
template <typename Kind>
STINT_OUTLINE void UnrolledTile(const DepthwiseTile& callers, int64_t x) {
  constexpr int kInRows = Kind::kSize + (Kind::kRows - 1) * Kind::kStride;
  const DepthwiseTile tile = callers;
  const DepthwiseStore store(tile);
  const float* const all_bias = tile.finish->bias;
  const int64_t in_x = x * Kind::kStride - tile.pad_left;
  const float* rows[kInRows];
  STINT_UNROLL for (int i = 0; i < kInRows; ++i) {
    rows[i] = tile.rows[i];
    if (!Kind::kEdge || rows[i] != nullptr) rows[i] += in_x * tile.pixel;
  }
  const int64_t whole = WholeChannels(tile);
  const int64_t end = Kind::kPart ? tile.channels : whole;
  for (int64_t channel = Kind::kPart ? whole : 0; channel < end; channel += kLanes) {
    TapWeights<Kind> weights(DepthwiseWeights(tile, channel));
    const Vector bias = DepthwiseBias<Kind::kPart>(tile, all_bias, channel);
    Vector sums[Kind::kRows][Kind::kColumns];
    STINT_UNROLL for (int r = 0; r < Kind::kRows; ++r) {
      STINT_UNROLL for (int c = 0; c < Kind::kColumns; ++c) sums[r][c] = bias;
    }
    STINT_UNROLL for (int i = 0; i < kInRows; ++i) {
      if (Kind::kEdge && rows[i] == nullptr) continue;
      AddInputRow<Kind>(tile, i, rows[i], in_x, channel, weights, sums);
    }
    StoreDepthwise<Kind::kRows, Kind::kColumns, Kind::kPart>(tile, store, sums, x, channel);
  }
}

STINT_INLINE bool HasRowOutside(const DepthwiseTile& tile, int rows) {
  for (int i = 0; i < rows; ++i) {
    if (tile.rows[i] == nullptr) return true;
  }
  return false;
}

// A line of tiles of kColumns, then what is left.
template <int kSize, int kStride, int kRows, int kColumns, bool kPart>
void UnrolledColumns(const DepthwiseTile& tile) {
  const bool outside = kPart || HasRowOutside(tile, kSize + (kRows - 1) * kStride);
  int64_t x = tile.x;
  while (x < tile.x_end) {
    if (x + kColumns > tile.x_end) {
      const bool moves = tile.residual == nullptr && tile.x_end - kColumns >= tile.x;
      if (!moves) break;
      x = tile.x_end - kColumns;
    }
    const int64_t in_x = x * kStride - tile.pad_left;
    const bool inside = in_x >= 0 && in_x + kSize + (kColumns - 1) * kStride <= tile.width;
    if (inside && !outside) {
      UnrolledTile<TileKind<kSize, kStride, kRows, kColumns, kPart, kPart>>(tile, x);
    } else {
      UnrolledTile<TileKind<kSize, kStride, kRows, kColumns, true, kPart>>(tile, x);
    }
    x += kColumns;
  }
  for (; x < tile.x_end; ++x) {
    UnrolledTile<TileKind<kSize, kStride, kRows, 1, true, kPart>>(tile, x);
  }
}

// One output of any kernel, stride and dilation, for channels from `channel` on.
template <bool kPart>
STINT_OUTLINE void AnyOutput(const DepthwiseTile& callers, int64_t x) {
  const DepthwiseTile tile = callers;
  const DepthwiseStore store(tile);
  const int64_t in_x = x * tile.stride_x - tile.pad_left;
  const int64_t whole = WholeChannels(tile);
  const int64_t end = kPart ? tile.channels : whole;
  for (int64_t channel = kPart ? whole : 0; channel < end; channel += kLanes) {
    const float* weights = DepthwiseWeights(tile, channel);
    Vector sums[1][1] = {{DepthwiseBias<kPart>(tile, tile.finish->bias, channel)}};
    for (int ky = 0; ky < tile.kernel_height; ++ky) {
      const float* const row = tile.rows[ky];
      for (int kx = 0; kx < tile.kernel_width; ++kx, weights += kPanel) {
        const int64_t column = in_x + static_cast<int64_t>(kx) * tile.dilation_x;
        if (row == nullptr || column < 0 || column >= tile.width) continue;
        const float* const from = row + column * tile.pixel + channel;
        const Vector value = LoadBlock<kPart>(from, tile.channels - channel);
        sums[0][0] = Fma(value, Load(weights), sums[0][0]);
      }
    }
    StoreDepthwise<1, 1, kPart>(tile, store, sums, x, channel);
  }
}

// kColumns outputs none of whose taps leaves the line.
template <int kColumns, bool kPart>
STINT_OUTLINE void AnyTile(const DepthwiseTile& callers, int64_t x) {
  const DepthwiseTile tile = callers;
  const DepthwiseStore store(tile);
  const int64_t step = tile.stride_x * tile.pixel;
  const int64_t in_x = x * tile.stride_x - tile.pad_left;
  const int64_t whole = WholeChannels(tile);
  const int64_t end = kPart ? tile.channels : whole;
  for (int64_t channel = kPart ? whole : 0; channel < end; channel += kLanes) {
    const float* weights = DepthwiseWeights(tile, channel);
    const Vector bias = DepthwiseBias<kPart>(tile, tile.finish->bias, channel);
    Vector sums[1][kColumns];
    STINT_UNROLL for (int c = 0; c < kColumns; ++c) sums[0][c] = bias;
    for (int ky = 0; ky < tile.kernel_height; ++ky) {
      const float* row = tile.rows[ky];
      if (row == nullptr) {
        weights += static_cast<int64_t>(tile.kernel_width) * kPanel;
        continue;
      }
      row += in_x * tile.pixel + channel;
      for (int kx = 0; kx < tile.kernel_width; ++kx, weights += kPanel) {
        const Vector weight = Load(weights);
        STINT_UNROLL for (int c = 0; c < kColumns; ++c) {
          const Vector value = LoadBlock<kPart>(row + c * step, tile.channels - channel);
          sums[0][c] = Fma(value, weight, sums[0][c]);
        }
        row += tile.dilation_x * tile.pixel;
      }
    }
    StoreDepthwise<1, kColumns, kPart>(tile, store, sums, x, channel);
  }
}

template <bool kPart>
void AnyColumns(const DepthwiseTile& tile) {
  constexpr int kColumns = 4;
  const int64_t reach = static_cast<int64_t>(tile.kernel_width - 1) * tile.dilation_x;
  int64_t x = tile.x;
  while (x < tile.x_end) {
    const int64_t in_x = x * tile.stride_x - tile.pad_left;
    const int64_t last = in_x + (kColumns - 1) * tile.stride_x + reach;
    if (x + kColumns <= tile.x_end && in_x >= 0 && last < tile.width) {
      AnyTile<kColumns, kPart>(tile, x);
      x += kColumns;
    } else {
      AnyOutput<kPart>(tile, x++);
    }
  }
}

STINT_INLINE bool HasPart(const DepthwiseTile& tile) { return WholeChannels(tile) < tile.channels; }

void AnyLine(const DepthwiseTile& tile) {
  AnyColumns<false>(tile);
  if (HasPart(tile)) AnyColumns<true>(tile);
}

// Narrow vectors: the part of one goes tap by tap, a line at a time.
[[maybe_unused]] void PartLines(int rows, const DepthwiseTile& tile) {
  DepthwiseTile line = tile;
  for (int r = 0; r < rows; ++r) {
    AnyColumns<true>(line);
    line.rows += tile.stride_y;
    line.output += tile.output_line;
    if (line.residual != nullptr) line.residual += tile.residual_line;
  }
}

template <int kSize, int kStride, int kRows, int kColumns>
void UnrolledLine(const DepthwiseTile& tile) {
  UnrolledColumns<kSize, kStride, kRows, kColumns, false>(tile);
  if (!HasPart(tile)) return;
  if constexpr (kLanes > 4) {
    UnrolledColumns<kSize, kStride, kRows, kColumns, true>(tile);
  } else {
    PartLines(kRows, tile);
  }
}

bool IsUnrolled(const DepthwiseTile& tile) {
  const int size = tile.kernel_width;
  const int stride = tile.stride_x;
  return tile.kernel_height == size && tile.stride_y == stride && tile.dilation_x == 1 &&
         tile.dilation_y == 1 && (size == 3 || size == 5) && (stride == 1 || stride == 2);
}

// Lines that are not wider than this are cut into tiles of 4 columns x 4 rows, others 2 x 4.
constexpr int64_t kNarrow = 14;

int DepthwiseRowsOf(const DepthwiseTile& tile) {
  if (!IsUnrolled(tile)) return 1;
  return tile.kernel_width == 3 && tile.stride_x == 1 ? 4 : 2;
}

template <int kRows>
void Depthwise3(const DepthwiseTile& tile) {
  constexpr int kWide = kRows == 4 && !kManyRegisters ? 2 : 4;
  if (kRows == 4 && tile.x_end - tile.x > kNarrow) return UnrolledLine<3, 1, kRows, 2>(tile);
  UnrolledLine<3, 1, kRows, kWide>(tile);
}

template <int kSize, int kStride, int kRows>
void DepthwiseOf(const DepthwiseTile& tile) {
  UnrolledLine<kSize, kStride, kRows, kManyRegisters || kRows == 1 ? 4 : 2>(tile);
}

template <int kRows>
void DepthwisePair(const DepthwiseTile& tile) {
  const bool two = tile.stride_x == 2;
  if (tile.kernel_width == 3) return DepthwiseOf<3, 2, kRows>(tile);
  two ? DepthwiseOf<5, 2, kRows>(tile) : DepthwiseOf<5, 1, kRows>(tile);
}

void Depthwise(int output_rows, const DepthwiseTile& tile) {
  if (!IsUnrolled(tile)) return AnyLine(tile);
  if (tile.kernel_width == 3 && tile.stride_x == 1) {
    if (output_rows == 4) return Depthwise3<4>(tile);
    return output_rows == 2 ? Depthwise3<2>(tile) : Depthwise3<1>(tile);
  }
  output_rows == 2 ? DepthwisePair<2>(tile) : DepthwisePair<1>(tile);
}

}  // namespace

}  // namespace stint::cpu::STINT_ISA
