// Combines elements along axes: a result is computed by one invocation, or by the 64 of a
// workgroup in a tree. Sums are taken in blocks of 256 terms.
//
// Parameters: bases of x, y; count of results, count of terms; then 8 each: extents of the axes
// that stay, their strides in x and in y, extents of the axes that go, their strides in x.
#include "walk.glsl"
#include "epilogue.glsl"
#include "floats.glsl"
#include "lanes.glsl"

SPECIALIZATION(0, kKind)  // 0: sum, 1: mean, 2: product, 3: maximum, 4: minimum.
SPECIALIZATION(2, kKeptRank)
SPECIALIZATION(3, kReducedRank)

#define KEPT 4u
#define REDUCED 28u
#define COMBINED(a, b) combine(kKind, a, b)

float start_of(const uint kind) {
  const uint bits =
      kind == 2u ? 0x3f800000u : kind == 3u ? 0xff800000u : kind == 4u ? 0x7f800000u : 0u;
  return FLOAT_OF(bits);
}

float combine(const uint kind, const float a, const float b) {
  if (kind == 2u) return a * b;
  if (kind == 3u) return larger(a, b);
  if (kind == 4u) return smaller(a, b);
  return a + b;
}

KERNEL_BEGIN(64)
READS(1, x)
WRITES(2, y)
KERNEL_SHARED
SHARED(float, partial, 64)
KERNEL_BODY
  SHARE_OUT(index)
  if (index >= PARAMETER(2u)) return;
  const uint terms = PARAMETER(3u);
  uint base = PARAMETER(0u);
  ADD_STRIDED(base, index, kKeptRank, KEPT, KEPT + 8u)

  float total = start_of(kKind);
  float block = total;
  uint in_block = 0u;
  for (uint term = lane; term < terms; term += step) {
    uint at = base;
    ADD_STRIDED(at, term, kReducedRank, REDUCED, REDUCED + 8u)
    block = combine(kKind, block, LOAD(x, at));
    if (++in_block == 256u) {
      total = combine(kKind, total, block);
      block = start_of(kKind);
      in_block = 0u;
    }
  }
  total = combine(kKind, total, block);
  COMBINE_LANES(total, COMBINED)
  if (kKind == 1u) total = terms == 0u ? FLOAT_OF(0x7fc00000u) : total / TO_FLOAT(terms);
  uint to = PARAMETER(1u);
  ADD_STRIDED(to, index, kKeptRank, KEPT, KEPT + 16u)
  if (lane == 0u) STORE(y, to, epilogue(total, index));
KERNEL_END
