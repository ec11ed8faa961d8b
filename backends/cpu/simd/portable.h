// The SIMD vocabulary on the compilers' own vectors (vector_size): SSE2 on x86-64, NEON of 32-bit
// ARM, SIMD of WebAssembly, or plain code. It is also the definition of the vocabulary: every
// <isa>.h defines STINT_ISA and, in namespace stint::cpu::STINT_ISA, the same words.
//
//   Vector, kLanes              as many floats as a register holds
//   kLaneFma                    FmaLane<i> exists: the product with element i of a vector
//   Load, Store                 at any address
//   LoadPart, StorePart         the first 1 .. kLanes elements; nothing behind them is touched, and
//                               the others of the vector are zeros
//   Fill, Broadcast             the same number in every element, from a register or from memory
//   Fma(a, b, c)                a * b + c, rounded once where the processor can
//   AtLeast, AtMost(bound, x)   x limited; NaN in x stays
//   Larger(best, x)             the larger; NaN in either wins
//   Absolute, CopySign(x, sign), SelectGreater(a, b, yes, no)
//   Floor(x)                    |x| < 2^22
//   ScaleByPower(x, y)          x * 2^floor(y); below -126 as if y were -126, or exact
//   FractionOf(y)               y - floor(y)
//   OneOver(x)                  1 / x within 2 ULP for x in [1, 2^127]
//   Sum(x)                      of all elements, in an order of the vector's width
//   PrefetchFar(address)        into the second level of cache; any address
//
// All of them are inlined into kernels that are compiled once an instruction set, in a namespace
// and object file of its own. Nothing of the standard library's is used, so that these objects hold
// no weak symbols, of which the linker could keep the copy made for a wider instruction set.
#ifndef STINT_BACKENDS_CPU_SIMD_PORTABLE_H_
#define STINT_BACKENDS_CPU_SIMD_PORTABLE_H_

#include <stdint.h>

#define STINT_ISA portable
#define STINT_INLINE inline __attribute__((always_inline))

namespace stint::cpu::STINT_ISA {

namespace {

constexpr int kLanes = 4;
constexpr bool kLaneFma = false;

typedef float Vector __attribute__((vector_size(16)));
typedef int32_t Mask __attribute__((vector_size(16)));
// In memory, at any address.
typedef float Stored __attribute__((vector_size(16), aligned(4), may_alias));

STINT_INLINE Mask BitsOf(Vector value) { return reinterpret_cast<Mask>(value); }
STINT_INLINE Vector FromBits(Mask bits) { return reinterpret_cast<Vector>(bits); }
STINT_INLINE Vector Choose(Mask mask, Vector yes, Vector no) {
  return FromBits((BitsOf(yes) & mask) | (BitsOf(no) & ~mask));
}

STINT_INLINE Vector Load(const float* from) { return *reinterpret_cast<const Stored*>(from); }
STINT_INLINE void Store(float* to, Vector value) { *reinterpret_cast<Stored*>(to) = value; }
STINT_INLINE Vector LoadPart(const float* from, int64_t count) {
  Vector value = {};
  for (int i = 0; i < kLanes; ++i) {
    if (i < count) value[i] = from[i];
  }
  return value;
}
STINT_INLINE void StorePart(float* to, Vector value, int64_t count) {
  for (int i = 0; i < kLanes; ++i) {
    if (i < count) to[i] = value[i];
  }
}
STINT_INLINE Vector Fill(float value) { return Vector{value, value, value, value}; }
STINT_INLINE Vector Broadcast(const float* from) { return Fill(*from); }
STINT_INLINE Vector Fma(Vector a, Vector b, Vector c) { return a * b + c; }
STINT_INLINE Vector AtLeast(Vector bound, Vector value) {
  return Choose(bound > value, bound, value);
}
STINT_INLINE Vector AtMost(Vector bound, Vector value) {
  return Choose(bound < value, bound, value);
}
STINT_INLINE Vector Larger(Vector best, Vector value) {
  return Choose((value > best) | (value != value), value, best);
}
STINT_INLINE Vector Absolute(Vector value) { return FromBits(BitsOf(value) & 0x7fffffff); }
STINT_INLINE Vector CopySign(Vector value, Vector sign) {
  return FromBits((BitsOf(value) & 0x7fffffff) | (BitsOf(sign) & ~0x7fffffff));
}
STINT_INLINE Vector SelectGreater(Vector a, Vector b, Vector yes, Vector no) {
  return Choose(a > b, yes, no);
}
// Adding 1.5 * 2^23 rounds to the nearest integer.
STINT_INLINE Vector Floor(Vector value) {
  const Vector nearest = (value + 0x1.8p23f) - 0x1.8p23f;
  return nearest - FromBits((nearest > value) & BitsOf(Fill(1.0f)));
}
STINT_INLINE Vector ScaleByPower(Vector value, Vector power) {
  const Vector shifted = AtLeast(Fill(-126.0f), Floor(power)) + (0x1.8p23f + 127.0f);
  return value * FromBits(BitsOf(shifted) << 23);
}
STINT_INLINE Vector FractionOf(Vector value) { return value - Floor(value); }
STINT_INLINE Vector OneOver(Vector value) { return 1.0f / value; }
STINT_INLINE float Sum(Vector value) { return (value[0] + value[2]) + (value[1] + value[3]); }
STINT_INLINE void PrefetchFar(const void* address) { __builtin_prefetch(address, 0, 2); }

}  // namespace

}  // namespace stint::cpu::STINT_ISA

#endif  // STINT_BACKENDS_CPU_SIMD_PORTABLE_H_
