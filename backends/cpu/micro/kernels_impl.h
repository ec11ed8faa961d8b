// The source of the micro-kernels, included by one file an instruction set, which defines
// STINT_MICRO (its namespace), STINT_MICRO_LANES (floats a vector), STINT_MICRO_VECTORS (vectors a
// tile row) and STINT_MICRO_ROWS (rows of a tile, even): rows * vectors sums, a row of B and one of
// A must fit the registers. No include guard: each includer compiles its own copy.
//
// Vectors are the compilers' own (vector_size), so that one text serves SSE2, AVX2 and NEON.
#include "backends/cpu/micro/kernels.h"

namespace stint::cpu::STINT_MICRO {

namespace {

constexpr int kLanes = STINT_MICRO_LANES;
constexpr int kVectors = STINT_MICRO_VECTORS;
constexpr int kTileRows = STINT_MICRO_ROWS;

typedef float Vector __attribute__((vector_size(kLanes * 4)));
typedef int32_t Mask __attribute__((vector_size(kLanes * 4)));
// In memory, at any address.
typedef float Stored __attribute__((vector_size(kLanes * 4), aligned(4), may_alias));

inline Vector Load(const float* from) { return *reinterpret_cast<const Stored*>(from); }
inline void Store(float* to, Vector value) { *reinterpret_cast<Stored*>(to) = value; }
// value - 0 is value for every value, so that this is a broadcast and nothing else.
inline Vector Fill(float value) { return value - Vector{}; }

// Sums from zero, and adds the start last: blocks of depth are partial sums, whose errors do not
// grow with the whole depth.
template <int kRows>
void GemmRows(const GemmTile& tile) {
  Vector sums[kRows][kVectors] = {};
  // One pointer for three rows: base + row and base + 2 * row are addressing modes, and a pointer
  // for each row would not fit the registers.
  constexpr int kGroups = (kRows + 2) / 3;
  const int64_t a_row = tile.a_row;
  const float* a[kGroups];
  // Without depth there may be no matrix to point into.
  for (int g = 0; g < kGroups; ++g) a[g] = tile.depth == 0 ? tile.a : tile.a + 3 * g * a_row;
  const float* b = tile.b;
  for (int64_t k = 0; k < tile.depth; ++k) {
    Vector columns[kVectors];
    for (int v = 0; v < kVectors; ++v) columns[v] = Load(b + v * kLanes);
    for (int r = 0; r < kRows; ++r) {
      const Vector row = Fill(a[r / 3][r % 3 * a_row]);
      for (int v = 0; v < kVectors; ++v) sums[r][v] += row * columns[v];
    }
    for (int g = 0; g < kGroups; ++g) a[g] += tile.a_step;
    b += tile.b_step;
  }
  for (int r = 0; r < kRows; ++r) {
    const float* const start = tile.start + r * tile.start_row;
    for (int v = 0; v < kVectors; ++v) {
      const Vector first = tile.start_is_vector ? Load(start + v * kLanes) : Fill(*start);
      Store(tile.c + r * tile.c_row + v * kLanes, first + sums[r][v]);
    }
  }
}

// Calls the version for `rows`, of which there is one for each number up to kTileRows.
template <int kRows>
void GemmUpTo(int rows, const GemmTile& tile) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return GemmUpTo<kRows - 1>(rows, tile);
  }
  GemmRows<kRows>(tile);
}

void Gemm(int rows, const GemmTile& tile) { GemmUpTo<kTileRows>(rows, tile); }

// kLanes elements, `stride` apart.
template <int kStride>
inline Vector LoadStrided(const float* from, int64_t stride) {
  if (kStride == 1) return Load(from);
  Vector value = {};
  for (int i = 0; i < kLanes; ++i) value[i] = from[i * (kStride == 0 ? stride : kStride)];
  return value;
}

// The first `count` elements of `value`, all of them if there are more to come.
inline void StorePart(float* to, Vector value, int64_t count) {
  if (count >= kLanes) return Store(to, value);
  for (int64_t i = 0; i < count; ++i) to[i] = value[i];
}

// Taps of one kernel row that are summed before they are added to the rest.
constexpr int kTapBlock = 32;

// Two vectors of outputs at a time: enough independent sums to hide the latency of the multiply.
template <int kStride>
void DepthwiseWith(const DepthwiseRow& row) {
  const int64_t stride = kStride == 0 ? row.stride : kStride;
  for (int64_t x = 0; x < row.count; x += 2 * kLanes) {
    Vector low = Fill(row.bias);
    Vector high = low;
    const float* weight = row.weights;
    for (int i = 0; i < row.kernel_rows; ++i) {
      const float* from = row.input + i * row.row_step + x * stride;
      for (int block = 0; block < row.kernel_columns; block += kTapBlock) {
        const int end =
            block + kTapBlock < row.kernel_columns ? block + kTapBlock : row.kernel_columns;
        Vector low_sum = {};
        Vector high_sum = {};
        for (int j = block; j < end; ++j) {
          const Vector factor = Fill(*weight++);
          low_sum += factor * LoadStrided<kStride>(from, stride);
          high_sum += factor * LoadStrided<kStride>(from + kLanes * stride, stride);
          from += row.column_step;
        }
        low += low_sum;
        high += high_sum;
      }
    }
    StorePart(row.output + x, low, row.count - x);
    StorePart(row.output + x + kLanes, high, row.count - x - kLanes);
  }
}

void Depthwise(const DepthwiseRow& row) {
  if (row.stride == 1) return DepthwiseWith<1>(row);
  if (row.stride == 2) return DepthwiseWith<2>(row);
  return DepthwiseWith<0>(row);
}

// The larger of both; NaN wins.
inline Vector Larger(Vector best, Vector value) {
  const Mask wins = (value > best) | (value != value);
  return reinterpret_cast<Vector>((reinterpret_cast<Mask>(value) & wins) |
                                  (reinterpret_cast<Mask>(best) & ~wins));
}

template <int kStride, bool kMaximum>
void PoolWith(const PoolRow& row) {
  const int64_t stride = kStride == 0 ? row.stride : kStride;
  for (int64_t x = 0; x < row.count; x += kLanes) {
    Vector value = Fill(kMaximum ? -__builtin_inff() : 0.0f);
    for (int i = 0; i < row.kernel_rows; ++i) {
      const float* from = row.input + i * row.row_step + x * stride;
      for (int j = 0; j < row.kernel_columns; ++j) {
        const Vector tap = LoadStrided<kStride>(from, stride);
        value = kMaximum ? Larger(value, tap) : value + tap;
        from += row.column_step;
      }
    }
    StorePart(row.output + x, value, row.count - x);
  }
}

template <bool kMaximum>
void PoolOf(const PoolRow& row) {
  if (row.stride == 1) return PoolWith<1, kMaximum>(row);
  if (row.stride == 2) return PoolWith<2, kMaximum>(row);
  return PoolWith<0, kMaximum>(row);
}

void Pool(const PoolRow& row) { return row.maximum ? PoolOf<true>(row) : PoolOf<false>(row); }

}  // namespace

}  // namespace stint::cpu::STINT_MICRO

#define STINT_MICRO_TABLE                                                                   \
  {STINT_MICRO::kTileRows, STINT_MICRO::kVectors * STINT_MICRO::kLanes, &STINT_MICRO::Gemm, \
   &STINT_MICRO::Depthwise, &STINT_MICRO::Pool}
