// RecurrentKernels (micro/recurrent.h) over the SIMD vocabulary. Included by one file an
// instruction set after its simd/<isa>.h. No include guard: each includer compiles its own copy.
#include "backends/cpu/micro/recurrent.h"
#include "backends/cpu/simd/functions.h"

namespace stint::cpu::STINT_ISA {

namespace {

// Units at .. at + kLanes of a cell, of which `count` exist.
template <bool kPart>
struct Lanes {
  const RecurrentCell& cell;
  int64_t at;
  int64_t count;

  STINT_INLINE Vector Get(const float* from) const {
    return kPart ? LoadPart(from + at, count) : Load(from + at);
  }
  STINT_INLINE void Put(float* to, Vector value) const {
    kPart ? StorePart(to + at, value, count) : Store(to + at, value);
  }

  STINT_INLINE Vector Sum(int gate) const {
    return Get(cell.input[gate]) + Get(cell.recurrent[gate]);
  }
  // With the cell's share, where there are peepholes.
  STINT_INLINE Vector SumSeeing(int gate, Vector c) const {
    const float* const peephole = cell.peepholes[gate];
    return peephole == nullptr ? Sum(gate) : Fma(Get(peephole), c, Sum(gate));
  }
  STINT_INLINE Vector Clipped(Vector x) const {
    return AtMost(Fill(cell.clip), AtLeast(Fill(-cell.clip), x));
  }
};

STINT_INLINE Vector Apply(const CellFunction& function, Vector x) {
  switch (function.activation) {
    case CellActivation::kRelu:
      return AtLeast(Fill(0.0f), x);
    case CellActivation::kTanh:
      return Tanh(x);
    case CellActivation::kSigmoid:
      return Sigmoid(x);
    case CellActivation::kHardSigmoid:
      return AtMost(Fill(1.0f),
                    AtLeast(Fill(0.0f), Fma(Fill(function.slope), x, Fill(function.offset))));
  }
  return x;
}

struct RnnStep {
  template <bool kPart>
  STINT_INLINE static void Run(const Lanes<kPart>& lanes) {
    const RecurrentCell& cell = lanes.cell;
    const Vector h = Apply(cell.f, lanes.Clipped(lanes.Sum(0)));
    lanes.Put(cell.h, h);
    lanes.Put(cell.y, h);
  }
};

struct GruResetStep {
  template <bool kPart>
  STINT_INLINE static void Run(const Lanes<kPart>& lanes) {
    const RecurrentCell& cell = lanes.cell;
    const Vector r = Apply(cell.f, lanes.Clipped(lanes.Sum(1)));
    lanes.Put(cell.scaled, r * lanes.Get(cell.h));
  }
};

struct GruStep {
  template <bool kPart>
  STINT_INLINE static void Run(const Lanes<kPart>& lanes) {
    const RecurrentCell& cell = lanes.cell;
    const Vector z = Apply(cell.f, lanes.Clipped(lanes.Sum(0)));
    Vector sum = lanes.Get(cell.recurrent[2]);
    if (cell.variant) sum = sum * Apply(cell.f, lanes.Clipped(lanes.Sum(1)));
    const Vector candidate = Apply(cell.g, lanes.Clipped(lanes.Get(cell.input[2]) + sum));
    const Vector h = Fma(z, lanes.Get(cell.h), (Fill(1.0f) - z) * candidate);
    lanes.Put(cell.h, h);
    lanes.Put(cell.y, h);
  }
};

struct LstmStep {
  template <bool kPart>
  STINT_INLINE static void Run(const Lanes<kPart>& lanes) {
    const RecurrentCell& cell = lanes.cell;
    const Vector before = lanes.Get(cell.c);
    const Vector i = Apply(cell.f, lanes.Clipped(lanes.SumSeeing(0, before)));
    const Vector f =
        cell.variant ? Fill(1.0f) - i : Apply(cell.f, lanes.Clipped(lanes.SumSeeing(2, before)));
    const Vector g = Apply(cell.g, lanes.Clipped(lanes.Sum(3)));
    const Vector c = Fma(f, before, i * g);
    const Vector o = Apply(cell.f, lanes.Clipped(lanes.SumSeeing(1, c)));
    const Vector h = o * Apply(cell.result, c);
    lanes.Put(cell.c, c);
    lanes.Put(cell.h, h);
    lanes.Put(cell.y, h);
  }
};

template <typename Step>
void Steps(const RecurrentCell& cell) {
  int64_t at = 0;
  for (; at + kLanes <= cell.units; at += kLanes) {
    Step::Run(Lanes<false>{cell, at, kLanes});
  }
  if (at < cell.units) Step::Run(Lanes<true>{cell, at, cell.units - at});
}

}  // namespace

}  // namespace stint::cpu::STINT_ISA

#define STINT_RECURRENT_TABLE                                                         \
  {&STINT_ISA::Steps<STINT_ISA::RnnStep>, &STINT_ISA::Steps<STINT_ISA::GruResetStep>, \
   &STINT_ISA::Steps<STINT_ISA::GruStep>, &STINT_ISA::Steps<STINT_ISA::LstmStep>}
