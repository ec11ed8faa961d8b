// RowKernels (micro/rows.h) over the SIMD vocabulary. Included by one file an instruction set after
// its simd/<isa>.h. No include guard: each includer compiles its own copy.
#include "backends/cpu/micro/rows.h"
#include "backends/cpu/simd/functions.h"

namespace stint::cpu::STINT_ISA {

namespace {

// Vectors that are worked on side by side, to hide the latency of what joins them.
constexpr int kTogether = 4;
// Elements whose partial sums are joined before the next ones, so that errors do not grow with all.
constexpr int64_t kRowBlock = int64_t{64} * kTogether * kLanes;

constexpr float kLaneNumbers[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

// The first `count` elements; zeros behind them.
STINT_INLINE Vector FirstOf(Vector value, int64_t count) {
  return SelectGreater(Fill(static_cast<float>(count)), Load(kLaneNumbers), value, Fill(0.0f));
}

// step.Whole(at, slot) for each whole vector of begin .. end, slot in 0 .. kTogether - 1, then
// step.Part(at, count) for what is left.
template <typename Step>
STINT_INLINE void ForVectors(int64_t begin, int64_t end, Step& step) {
  int64_t at = begin;
  for (; at + kTogether * kLanes <= end; at += kTogether * kLanes) {
    step.Whole(at, 0);
    step.Whole(at + kLanes, 1);
    step.Whole(at + 2 * kLanes, 2);
    step.Whole(at + 3 * kLanes, 3);
  }
  for (; at + kLanes <= end; at += kLanes) step.Whole(at, 0);
  if (at < end) step.Part(at, end - at);
}

// Sums of each.Whole(at) and each.Part(at, count) over a row, in blocks.
template <typename Each>
STINT_INLINE float SumRow(int64_t count, const Each& each) {
  struct Block {
    const Each& each;
    Vector sums[kTogether];
    STINT_INLINE void Whole(int64_t at, int slot) { sums[slot] = sums[slot] + each.Whole(at); }
    STINT_INLINE void Part(int64_t at, int64_t left) {
      sums[0] = sums[0] + FirstOf(each.Part(at, left), left);
    }
  };
  Vector total = Fill(0.0f);
  for (int64_t begin = 0; begin < count; begin += kRowBlock) {
    const int64_t end = count - begin < kRowBlock ? count : begin + kRowBlock;
    Block block = {each, {Fill(0.0f), Fill(0.0f), Fill(0.0f), Fill(0.0f)}};
    ForVectors(begin, end, block);
    total = total + ((block.sums[0] + block.sums[1]) + (block.sums[2] + block.sums[3]));
  }
  return Sum(total);
}

float Largest(const float* from, int64_t count) {
  struct Step {
    const float* from;
    Vector best[kTogether];
    STINT_INLINE void Whole(int64_t at, int slot) {
      best[slot] = Larger(best[slot], Load(from + at));
    }
    // The last whole vector, of which some elements were seen before.
    STINT_INLINE void Part(int64_t at, int64_t left) { Whole(at + left - kLanes, 0); }
  };
  alignas(64) float lanes[kLanes];
  for (int64_t i = 0; i < kLanes; ++i) lanes[i] = from[i < count ? i : 0];
  const Vector first = Load(lanes);
  Step step = {from, {first, first, first, first}};
  if (count > kLanes) ForVectors(kLanes, count, step);
  const Vector best =
      Larger(Larger(step.best[0], step.best[1]), Larger(step.best[2], step.best[3]));
  Store(lanes, best);
  float largest = lanes[0];
  for (int i = 1; i < kLanes; ++i) {
    const bool wins = lanes[i] > largest || lanes[i] != lanes[i];
    largest = wins ? lanes[i] : largest;
  }
  return largest;
}

template <bool kStored>
struct ExpStep {
  const float* from;
  Vector largest;
  float* to;
  STINT_INLINE Vector Whole(int64_t at) const {
    const Vector value = Exp(Load(from + at) - largest);
    if (kStored) Store(to + at, value);
    return value;
  }
  STINT_INLINE Vector Part(int64_t at, int64_t left) const {
    const Vector value = Exp(LoadPart(from + at, left) - largest);
    if (kStored) StorePart(to + at, value, left);
    return value;
  }
};

float ExpSum(const float* from, int64_t count, float largest, float* to) {
  if (to == nullptr) return SumRow(count, ExpStep<false>{from, Fill(largest), nullptr});
  return SumRow(count, ExpStep<true>{from, Fill(largest), to});
}

// to[i] = formula(from[i])
template <typename Formula>
STINT_INLINE void ApplyToRow(const float* from, int64_t count, float* to, const Formula& formula) {
  int64_t at = 0;
  for (; at + kLanes <= count; at += kLanes) Store(to + at, formula(Load(from + at)));
  if (at == count) return;
  StorePart(to + at, formula(LoadPart(from + at, count - at)), count - at);
}

void ScaleRow(const float* from, int64_t count, float factor, float* to) {
  const Vector factors = Fill(factor);
  ApplyToRow(from, count, to, [&](Vector x) { return x * factors; });
}

void LowerRow(const float* from, int64_t count, float first, float second, float* to) {
  const Vector firsts = Fill(first);
  const Vector seconds = Fill(second);
  ApplyToRow(from, count, to, [&](Vector x) { return (x - firsts) - seconds; });
}

void BlendRows(const float* const* rows, const float* weights, int taps, int64_t count, float* to) {
  int64_t at = 0;
  for (; at + kLanes <= count; at += kLanes) {
    Vector sum = Load(rows[0] + at) * Broadcast(weights);
    for (int i = 1; i < taps; ++i) sum = Fma(Load(rows[i] + at), Broadcast(weights + i), sum);
    Store(to + at, sum);
  }
  if (at == count) return;
  Vector sum = LoadPart(rows[0] + at, count - at) * Broadcast(weights);
  for (int i = 1; i < taps; ++i) {
    sum = Fma(LoadPart(rows[i] + at, count - at), Broadcast(weights + i), sum);
  }
  StorePart(to + at, sum, count - at);
}

struct ElementStep {
  const float* from;
  STINT_INLINE Vector Whole(int64_t at) const { return Load(from + at); }
  STINT_INLINE Vector Part(int64_t at, int64_t left) const { return LoadPart(from + at, left); }
};

// The sums of distances from a number and of their squares, side by side.
struct DistanceSums {
  const float* from;
  Vector mean;
  Vector distances[kTogether];
  Vector squares[kTogether];
  STINT_INLINE void Add(Vector distance, int slot) {
    distances[slot] = distances[slot] + distance;
    squares[slot] = Fma(distance, distance, squares[slot]);
  }
  STINT_INLINE void Whole(int64_t at, int slot) { Add(Load(from + at) - mean, slot); }
  STINT_INLINE void Part(int64_t at, int64_t left) {
    Add(FirstOf(LoadPart(from + at, left) - mean, left), 0);
  }
};

void Moments(const float* from, int64_t count, bool centred, RowMoments* moments) {
  const auto elements = static_cast<float>(count);
  const float mean = centred ? SumRow(count, ElementStep{from}) / elements : 0.0f;
  const Vector zero = Fill(0.0f);
  Vector distances = zero;
  Vector squares = zero;
  for (int64_t begin = 0; begin < count; begin += kRowBlock) {
    const int64_t end = count - begin < kRowBlock ? count : begin + kRowBlock;
    DistanceSums sums = {from, Fill(mean), {zero, zero, zero, zero}, {zero, zero, zero, zero}};
    ForVectors(begin, end, sums);
    distances = distances +
                ((sums.distances[0] + sums.distances[1]) + (sums.distances[2] + sums.distances[3]));
    squares = squares + ((sums.squares[0] + sums.squares[1]) + (sums.squares[2] + sums.squares[3]));
  }
  const float rest = centred ? Sum(distances) / elements : 0.0f;
  *moments = {mean, rest, Sum(squares) / elements - rest * rest};
}

void StandardizeRow(const float* from, int64_t count, const RowMoments& moments, float factor,
                    float* to) {
  const Vector mean = Fill(moments.mean);
  const Vector rest = Fill(moments.rest);
  const Vector factors = Fill(factor);
  ApplyToRow(from, count, to, [&](Vector x) { return ((x - mean) - rest) * factors; });
}

}  // namespace

}  // namespace stint::cpu::STINT_ISA

#define STINT_ROW_TABLE                                                                         \
  {&STINT_ISA::Largest,   &STINT_ISA::ExpSum,  &STINT_ISA::ScaleRow,      &STINT_ISA::LowerRow, \
   &STINT_ISA::BlendRows, &STINT_ISA::Moments, &STINT_ISA::StandardizeRow}
