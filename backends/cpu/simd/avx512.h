// The SIMD vocabulary (simd/portable.h defines its words) for AVX-512 with F, BW, DQ and VL.
// Intrinsics rather than the compilers' own vectors: masks for parts of a vector, vreduceps and
// vscalefps for powers, and rcp14 have no other spelling, and an exponential costs a third less.
#ifndef STINT_BACKENDS_CPU_SIMD_AVX512_H_
#define STINT_BACKENDS_CPU_SIMD_AVX512_H_

#include <immintrin.h>
#include <stdint.h>

#define STINT_ISA avx512
#define STINT_INLINE inline __attribute__((always_inline))

namespace stint::cpu::STINT_ISA {

namespace {

constexpr int kLanes = 16;
constexpr bool kLaneFma = false;

typedef __m512 Vector;

STINT_INLINE __mmask16 FirstLanes(int64_t count) {
  return static_cast<__mmask16>((uint32_t{1} << count) - 1);
}

STINT_INLINE Vector Load(const float* from) { return _mm512_loadu_ps(from); }
STINT_INLINE void Store(float* to, Vector value) { _mm512_storeu_ps(to, value); }
STINT_INLINE Vector LoadPart(const float* from, int64_t count) {
  return _mm512_maskz_loadu_ps(FirstLanes(count), from);
}
STINT_INLINE void StorePart(float* to, Vector value, int64_t count) {
  _mm512_mask_storeu_ps(to, FirstLanes(count), value);
}
STINT_INLINE Vector Fill(float value) { return _mm512_set1_ps(value); }
STINT_INLINE Vector Broadcast(const float* from) { return _mm512_set1_ps(*from); }
STINT_INLINE Vector Fma(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }
// max and min give their second operand when one is NaN.
STINT_INLINE Vector AtLeast(Vector bound, Vector value) { return _mm512_max_ps(bound, value); }
STINT_INLINE Vector AtMost(Vector bound, Vector value) { return _mm512_min_ps(bound, value); }
STINT_INLINE Vector Larger(Vector best, Vector value) {
  const __mmask16 number = _mm512_cmp_ps_mask(best, best, _CMP_ORD_Q);
  return _mm512_mask_max_ps(best, number, best, value);
}
STINT_INLINE Vector Absolute(Vector value) { return _mm512_abs_ps(value); }
STINT_INLINE Vector CopySign(Vector value, Vector sign) {
  const __m512 bit = _mm512_set1_ps(-0.0f);
  return _mm512_or_ps(_mm512_andnot_ps(bit, value), _mm512_and_ps(bit, sign));
}
STINT_INLINE Vector SelectGreater(Vector a, Vector b, Vector yes, Vector no) {
  return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_GT_OQ), no, yes);
}
STINT_INLINE Vector Floor(Vector value) {
  return _mm512_roundscale_ps(value, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
}
STINT_INLINE Vector ScaleByPower(Vector value, Vector power) {
  return _mm512_scalef_ps(value, power);
}
STINT_INLINE Vector FractionOf(Vector value) {
  return _mm512_reduce_ps(value, _MM_FROUND_TO_NEG_INF);
}
STINT_INLINE Vector OneOver(Vector value) {
  const Vector guess = _mm512_rcp14_ps(value);
  return Fma(guess, _mm512_fnmadd_ps(value, guess, Fill(1.0f)), guess);
}
STINT_INLINE float Sum(Vector value) { return _mm512_reduce_add_ps(value); }
STINT_INLINE void PrefetchFar(const void* address) { __builtin_prefetch(address, 0, 2); }

}  // namespace

}  // namespace stint::cpu::STINT_ISA

#endif  // STINT_BACKENDS_CPU_SIMD_AVX512_H_
