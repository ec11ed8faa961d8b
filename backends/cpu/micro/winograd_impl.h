// Winograd's transforms of 3x3 convolutions, F(4, 3) and F(2, 3), as vectors over channels.
#include "backends/cpu/micro/finish_impl.h"

namespace stint::cpu::STINT_ISA {

namespace {

// out = B^T in, for a column or row of kOutputs + 2 values.
template <int kOutputs>
STINT_INLINE void TransformInput(const Vector* in, Vector* out, int step) {
  if constexpr (kOutputs == 4) {
    const Vector minus4 = Fill(-4.0f);
    const Vector even = Fma(in[2], minus4, in[4]);
    const Vector odd = Fma(in[1], minus4, in[3]);
    const Vector outer = in[4] - in[2];
    const Vector twice = (in[3] - in[1]) * Fill(2.0f);
    out[0] = Fma(in[0], Fill(4.0f), Fma(in[2], Fill(-5.0f), in[4]));
    out[step] = even + odd;
    out[2 * step] = even - odd;
    out[3 * step] = outer + twice;
    out[4 * step] = outer - twice;
    out[5 * step] = Fma(in[1], Fill(4.0f), Fma(in[3], Fill(-5.0f), in[5]));
  } else {
    out[0] = in[0] - in[2];
    out[step] = in[1] + in[2];
    out[2 * step] = in[2] - in[1];
    out[3 * step] = in[1] - in[3];
  }
}

// out = A^T in, for a column or row of kOutputs + 2 values.
template <int kOutputs>
STINT_INLINE void TransformOutput(const Vector* in, Vector* out, int step) {
  if constexpr (kOutputs == 4) {
    const Vector sum1 = in[1] + in[2];
    const Vector difference1 = in[1] - in[2];
    const Vector sum2 = in[3] + in[4];
    const Vector difference2 = in[3] - in[4];
    out[0] = (in[0] + sum1) + sum2;
    out[step] = Fma(difference2, Fill(2.0f), difference1);
    out[2 * step] = Fma(sum2, Fill(4.0f), sum1);
    out[3 * step] = Fma(difference2, Fill(8.0f), difference1) + in[5];
  } else {
    out[0] = (in[0] + in[1]) + in[2];
    out[step] = (in[1] - in[2]) - in[3];
  }
}

template <int kOutputs, bool kPart>
STINT_INLINE void WinogradInputBlock(const WinogradInput& tile, int64_t channel) {
  constexpr int kSide = kOutputs + 2;
  Vector columns[kSide * kSide];
  STINT_UNROLL for (int x = 0; x < kSide; ++x) {
    Vector column[kSide];
    STINT_UNROLL for (int y = 0; y < kSide; ++y) {
      const float* const pixel = tile.pixels[y * kSide + x] + channel;
      column[y] = LoadBlock<kPart>(pixel, tile.channels - channel);
    }
    TransformInput<kOutputs>(column, columns + x, kSide);
  }
  STINT_UNROLL for (int y = 0; y < kSide; ++y) {
    Vector row[kSide];
    TransformInput<kOutputs>(columns + y * kSide, row, 1);
    STINT_UNROLL for (int x = 0; x < kSide; ++x) {
      Store(tile.v + (y * kSide + x) * tile.step + channel, row[x]);
    }
  }
}

template <int kOutputs>
void WinogradInputs(const WinogradInput& tile) {
  int64_t channel = 0;
  for (; channel + kLanes <= tile.channels; channel += kLanes) {
    WinogradInputBlock<kOutputs, false>(tile, channel);
  }
  if (channel < tile.channels) WinogradInputBlock<kOutputs, true>(tile, channel);
}

// The result of one tile for channels [channel, channel + kLanes), given to put(y, x, sum).
template <int kOutputs, typename Put>
STINT_INLINE void WinogradSums(const WinogradOutput& tile, int64_t channel, const Put& put) {
  constexpr int kSide = kOutputs + 2;
  const float* const bias = tile.finish->bias;
  const Vector start = bias == nullptr ? Fill(0.0f) : LoadUpTo(bias, channel, tile.channels);
  Vector columns[kOutputs * kSide];
  STINT_UNROLL for (int x = 0; x < kSide; ++x) {
    Vector column[kSide];
    STINT_UNROLL for (int y = 0; y < kSide; ++y) {
      column[y] = Load(tile.m + (y * kSide + x) * tile.step + channel);
    }
    TransformOutput<kOutputs>(column, columns + x, kSide);
  }
  STINT_UNROLL for (int y = 0; y < kOutputs; ++y) {
    Vector row[kOutputs];
    TransformOutput<kOutputs>(columns + y * kSide, row, 1);
    STINT_UNROLL for (int x = 0; x < kOutputs; ++x) put(y, x, row[x] + start);
  }
}

// The outputs of whole vectors of channels, of a tile that is inside and clamped; how many channels
// those are.
template <int kOutputs, bool kResidual>
STINT_OUTLINE int64_t WinogradClamped(const WinogradOutput& callers) {
  const WinogradOutput tile = callers;
  const Bounds bounds = BoundsOf(*tile.finish);
  const int64_t whole = tile.channels / kLanes * kLanes;
  for (int64_t channel = 0; channel < whole; channel += kLanes) {
    WinogradSums<kOutputs>(tile, channel, [&](int y, int x, Vector sum) STINT_LAMBDA_INLINE {
      if (kResidual) {
        sum =
            sum + Load(tile.residual + y * tile.residual_line + x * tile.residual_pixel + channel);
      }
      Store(tile.output + y * tile.output_line + x * tile.output_pixel + channel,
            Clamp(bounds, sum));
    });
  }
  return whole;
}

// The outputs of channels from `channel` on, of any tile.
template <int kOutputs>
STINT_OUTLINE void WinogradAside(const WinogradOutput& tile, int64_t channel) {
  const Finish& finish = *tile.finish;
  alignas(64) float aside[kOutputs * kOutputs * kLanes];
  AsideRows rows = {};
  rows.sums = aside;
  rows.sums_row = kLanes;
  rows.sums_line = kOutputs * kLanes;
  rows.rows = tile.columns;
  rows.lines = tile.rows;
  rows.residual_row = tile.residual_pixel;
  rows.residual_line = tile.residual_line;
  rows.to_row = tile.output_pixel;
  rows.to_line = tile.output_line;
  for (; channel < tile.channels; channel += kLanes) {
    WinogradSums<kOutputs>(tile, channel, [&](int y, int x, Vector sum) STINT_LAMBDA_INLINE {
      Store(aside + (y * kOutputs + x) * kLanes, sum);
    });
    const int64_t left = tile.channels - channel;
    rows.columns = left < kLanes ? left : kLanes;
    rows.scale = finish.scale == nullptr ? nullptr : finish.scale + channel;
    if (tile.residual != nullptr) rows.residual = tile.residual + channel;
    rows.to = tile.output + channel;
    FinishRows(finish, rows);
  }
}

template <int kOutputs>
void WinogradOutputs(const WinogradOutput& tile) {
  int64_t channel = 0;
  if (tile.rows == kOutputs && tile.columns == kOutputs && IsClamp(*tile.finish)) {
    channel = tile.residual == nullptr ? WinogradClamped<kOutputs, false>(tile)
                                       : WinogradClamped<kOutputs, true>(tile);
  }
  if (channel < tile.channels) WinogradAside<kOutputs>(tile, channel);
}

}  // namespace

}  // namespace stint::cpu::STINT_ISA
