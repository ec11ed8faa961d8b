// Pools, means and what is done element by element, over channels-last rows (micro/tiles.h).
#include "backends/cpu/micro/finish_impl.h"

namespace stint::cpu::STINT_ISA {

namespace {

// Calls add(row pointer at the tap's column) for the taps of output column x that are inside.
template <typename Add>
STINT_INLINE void ForTapsInside(const PoolTile& tile, int64_t x, const Add& add) {
  const int64_t in_x = x * tile.stride_x - tile.pad_left;
  for (int ky = 0; ky < tile.kernel_height; ++ky) {
    const float* const row = tile.rows[ky];
    if (row == nullptr) continue;
    for (int kx = 0; kx < tile.kernel_width; ++kx) {
      const int64_t column = in_x + static_cast<int64_t>(kx) * tile.dilation_x;
      if (column >= 0 && column < tile.width) add(row + column * tile.pixel);
    }
  }
}

// Channels [channel, channel + kVectors * kLanes) of output column x; with one vector it may be the
// last, which is part of one.
template <int kVectors>
STINT_INLINE void MaximumOf(const PoolTile& tile, int64_t x, int64_t channel, float* to) {
  const int64_t count = kVectors > 1 ? kVectors * kLanes : tile.channels - channel;
  Vector best[kVectors];
  STINT_UNROLL for (int v = 0; v < kVectors; ++v) best[v] = Fill(-__builtin_inff());
  ForTapsInside(tile, x, [&](const float* from) STINT_LAMBDA_INLINE {
    STINT_UNROLL for (int v = 0; v < kVectors; ++v) {
      best[v] = Larger(best[v], LoadUpTo(from + channel, v * kLanes, count));
    }
  });
  STINT_UNROLL for (int v = 0; v < kVectors; ++v) {
    StoreUpTo(to + channel, v * kLanes, count, best[v]);
  }
}

// Likewise; the sum of the taps is divided by `counted`.
template <int kVectors>
STINT_INLINE void AverageOf(const PoolTile& tile, int64_t x, int64_t channel, Vector counted,
                            float* to) {
  const int64_t count = kVectors > 1 ? kVectors * kLanes : tile.channels - channel;
  Vector sums[kVectors];
  STINT_UNROLL for (int v = 0; v < kVectors; ++v) sums[v] = Fill(0.0f);
  ForTapsInside(tile, x, [&](const float* from) STINT_LAMBDA_INLINE {
    STINT_UNROLL for (int v = 0; v < kVectors; ++v) {
      sums[v] = sums[v] + LoadUpTo(from + channel, v * kLanes, count);
    }
  });
  STINT_UNROLL for (int v = 0; v < kVectors; ++v) {
    StoreUpTo(to + channel, v * kLanes, count, sums[v] / counted);
  }
}

STINT_INLINE Vector CountedTaps(const PoolTile& tile, int64_t x) {
  int64_t columns = 0;
  for (int kx = 0; kx < tile.kernel_width; ++kx) {
    const int64_t column =
        x * tile.stride_x - tile.pad_left + static_cast<int64_t>(kx) * tile.dilation_x;
    columns += column >= tile.count_begin && column < tile.count_end ? 1 : 0;
  }
  const int64_t counted = columns * tile.counted_rows;
  return Fill(static_cast<float>(counted > 0 ? counted : 1));
}

// Several vectors of channels a walk over the taps, whose bounds cost more than their loads.
constexpr int kPoolVectors = 4;

void MaximumPool(const PoolTile& tile, int64_t x, float* to) {
  int64_t channel = 0;
  for (; channel + kPoolVectors * kLanes <= tile.channels; channel += kPoolVectors * kLanes) {
    MaximumOf<kPoolVectors>(tile, x, channel, to);
  }
  for (; channel < tile.channels; channel += kLanes) MaximumOf<1>(tile, x, channel, to);
}

void AveragePool(const PoolTile& tile, int64_t x, float* to) {
  const Vector counted = CountedTaps(tile, x);
  int64_t channel = 0;
  for (; channel + kPoolVectors * kLanes <= tile.channels; channel += kPoolVectors * kLanes) {
    AverageOf<kPoolVectors>(tile, x, channel, counted, to);
  }
  for (; channel < tile.channels; channel += kLanes) AverageOf<1>(tile, x, channel, counted, to);
}

void Pool(const PoolTile& callers) {
  // A variable of its own: the compiler must take each store to be one to the caller's.
  const PoolTile tile = callers;
  for (int64_t x = tile.x; x < tile.x_end; ++x) {
    float* const to = tile.output + x * tile.output_pixel;
    tile.maximum ? MaximumPool(tile, x, to) : AveragePool(tile, x, to);
  }
}

// Pixels that are summed before they are added to the rest, so that errors do not grow with all.
constexpr int64_t kMeanBlock = 64;

template <int kVectors>
STINT_INLINE void MeanOf(const float* from, int64_t pixels, int64_t pixel, int64_t channels,
                         float* to) {
  Vector total[kVectors] = {};
  for (int64_t block = 0; block < pixels; block += kMeanBlock) {
    const int64_t end = block + kMeanBlock < pixels ? block + kMeanBlock : pixels;
    Vector sums[kVectors] = {};
    for (int64_t p = block; p < end; ++p) {
      STINT_UNROLL for (int v = 0; v < kVectors; ++v) {
        sums[v] = sums[v] + LoadUpTo(from + p * pixel, v * kLanes, channels);
      }
    }
    STINT_UNROLL for (int v = 0; v < kVectors; ++v) total[v] = total[v] + sums[v];
  }
  const Vector count = Fill(static_cast<float>(pixels));
  STINT_UNROLL for (int v = 0; v < kVectors; ++v) {
    StoreUpTo(to, v * kLanes, channels, total[v] / count);
  }
}

void Mean(const float* from, int64_t pixels, int64_t pixel, int64_t channels, float* to) {
  int64_t c = 0;
  for (; c + 4 * kLanes <= channels; c += 4 * kLanes) {
    MeanOf<4>(from + c, pixels, pixel, 4 * kLanes, to + c);
  }
  for (; c < channels; c += kLanes) MeanOf<1>(from + c, pixels, pixel, channels - c, to + c);
}

void Add(const float* from, const float* residual, int64_t count, const Finish& finish, float* to) {
  // As one row whose sums are complete; a whole number of vectors is read by FinishRows.
  const int64_t whole = count / kLanes * kLanes;
  Finish plain = finish;
  plain.scale = nullptr;
  plain.residual_last = false;
  if (whole > 0) FinishRows(plain, {from, 0, 1, nullptr, residual, 0, to, 0, whole});
  if (whole == count) return;
  alignas(64) float rest[kLanes];
  Store(rest, LoadPart(from + whole, count - whole));
  FinishRows(plain, {rest, 0, 1, nullptr, residual + whole, 0, to + whole, 0, count - whole});
}

void Scale(const float* from, int64_t from_pixel, int64_t pixels, int64_t channels,
           const float* scale, float* to, int64_t to_pixel) {
  for (int64_t p = 0; p < pixels; ++p) {
    for (int64_t c = 0; c < channels; c += kLanes) {
      const Vector product =
          LoadUpTo(from + p * from_pixel, c, channels) * LoadUpTo(scale, c, channels);
      StoreUpTo(to + p * to_pixel, c, channels, product);
    }
  }
}

}  // namespace

}  // namespace stint::cpu::STINT_ISA
