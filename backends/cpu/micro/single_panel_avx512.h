// Tiles of a single panel for AVX-512. One panel is one vector, so that each number of A would feed
// one product only and loads would be the limit. Here a 64-bit broadcast brings two ks of a row,
// and two rows of weights are interleaved in registers; sums of even and odd ks are joined at the
// end.
#ifndef STINT_BACKENDS_CPU_MICRO_SINGLE_PANEL_AVX512_H_
#define STINT_BACKENDS_CPU_MICRO_SINGLE_PANEL_AVX512_H_

#include "backends/cpu/micro/tile_impl.h"

namespace stint::cpu::STINT_ISA {

namespace {

// Two rows of weights, interleaved: low holds elements 0, 1 of each quarter, high 2, 3.
struct Interleaved {
  Vector low, high;

  STINT_INLINE Interleaved(Vector even, Vector odd)
      : low(_mm512_unpacklo_ps(even, odd)), high(_mm512_unpackhi_ps(even, odd)) {}
};

// Two floats in memory.
typedef int64_t Pair __attribute__((aligned(4), may_alias));

STINT_INLINE Vector BroadcastPair(const float* from) {
  return _mm512_castsi512_ps(_mm512_set1_epi64(*reinterpret_cast<const Pair*>(from)));
}

template <int kRows>
STINT_INLINE void AddPair(const Interleaved& weights, int r, Vector x, Sums<kRows, 2>& sums) {
  sums.at[r][0] = Fma(x, weights.low, sums.at[r][0]);
  sums.at[r][1] = Fma(x, weights.high, sums.at[r][1]);
}

template <int kRows>
STINT_OUTLINE void SinglePanel(const ConvTile& tile) {
  Sums<kRows, 2> sums = {};
  const float* weights = tile.weights;
  for (int64_t t = 0; t < tile.taps; ++t) {
    RowPointers<kRows, 1> rows(tile, tile.tap_offsets[t]);
    int64_t k = 0;
    for (; k + 2 <= tile.channels; k += 2) {
      const Interleaved pair(Load(weights), Load(weights + kPanel));
      STINT_UNROLL for (int r = 0; r < kRows; ++r) {
        AddPair(pair, r, BroadcastPair(rows.Row(r, tile.a_row)), sums);
      }
      rows.Advance(2);
      weights += 2 * kPanel;
    }
    if (k < tile.channels) {
      const Interleaved pair(Load(weights), Fill(0.0f));
      STINT_UNROLL for (int r = 0; r < kRows; ++r) {
        AddPair(pair, r, Broadcast(rows.Row(r, tile.a_row)), sums);
      }
      weights += kPanel;
    }
  }
  Sums<kRows, 1> joined;
  StartFromBias(tile, joined);
  STINT_UNROLL for (int r = 0; r < kRows; ++r) {
    const Vector even = _mm512_shuffle_ps(sums.at[r][0], sums.at[r][1], 0x88);
    const Vector odd = _mm512_shuffle_ps(sums.at[r][0], sums.at[r][1], 0xdd);
    joined.at[r][0] = joined.at[r][0] + (even + odd);
  }
  StoreTile(tile, joined);
}

template <int kRows>
void SingleUpTo(int rows, const ConvTile& tile) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return SingleUpTo<kRows - 1>(rows, tile);
  }
  SinglePanel<kRows>(tile);
}

void SingleTile(int rows, const ConvTile& tile) { SingleUpTo<STINT_TILE_ROWS1>(rows, tile); }

}  // namespace

}  // namespace stint::cpu::STINT_ISA

#endif  // STINT_BACKENDS_CPU_MICRO_SINGLE_PANEL_AVX512_H_
