// The SIMD vocabulary (simd/portable.h defines its words) for AVX2 with FMA. Intrinsics rather than
// the compilers' own vectors where those have no word: masked parts of a vector, rounding, blends.
#ifndef STINT_BACKENDS_CPU_SIMD_AVX2_H_
#define STINT_BACKENDS_CPU_SIMD_AVX2_H_

#include <immintrin.h>
#include <stdint.h>

#define STINT_ISA avx2
#define STINT_INLINE inline __attribute__((always_inline))

namespace stint::cpu::STINT_ISA {

namespace {

constexpr int kLanes = 8;
constexpr bool kLaneFma = false;

typedef __m256 Vector;

STINT_INLINE __m256i FirstLanes(int64_t count) {
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), lane);
}

STINT_INLINE Vector Load(const float* from) { return _mm256_loadu_ps(from); }
STINT_INLINE void Store(float* to, Vector value) { _mm256_storeu_ps(to, value); }
STINT_INLINE Vector LoadPart(const float* from, int64_t count) {
  return _mm256_maskload_ps(from, FirstLanes(count));
}
STINT_INLINE void StorePart(float* to, Vector value, int64_t count) {
  _mm256_maskstore_ps(to, FirstLanes(count), value);
}
STINT_INLINE Vector Fill(float value) { return _mm256_set1_ps(value); }
STINT_INLINE Vector Broadcast(const float* from) { return _mm256_broadcast_ss(from); }
STINT_INLINE Vector Fma(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a, b, c); }
// max and min give their second operand when one is NaN.
STINT_INLINE Vector AtLeast(Vector bound, Vector value) { return _mm256_max_ps(bound, value); }
STINT_INLINE Vector AtMost(Vector bound, Vector value) { return _mm256_min_ps(bound, value); }
STINT_INLINE Vector Larger(Vector best, Vector value) {
  const Vector lost = _mm256_cmp_ps(best, best, _CMP_UNORD_Q);
  return _mm256_blendv_ps(_mm256_max_ps(best, value), best, lost);
}
STINT_INLINE Vector Absolute(Vector value) {
  return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), value);
}
STINT_INLINE Vector CopySign(Vector value, Vector sign) {
  return _mm256_or_ps(Absolute(value), _mm256_and_ps(_mm256_set1_ps(-0.0f), sign));
}
STINT_INLINE Vector SelectGreater(Vector a, Vector b, Vector yes, Vector no) {
  return _mm256_blendv_ps(no, yes, _mm256_cmp_ps(a, b, _CMP_GT_OQ));
}
STINT_INLINE Vector Floor(Vector value) { return _mm256_floor_ps(value); }
STINT_INLINE Vector ScaleByPower(Vector value, Vector power) {
  const __m256i exponent = _mm256_cvtps_epi32(AtLeast(Fill(-126.0f), Floor(power)));
  const __m256i bits = _mm256_slli_epi32(_mm256_add_epi32(exponent, _mm256_set1_epi32(127)), 23);
  return _mm256_mul_ps(value, _mm256_castsi256_ps(bits));
}
STINT_INLINE Vector FractionOf(Vector value) { return _mm256_sub_ps(value, Floor(value)); }
STINT_INLINE Vector OneOver(Vector value) { return _mm256_div_ps(Fill(1.0f), value); }
STINT_INLINE float Sum(Vector value) {
  const __m128 half = _mm_add_ps(_mm256_castps256_ps128(value), _mm256_extractf128_ps(value, 1));
  const __m128 quarter = _mm_add_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_add_ss(quarter, _mm_movehdup_ps(quarter)));
}
STINT_INLINE void PrefetchFar(const void* address) { __builtin_prefetch(address, 0, 2); }

}  // namespace

}  // namespace stint::cpu::STINT_ISA

#endif  // STINT_BACKENDS_CPU_SIMD_AVX2_H_
