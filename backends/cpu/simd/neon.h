// The SIMD vocabulary (simd/portable.h defines its words) for NEON of armv8.0. Intrinsics rather
// than the compilers' own vectors for products by lane, on which the matrix kernels rest, and for
// minimum, maximum and rounding.
#ifndef STINT_BACKENDS_CPU_SIMD_NEON_H_
#define STINT_BACKENDS_CPU_SIMD_NEON_H_

#include <arm_neon.h>
#include <stdint.h>

#define STINT_ISA neon
#define STINT_INLINE inline __attribute__((always_inline))

namespace stint::cpu::STINT_ISA {

namespace {

constexpr int kLanes = 4;
constexpr bool kLaneFma = true;

typedef float32x4_t Vector;

STINT_INLINE Vector Load(const float* from) { return vld1q_f32(from); }
STINT_INLINE void Store(float* to, Vector value) { vst1q_f32(to, value); }
STINT_INLINE Vector LoadPart(const float* from, int64_t count) {
  if (count >= kLanes) return Load(from);
  Vector value = vsetq_lane_f32(from[0], vdupq_n_f32(0.0f), 0);
  if (count > 1) value = vsetq_lane_f32(from[1], value, 1);
  if (count > 2) value = vsetq_lane_f32(from[2], value, 2);
  return value;
}
STINT_INLINE void StorePart(float* to, Vector value, int64_t count) {
  if (count >= kLanes) return Store(to, value);
  vst1q_lane_f32(to, value, 0);
  if (count > 1) vst1q_lane_f32(to + 1, value, 1);
  if (count > 2) vst1q_lane_f32(to + 2, value, 2);
}
STINT_INLINE Vector Fill(float value) { return vdupq_n_f32(value); }
STINT_INLINE Vector Broadcast(const float* from) { return vld1q_dup_f32(from); }
STINT_INLINE Vector Fma(Vector a, Vector b, Vector c) { return vfmaq_f32(c, a, b); }
// a * b[lane] + c
template <int kLane>
STINT_INLINE Vector FmaLane(Vector a, Vector b, Vector c) {
  return vfmaq_laneq_f32(c, a, b, kLane);
}
// fmax and fmin give NaN when one operand is NaN.
STINT_INLINE Vector AtLeast(Vector bound, Vector value) { return vmaxq_f32(bound, value); }
STINT_INLINE Vector AtMost(Vector bound, Vector value) { return vminq_f32(bound, value); }
STINT_INLINE Vector Larger(Vector best, Vector value) { return vmaxq_f32(best, value); }
STINT_INLINE Vector Absolute(Vector value) { return vabsq_f32(value); }
STINT_INLINE Vector CopySign(Vector value, Vector sign) {
  return vbslq_f32(vdupq_n_u32(0x80000000u), sign, value);
}
STINT_INLINE Vector SelectGreater(Vector a, Vector b, Vector yes, Vector no) {
  return vbslq_f32(vcgtq_f32(a, b), yes, no);
}
STINT_INLINE Vector Floor(Vector value) { return vrndmq_f32(value); }
STINT_INLINE Vector ScaleByPower(Vector value, Vector power) {
  const int32x4_t exponent = vcvtq_s32_f32(AtLeast(Fill(-126.0f), Floor(power)));
  const int32x4_t bits = vshlq_n_s32(vaddq_s32(exponent, vdupq_n_s32(127)), 23);
  return vmulq_f32(value, vreinterpretq_f32_s32(bits));
}
STINT_INLINE Vector FractionOf(Vector value) { return vsubq_f32(value, Floor(value)); }
STINT_INLINE Vector OneOver(Vector value) { return vdivq_f32(Fill(1.0f), value); }
STINT_INLINE float Sum(Vector value) { return vaddvq_f32(value); }
STINT_INLINE void PrefetchFar(const void* address) { __builtin_prefetch(address, 0, 2); }

}  // namespace

}  // namespace stint::cpu::STINT_ISA

#endif  // STINT_BACKENDS_CPU_SIMD_NEON_H_
