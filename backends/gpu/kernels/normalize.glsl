// x over its standard deviation or root mean square along the last axes: a part is computed by one
// invocation, or by the 64 of a workgroup. Two passes: the mean, then the squares of the distances
// and what the mean lost to rounding.
//
// Parameters: bases of x, y; count of parts, elements of a part, the bits of epsilon; then 8 each:
// extents of the outer axes, their strides in x and in y, and the same of the normalised axes.
#include "walk.glsl"
#include "epilogue.glsl"
#include "floats.glsl"
#include "lanes.glsl"

SPECIALIZATION(0, kRms)
SPECIALIZATION(2, kOuterRank)
SPECIALIZATION(3, kInnerRank)

#define OUTER 5u
#define INNER 29u

KERNEL_BEGIN(64)
READS(1, x)
WRITES(2, y)
KERNEL_SHARED
SHARED(float, partial, 64)
KERNEL_BODY
  SHARE_OUT(part)
  if (part >= PARAMETER(2u)) return;
  const uint count = PARAMETER(3u);
  const float elements = TO_FLOAT(count);
  uint from = PARAMETER(0u);
  ADD_STRIDED(from, part, kOuterRank, OUTER, OUTER + 8u)

  float mean = 0.0f;
  if (kRms == 0u) {
    for (uint i = lane; i < count; i += step) {
      uint at = from;
      ADD_STRIDED(at, i, kInnerRank, INNER, INNER + 8u)
      mean += LOAD(x, at);
    }
    COMBINE_LANES(mean, SUM_OF)
    mean /= elements;
  }

  float rest = 0.0f;
  float squares = 0.0f;
  for (uint i = lane; i < count; i += step) {
    uint at = from;
    ADD_STRIDED(at, i, kInnerRank, INNER, INNER + 8u)
    const float distance_ = LOAD(x, at) - mean;
    rest += distance_;
    squares += distance_ * distance_;
  }
  COMBINE_LANES(rest, SUM_OF)
  COMBINE_LANES(squares, SUM_OF)
  rest = kRms == 0u ? rest / elements : 0.0f;
  const float variance = squares / elements - rest * rest;
  const float deviation = sqrt(variance + FLOAT_OF(PARAMETER(4u)));

  uint to = PARAMETER(1u);
  ADD_STRIDED(to, part, kOuterRank, OUTER, OUTER + 16u)
  for (uint i = lane; i < count; i += step) {
    uint at = from;
    uint into = to;
    ADD_STRIDED(at, i, kInnerRank, INNER, INNER + 8u)
    ADD_STRIDED(into, i, kInnerRank, INNER, INNER + 16u)
    const float value = ((LOAD(x, at) - mean) - rest) / deviation;
    STORE(y, into, epilogue(value, part * count + i));
  }
KERNEL_END
