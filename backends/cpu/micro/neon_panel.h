// Tiles of one panel for 64-bit NEON, in assembly: compilers keep 20 sums, a vector of each of five
// rows of A and the weights in 32 registers only by luck (GCC 12 puts sums aside in each turn of
// the loop), and these loops are nine tenths of what a convolutional network executes.
//
// Registers: v0 .. v4 hold A, one a row; v5 .. v10 three pairs of vectors of weights, each loaded
// two pairs ahead of its use, as processors that run in order need; v12 .. v31 the sums, four a
// row. Products are added in the order that micro/tiles.h promises.
#ifndef STINT_BACKENDS_CPU_MICRO_NEON_PANEL_H_
#define STINT_BACKENDS_CPU_MICRO_NEON_PANEL_H_

#include "backends/cpu/micro/tile_impl.h"

#define STINT_ASSEMBLED_TILES

namespace stint::cpu::STINT_ISA {

namespace {

constexpr int kAssembledRows = 5;

// use(row, its sums of channels 0 .. 7, ...) for the rows of a tile.
#define STINT_LOW_1(use, ...) use(0, 12, 13, __VA_ARGS__)
#define STINT_LOW_2(use, ...) STINT_LOW_1(use, __VA_ARGS__) use(1, 16, 17, __VA_ARGS__)
#define STINT_LOW_3(use, ...) STINT_LOW_2(use, __VA_ARGS__) use(2, 20, 21, __VA_ARGS__)
#define STINT_LOW_4(use, ...) STINT_LOW_3(use, __VA_ARGS__) use(3, 24, 25, __VA_ARGS__)
#define STINT_LOW_5(use, ...) STINT_LOW_4(use, __VA_ARGS__) use(4, 28, 29, __VA_ARGS__)
// Likewise for channels 8 .. 15.
#define STINT_HIGH_1(use, ...) use(0, 14, 15, __VA_ARGS__)
#define STINT_HIGH_2(use, ...) STINT_HIGH_1(use, __VA_ARGS__) use(1, 18, 19, __VA_ARGS__)
#define STINT_HIGH_3(use, ...) STINT_HIGH_2(use, __VA_ARGS__) use(2, 22, 23, __VA_ARGS__)
#define STINT_HIGH_4(use, ...) STINT_HIGH_3(use, __VA_ARGS__) use(3, 26, 27, __VA_ARGS__)
#define STINT_HIGH_5(use, ...) STINT_HIGH_4(use, __VA_ARGS__) use(4, 30, 31, __VA_ARGS__)
// use(four sums) for the rows of a tile.
#define STINT_SUMS_1(use) use(12, 13, 14, 15)
#define STINT_SUMS_2(use) STINT_SUMS_1(use) use(16, 17, 18, 19)
#define STINT_SUMS_3(use) STINT_SUMS_2(use) use(20, 21, 22, 23)
#define STINT_SUMS_4(use) STINT_SUMS_3(use) use(24, 25, 26, 27)
#define STINT_SUMS_5(use) STINT_SUMS_4(use) use(28, 29, 30, 31)

#define STINT_MULTIPLY(row, sum0, sum1, weights0, weights1, lane) \
  "fmla v" #sum0 ".4s, v" #weights0 ".4s, v" #row ".s[" #lane     \
  "]\n"                                                           \
  "fmla v" #sum1 ".4s, v" #weights1 ".4s, v" #row ".s[" #lane "]\n"
#define STINT_ENTER_TAP(row, ...) "add %[row" #row "], %[row" #row "], %[moved], lsl #2\n"
#define STINT_LOAD_FOUR(row, ...) "ldr q" #row ", [%[row" #row "]], #16\n"
#define STINT_LOAD_ONE(row, ...) "ldr s" #row ", [%[row" #row "]], #4\n"
#define STINT_LOAD_AT(row, ...) "ldr s" #row ", [%[row" #row "], %[moved], lsl #2]\n"

#define STINT_START_SUMS(sum0, sum1, sum2, sum3) \
  "ld1 {v" #sum0 ".4s, v" #sum1 ".4s, v" #sum2 ".4s, v" #sum3 ".4s}, [%[start]]\n"
#define STINT_STORE_SUMS(sum0, sum1, sum2, sum3) \
  "st1 {v" #sum0 ".4s, v" #sum1 ".4s, v" #sum2 ".4s, v" #sum3 ".4s}, [%[to]], %[to_row]\n"
// To [v0, v1].
#define STINT_CLAMP_SUM(sum)  \
  "fmax v" #sum ".4s, v" #sum \
  ".4s, v0.4s\n"              \
  "fmin v" #sum ".4s, v" #sum ".4s, v1.4s\n"
#define STINT_CLAMP_SUMS(sum0, sum1, sum2, sum3) \
  STINT_CLAMP_SUM(sum0) STINT_CLAMP_SUM(sum1) STINT_CLAMP_SUM(sum2) STINT_CLAMP_SUM(sum3)

// Loads the weights of one k, and adds its products with lane 0.
#define STINT_ONE_K(rows)                                                      \
  "ldp q5, q6, [%[weights]], #64\n"                                            \
  "ldp q7, q8, [%[weights], #-32]\n" STINT_LOW_##rows(STINT_MULTIPLY, 5, 6, 0) \
      STINT_HIGH_##rows(STINT_MULTIPLY, 7, 8, 0)

// For each tap: ks by fours, then the rest one by one. `done` is how far the rows' pointers are
// from where they began.
#define STINT_SUM_TAPS(rows) \
  "1:\n"                                       \
  "ldr %[moved], [%[offsets]], #8\n"           \
  "lsr %[left], %[channels], #2\n"             \
  "sub %[moved], %[moved], %[done]\n"          \
  "add %[done], %[done], %[moved]\n"           \
  "add %[done], %[done], %[channels]\n"        \
  STINT_LOW_##rows(STINT_ENTER_TAP)            \
  "cbz %[left], 3f\n"                          \
  "2:\n"                                       \
  STINT_LOW_##rows(STINT_LOAD_FOUR)            \
  "ldp q5, q6, [%[weights]], #256\n"           \
  "ldp q7, q8, [%[weights], #-224]\n"          \
  "ldp q9, q10, [%[weights], #-192]\n"         \
  "prfm pldl2keep, [%[prefetch]]\n"            \
  STINT_LOW_##rows(STINT_MULTIPLY, 5, 6, 0)    \
  "ldp q5, q6, [%[weights], #-160]\n"          \
  "add %[prefetch], %[prefetch], %[step]\n"    \
  STINT_HIGH_##rows(STINT_MULTIPLY, 7, 8, 0)   \
  "ldp q7, q8, [%[weights], #-128]\n"          \
  STINT_LOW_##rows(STINT_MULTIPLY, 9, 10, 1)   \
  "ldp q9, q10, [%[weights], #-96]\n"          \
  STINT_HIGH_##rows(STINT_MULTIPLY, 5, 6, 1)   \
  "ldp q5, q6, [%[weights], #-64]\n"           \
  STINT_LOW_##rows(STINT_MULTIPLY, 7, 8, 2)    \
  "ldp q7, q8, [%[weights], #-32]\n"           \
  STINT_HIGH_##rows(STINT_MULTIPLY, 9, 10, 2)  \
  "subs %[left], %[left], #1\n"                \
  STINT_LOW_##rows(STINT_MULTIPLY, 5, 6, 3)    \
  STINT_HIGH_##rows(STINT_MULTIPLY, 7, 8, 3)   \
  "b.ne 2b\n"                                  \
  "3:\n"                                       \
  "ands %[left], %[channels], #3\n"            \
  "b.eq 5f\n"                                  \
  "4:\n"                                       \
  STINT_LOW_##rows(STINT_LOAD_ONE)             \
  STINT_ONE_K(rows)                            \
  "subs %[left], %[left], #1\n"                \
  "b.ne 4b\n"                                  \
  "5:\n"                                       \
  "subs %[taps], %[taps], #1\n"                \
  "b.ne 1b\n"

// One k a tap.
#define STINT_SUM_PLANES(rows) \
  "1:\n"                                       \
  "ldr %[moved], [%[offsets]], #8\n"           \
  STINT_LOW_##rows(STINT_LOAD_AT)              \
  STINT_ONE_K(rows)                            \
  "subs %[taps], %[taps], #1\n"                \
  "b.ne 1b\n"

#define STINT_TILE(rows, sum) \
  STINT_SUMS_##rows(STINT_START_SUMS)     \
  sum(rows)                               \
  "ldr d0, [%[bounds]]\n"                 \
  "dup v1.4s, v0.s[1]\n"                  \
  "dup v0.4s, v0.s[0]\n"                  \
  STINT_SUMS_##rows(STINT_CLAMP_SUMS)     \
  STINT_SUMS_##rows(STINT_STORE_SUMS)

// Runs STINT_TILE(rows_, sum) on the variables of RunAssembled.
#define STINT_RUN_TILE(rows_, sum)                                                             \
  asm volatile(STINT_TILE(rows_, sum)                                                          \
               : [row0] "+r"(row[0]), [row1] "+r"(row[1]), [row2] "+r"(row[2]),                \
                 [row3] "+r"(row[3]), [row4] "+r"(row[4]), [weights] "+r"(weights),            \
                 [prefetch] "+r"(prefetch), [offsets] "+r"(offsets), [taps] "+r"(taps),        \
                 [to] "+r"(to), [done] "+r"(done), [moved] "=&r"(moved), [left] "=&r"(left)    \
               : [channels] "r"(tile.channels), [step] "r"(tile.prefetch_step),                \
                 [start] "r"(ends.start), [bounds] "r"(ends.bounds), [to_row] "r"(ends.to_row) \
               : "cc", "memory", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9",   \
                 "v10", "v12", "v13", "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21",  \
                 "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31")

// Where the sums of an assembled tile come from and go to.
struct TileEnds {
  const float* start;   // kPanel floats that each row starts from.
  const float* bounds;  // Low and high, between which results are stored.
  float* to;            // kPanel floats a row.
  int64_t to_row;       // From one to the next, in bytes.
};

// At least one tap; rows as RowPointers has them.
template <int kRows, int kSegments, bool kPlanar>
STINT_INLINE void RunAssembled(const ConvTile& tile, const TileEnds& ends) {
  constexpr int kRun = kRows / kSegments;
  const float* row[kAssembledRows];
  STINT_UNROLL for (int r = 0; r < kAssembledRows; ++r) {
    row[r] = r < kRows ? tile.a + r / kRun * tile.a_second + r % kRun * tile.a_row : tile.a;
  }
  const float* weights = tile.weights;
  const char* prefetch = tile.prefetch;
  const int64_t* offsets = tile.tap_offsets;
  int64_t taps = tile.taps;
  float* to = ends.to;
  int64_t done = 0;
  int64_t moved;
  int64_t left;
  if constexpr (kPlanar) {
    if constexpr (kRows == 1) STINT_RUN_TILE(1, STINT_SUM_PLANES);
    if constexpr (kRows == 4) STINT_RUN_TILE(4, STINT_SUM_PLANES);
    if constexpr (kRows == 5) STINT_RUN_TILE(5, STINT_SUM_PLANES);
  } else {
    if constexpr (kRows == 1) STINT_RUN_TILE(1, STINT_SUM_TAPS);
    if constexpr (kRows == 2) STINT_RUN_TILE(2, STINT_SUM_TAPS);
    if constexpr (kRows == 3) STINT_RUN_TILE(3, STINT_SUM_TAPS);
    if constexpr (kRows == 4) STINT_RUN_TILE(4, STINT_SUM_TAPS);
    if constexpr (kRows == 5) STINT_RUN_TILE(5, STINT_SUM_TAPS);
  }
}

// What sums start from where it is no array of the caller's.
STINT_OUTLINE void CopyBias(const ConvTile& tile, float* start) {
  const float* const bias = tile.finish->bias;
  for (int i = 0; i < kPanel; ++i) {
    start[i] = bias != nullptr && i < tile.columns ? bias[tile.column + i] : 0.0f;
  }
}

// Finishes sums that were put aside, kPanel a row.
template <int kRows>
STINT_OUTLINE void FinishAside(const ConvTile& tile, const float* aside) {
  const Finish& finish = *tile.finish;
  if (IsClamp(finish) && tile.residual != nullptr && tile.columns == kPanel) {
    Sums<kRows, kPanelVectors> sums;
    STINT_UNROLL for (int r = 0; r < kRows; ++r) {
      STINT_UNROLL for (int v = 0; v < kPanelVectors; ++v) {
        sums.at[r][v] = Load(aside + r * kPanel + v * kLanes);
      }
    }
    return StoreClamped<kRows, kPanelVectors, true, true>(tile, sums);
  }
  const float* const scale = finish.scale == nullptr ? nullptr : finish.scale + tile.column;
  FinishRows(finish, {aside, kPanel, kRows, scale, tile.residual, tile.residual_row, tile.c,
                      tile.c_row, tile.columns});
}

template <int kRows, int kSegments, bool kPlanar>
STINT_OUTLINE void AssembledTile(const ConvTile& tile) {
  static constexpr float kUnbounded[2] = {-__builtin_inff(), __builtin_inff()};
  const Finish& finish = *tile.finish;
  const bool whole = tile.columns == kPanel;
  const bool direct = whole && IsClamp(finish) && tile.residual == nullptr;
  const bool clamps = direct && finish.activation == Activation::kClamp;
  float start[kPanel];
  float aside[kRows * kPanel];
  TileEnds ends = {start, clamps ? &finish.low : kUnbounded, aside, kPanel * sizeof(float)};
  if (whole && finish.bias != nullptr) {
    ends.start = finish.bias + tile.column;
  } else {
    CopyBias(tile, start);
  }
  if (direct) {
    ends.to = tile.c;
    ends.to_row = tile.c_row * static_cast<int64_t>(sizeof(float));
  }
  RunAssembled<kRows, kSegments, kPlanar>(tile, ends);
  if (!direct) FinishAside<kRows>(tile, aside);
}

}  // namespace

}  // namespace stint::cpu::STINT_ISA

#endif  // STINT_BACKENDS_CPU_MICRO_NEON_PANEL_H_
