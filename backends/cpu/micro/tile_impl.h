// What tiles of rows and panels share (micro/tiles.h): sums in registers that start from the bias,
// are stored finished, and pointers to rows of A. Included after a simd/<isa>.h.
//
// Rows of A are addressed from one pointer for three rows (base, + row, + 2 * row are addressing
// modes), as a pointer a row would not fit the registers.
#ifndef STINT_BACKENDS_CPU_MICRO_TILE_IMPL_H_
#define STINT_BACKENDS_CPU_MICRO_TILE_IMPL_H_

#include "backends/cpu/micro/finish_impl.h"

namespace stint::cpu::STINT_ISA {

namespace {

template <int kRows, int kVectors>
struct Sums {
  Vector at[kRows][kVectors];
};

template <int kRows, int kVectors>
STINT_INLINE void StartFromBias(const ConvTile& tile, Sums<kRows, kVectors>& sums) {
  const float* const bias = tile.finish->bias;
  STINT_UNROLL for (int v = 0; v < kVectors; ++v) {
    const Vector start =
        bias == nullptr ? Fill(0.0f) : LoadUpTo(bias + tile.column, v * kLanes, tile.columns);
    STINT_UNROLL for (int r = 0; r < kRows; ++r) sums.at[r][v] = start;
  }
}

// Stores the tile's sums, finished, where its last vector may be part of one.
template <int kRows, int kVectors, bool kResidual, bool kWhole>
STINT_INLINE void StoreClamped(const ConvTile& tile, const Sums<kRows, kVectors>& sums) {
  const Bounds bounds = BoundsOf(*tile.finish);
  const int64_t rest = tile.columns - (kVectors - 1) * kLanes;
  STINT_UNROLL for (int r = 0; r < kRows; ++r) {
    STINT_UNROLL for (int v = 0; v < kVectors; ++v) {
      Vector value = sums.at[r][v];
      if (kResidual) value = value + Load(tile.residual + r * tile.residual_row + v * kLanes);
      value = Clamp(bounds, value);
      float* const to = tile.c + r * tile.c_row + v * kLanes;
      if (kWhole || v < kVectors - 1) {
        Store(to, value);
      } else {
        StorePart(to, value, rest);
      }
    }
  }
}

template <int kRows, int kVectors>
STINT_INLINE void StoreTile(const ConvTile& tile, const Sums<kRows, kVectors>& sums) {
  const Finish& finish = *tile.finish;
  const bool whole = tile.columns == kVectors * kLanes;
  if (IsClamp(finish)) {
    if (tile.residual == nullptr) {
      if (whole) return StoreClamped<kRows, kVectors, false, true>(tile, sums);
      // With a vector a panel all but the last are whole.
      if (kPanelVectors == 1) return StoreClamped<kRows, kVectors, false, false>(tile, sums);
    } else if (whole) {
      return StoreClamped<kRows, kVectors, true, true>(tile, sums);
    }
  }
  alignas(64) float aside[kRows * kVectors * kLanes];
  STINT_UNROLL for (int r = 0; r < kRows; ++r) {
    STINT_UNROLL for (int v = 0; v < kVectors; ++v) {
      Store(aside + (r * kVectors + v) * kLanes, sums.at[r][v]);
    }
  }
  const float* const scale = finish.scale == nullptr ? nullptr : finish.scale + tile.column;
  FinishRows(finish, {aside, kVectors * kLanes, kRows, scale, tile.residual, tile.residual_row,
                      tile.c, tile.c_row, tile.columns});
}

// Pointers to the rows of A at one tap: kSegments runs of rows.
template <int kRows, int kSegments>
struct RowPointers {
  static constexpr int kRun = kRows / kSegments;
  static constexpr int kGroups = (kRun + 2) / 3;
  const float* at[kSegments][kGroups];

  STINT_INLINE RowPointers(const ConvTile& tile, int64_t tap_offset) {
    STINT_UNROLL for (int s = 0; s < kSegments; ++s) {
      const float* const first = tile.a + tap_offset + s * tile.a_second;
      STINT_UNROLL for (int g = 0; g < kGroups; ++g) at[s][g] = first + 3 * g * tile.a_row;
    }
  }
  STINT_INLINE const float* Row(int r, int64_t a_row) const {
    return at[r / kRun][r % kRun / 3] + r % kRun % 3 * a_row;
  }
  STINT_INLINE void Advance(int64_t channels) {
    STINT_UNROLL for (int s = 0; s < kSegments; ++s) {
      STINT_UNROLL for (int g = 0; g < kGroups; ++g) at[s][g] += channels;
    }
  }
};

}  // namespace

}  // namespace stint::cpu::STINT_ISA

#endif  // STINT_BACKENDS_CPU_MICRO_TILE_IMPL_H_
