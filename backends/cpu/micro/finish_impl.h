// Finish (micro/tiles.h) over vectors. Included after a simd/<isa>.h.
//
// Two ways: FinishInRegisters for the common epilogues, unrolled into each kernel, and FinishRows,
// one copy a kind of activation, over sums that the kernel has put aside: exponentials in twenty
// kernels of 28 sums would be a quarter of a megabyte, and the sums are in the nearest cache.
#ifndef STINT_BACKENDS_CPU_MICRO_FINISH_IMPL_H_
#define STINT_BACKENDS_CPU_MICRO_FINISH_IMPL_H_

#include "backends/cpu/micro/tiles.h"
#include "backends/cpu/simd/functions.h"

#define STINT_UNROLL _Pragma("GCC unroll 40")
#define STINT_OUTLINE __attribute__((noinline))
#define STINT_LAMBDA_INLINE __attribute__((always_inline))

namespace stint::cpu::STINT_ISA {

namespace {

constexpr int kPanelVectors = kPanel / kLanes;

// Elements [at, at + kLanes) of an array of `count`; zeros beyond.
STINT_INLINE Vector LoadUpTo(const float* from, int64_t at, int64_t count) {
  if (at + kLanes <= count) return Load(from + at);
  return at < count ? LoadPart(from + at, count - at) : Fill(0.0f);
}
STINT_INLINE void StoreUpTo(float* to, int64_t at, int64_t count, Vector value) {
  if (at + kLanes <= count) {
    Store(to + at, value);
  } else if (at < count) {
    StorePart(to + at, value, count - at);
  }
}

// A vector of which the first `count` elements exist.
template <bool kPart>
STINT_INLINE Vector LoadBlock(const float* from, int64_t count) {
  return kPart ? LoadPart(from, count) : Load(from);
}
template <bool kPart>
STINT_INLINE void StoreBlock(float* to, Vector value, int64_t count) {
  kPart ? StorePart(to, value, count) : Store(to, value);
}

template <Activation kActivation>
STINT_INLINE Vector Activate(const Finish& finish, Vector value) {
  switch (kActivation) {
    case Activation::kNone:
      return value;
    case Activation::kClamp:
      return AtMost(Fill(finish.high), AtLeast(Fill(finish.low), value));
    case Activation::kLinear:
      return AtMost(Fill(finish.high),
                    AtLeast(Fill(finish.low), Fma(value, Fill(finish.slope), Fill(finish.offset))));
    case Activation::kLeaky:
      return SelectGreater(Fill(0.0f), value, value * Fill(finish.slope), value);
    case Activation::kHardSwish:
      return HardSwish(value);
    case Activation::kSigmoid:
      return Sigmoid(value);
    case Activation::kSwish:
      return Swish(value);
    case Activation::kGelu:
      return Gelu(value);
    case Activation::kGeluTanh:
      return GeluTanh(value);
  }
  return value;
}

// Complete sums that were put aside, lines of rows of columns, and where they go.
struct AsideRows {
  const float* sums;
  int64_t sums_row;
  int rows;
  const float* scale;     // Of the first column; nullptr: none.
  const float* residual;  // nullptr: none.
  int64_t residual_row;
  float* to;
  int64_t to_row;
  int64_t columns;
  // From line to line.
  int lines = 1;
  int64_t sums_line = 0;
  int64_t residual_line = 0;
  int64_t to_line = 0;
};

// One vector, of which `count` elements exist. `scale` and `residual` may be nullptr.
template <Activation kActivation, bool kPart>
STINT_INLINE void FinishVector(const Finish& finish, const float* sums, const float* scale,
                               const float* residual, float* to, int64_t count) {
  Vector value = Load(sums);
  if (scale != nullptr) value = value * LoadBlock<kPart>(scale, count);
  if (residual == nullptr) {
    value = Activate<kActivation>(finish, value);
  } else if (finish.residual_last) {
    value = Activate<kActivation>(finish, value) + LoadBlock<kPart>(residual, count);
  } else {
    value = Activate<kActivation>(finish, value + LoadBlock<kPart>(residual, count));
  }
  StoreBlock<kPart>(to, value, count);
}

template <Activation kActivation>
STINT_INLINE void FinishRow(const Finish& finish, const float* sums, const float* scale,
                            const float* residual, float* to, int64_t columns) {
  int64_t j = 0;
  if (scale == nullptr && residual == nullptr) {
    for (; j + kLanes <= columns; j += kLanes) {
      Store(to + j, Activate<kActivation>(finish, Load(sums + j)));
    }
  }
  for (; j < columns; j += kLanes) {
    const float* const scale_at = scale == nullptr ? nullptr : scale + j;
    const float* const residual_at = residual == nullptr ? nullptr : residual + j;
    if (j + kLanes <= columns) {
      FinishVector<kActivation, false>(finish, sums + j, scale_at, residual_at, to + j, kLanes);
    } else {
      FinishVector<kActivation, true>(finish, sums + j, scale_at, residual_at, to + j, columns - j);
    }
  }
}

// Rows of one vector with nothing but the activation, as depthwise tiles have them where vectors
// are narrower than a panel.
template <Activation kActivation>
STINT_INLINE void FinishVectors(const Finish& finish, const AsideRows& aside) {
  for (int line = 0; line < aside.lines; ++line) {
    const float* sums = aside.sums + line * aside.sums_line;
    float* to = aside.to + line * aside.to_line;
    for (int row = 0; row < aside.rows; ++row) {
      Store(to, Activate<kActivation>(finish, Load(sums)));
      sums += aside.sums_row;
      to += aside.to_row;
    }
  }
}

template <Activation kActivation>
STINT_OUTLINE void FinishRowsAs(const Finish& finish, const AsideRows& aside) {
  const bool alone = aside.scale == nullptr && aside.residual == nullptr;
  if (kPanelVectors > 1 && alone && aside.columns == kLanes) {
    return FinishVectors<kActivation>(finish, aside);
  }
  for (int line = 0; line < aside.lines; ++line) {
    const float* sums = aside.sums + line * aside.sums_line;
    const float* residual = aside.residual;
    if (residual != nullptr) residual += line * aside.residual_line;
    float* to = aside.to + line * aside.to_line;
    for (int row = 0; row < aside.rows; ++row) {
      FinishRow<kActivation>(finish, sums, aside.scale, residual, to, aside.columns);
      sums += aside.sums_row;
      to += aside.to_row;
      if (residual != nullptr) residual += aside.residual_row;
    }
  }
}

STINT_OUTLINE void FinishRows(const Finish& finish, const AsideRows& aside) {
  switch (finish.activation) {
    case Activation::kNone:
      return FinishRowsAs<Activation::kNone>(finish, aside);
    case Activation::kClamp:
      return FinishRowsAs<Activation::kClamp>(finish, aside);
    case Activation::kLinear:
      return FinishRowsAs<Activation::kLinear>(finish, aside);
    case Activation::kLeaky:
      return FinishRowsAs<Activation::kLeaky>(finish, aside);
    case Activation::kHardSwish:
      return FinishRowsAs<Activation::kHardSwish>(finish, aside);
    case Activation::kSigmoid:
      return FinishRowsAs<Activation::kSigmoid>(finish, aside);
    case Activation::kSwish:
      return FinishRowsAs<Activation::kSwish>(finish, aside);
    case Activation::kGelu:
      return FinishRowsAs<Activation::kGelu>(finish, aside);
    case Activation::kGeluTanh:
      return FinishRowsAs<Activation::kGeluTanh>(finish, aside);
  }
}

// Whether a kernel finishes in registers, as clamping to [low, high], which is infinite for kNone.
STINT_INLINE bool IsClamp(const Finish& finish) {
  return finish.activation <= Activation::kClamp && finish.scale == nullptr &&
         !finish.residual_last;
}
struct Bounds {
  Vector low, high;
};
STINT_INLINE Bounds BoundsOf(const Finish& finish) {
  const bool clamp = finish.activation == Activation::kClamp;
  return {Fill(clamp ? finish.low : -__builtin_inff()),
          Fill(clamp ? finish.high : __builtin_inff())};
}
STINT_INLINE Vector Clamp(const Bounds& bounds, Vector value) {
  return AtMost(bounds.high, AtLeast(bounds.low, value));
}

}  // namespace

}  // namespace stint::cpu::STINT_ISA

#endif  // STINT_BACKENDS_CPU_MICRO_FINISH_IMPL_H_
