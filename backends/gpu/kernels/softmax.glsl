// exp(x - max) / sum along one axis, or its logarithm: a row is computed by one invocation, or by
// the 64 of a workgroup.
//
// Parameters: bases of x, y; count of rows, extent of the axis, its strides in x and in y; how many
// elements lie in a row of all axes inside the axis; then 8 each: extents of the other axes, their
// strides in x and in y.
#include "walk.glsl"
#include "epilogue.glsl"
#include "floats.glsl"
#include "lanes.glsl"

SPECIALIZATION(0, kLog)
SPECIALIZATION(2, kRank)

#define OTHERS 7u

KERNEL_BEGIN(64)
READS(1, x)
WRITES(2, y)
KERNEL_SHARED
SHARED(float, partial, 64)
KERNEL_BODY
  SHARE_OUT(row)
  if (row >= PARAMETER(2u)) return;
  const uint count = PARAMETER(3u);
  const uint x_stride = PARAMETER(4u);
  const uint y_stride = PARAMETER(5u);
  uint from = PARAMETER(0u);
  ADD_STRIDED(from, row, kRank, OTHERS, OTHERS + 8u)

  float largest = FLOAT_OF(0xff800000u);
  for (uint i = lane; i < count; i += step) {
    largest = larger(largest, LOAD(x, from + i * x_stride));
  }
  COMBINE_LANES(largest, larger)

  float sum = 0.0f;
  float block = 0.0f;
  uint in_block = 0u;
  for (uint i = lane; i < count; i += step) {
    block += f32_exp(LOAD(x, from + i * x_stride) - largest);
    if (++in_block == 256u) {
      sum += block;
      block = 0.0f;
      in_block = 0u;
    }
  }
  sum += block;
  COMBINE_LANES(sum, SUM_OF)

  uint to = PARAMETER(1u);
  ADD_STRIDED(to, row, kRank, OTHERS, OTHERS + 16u)
  const uint inner = PARAMETER(6u);
  const uint first = row / inner * inner * count + row % inner;
  const float log_sum = kLog != 0u ? f32_log(sum) : 0.0f;
  for (uint i = lane; i < count; i += step) {
    const float shifted = LOAD(x, from + i * x_stride) - largest;
    const float value = kLog != 0u ? shifted - log_sum : f32_exp(shifted) / sum;
    STORE(y, to + i * y_stride, epilogue(value, first + i * inner));
  }
KERNEL_END
