// The position of the largest or smallest element along axes, as a 64-bit integer: a result is
// computed by one invocation, or by the 64 of a workgroup. The first NaN wins.
//
// Parameters: those of reduce.glsl.
#include "walk.glsl"
#include "floats.glsl"
#include "lanes.glsl"

SPECIALIZATION(0, kSmallest)
SPECIALIZATION(2, kKeptRank)
SPECIALIZATION(3, kReducedRank)
SPECIALIZATION(4, kSelectsLast)  // Of equal elements.

#define KEPT 4u
#define REDUCED 28u
#define NOWHERE 0xffffffffu

// Whether the element at position b wins over that at a.
bool wins(const float b, const uint b_at, const float a, const uint a_at) {
  if (b_at == NOWHERE || a_at == NOWHERE) return a_at == NOWHERE;
  if (is_nan(a) != is_nan(b)) return is_nan(b);
  if (!is_nan(a) && a != b) return kSmallest != 0u ? b < a : b > a;
  return kSelectsLast != 0u ? b_at > a_at : b_at < a_at;
}

KERNEL_BEGIN(64)
READS(1, x)
WRITES_WORDS(2, y)
KERNEL_SHARED
SHARED(float, values, 64)
SHARED(uint, positions, 64)
KERNEL_BODY
  SHARE_OUT(index)
  if (index >= PARAMETER(2u)) return;
  const uint terms = PARAMETER(3u);
  uint base = PARAMETER(0u);
  ADD_STRIDED(base, index, kKeptRank, KEPT, KEPT + 8u)

  float best = 0.0f;
  uint best_at = NOWHERE;
  for (uint term = lane; term < terms; term += step) {
    uint at = base;
    ADD_STRIDED(at, term, kReducedRank, REDUCED, REDUCED + 8u)
    const float value = LOAD(x, at);
    if (wins(value, term, best, best_at)) {
      best = value;
      best_at = term;
    }
  }
  if (kLanes == 64u) {
    values[LOCAL_INDEX] = best;
    positions[LOCAL_INDEX] = best_at;
    BARRIER;
    for (uint half_ = 32u; half_ > 0u; half_ /= 2u) {
      const uint other = LOCAL_INDEX + half_;
      if (LOCAL_INDEX < half_ &&
          wins(values[other], positions[other], values[LOCAL_INDEX], positions[LOCAL_INDEX])) {
        values[LOCAL_INDEX] = values[other];
        positions[LOCAL_INDEX] = positions[other];
      }
      BARRIER;
    }
    best_at = positions[0];
  }
  if (lane != 0u) return;
  uint to = PARAMETER(1u);
  ADD_STRIDED(to, index, kKeptRank, KEPT, KEPT + 16u)
  y[2u * to] = best_at == NOWHERE ? 0u : best_at;
  y[2u * to + 1u] = 0u;
KERNEL_END
