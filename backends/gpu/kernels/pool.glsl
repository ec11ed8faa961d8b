// Maximum, average or sum over windows: one invocation a result.
//
// Parameters: bases of x, y; count of results, channels, height and width of the kernel, where the
// padding ends behind the rows and behind the columns; those of window.glsl.
#define WINDOW 8u
#include "epilogue.glsl"
#include "floats.glsl"
#include "window.glsl"

SPECIALIZATION(0, kKind)  // 0: maximum, 1: average, 2: sum.
SPECIALIZATION(1, kCountsPadding)

// Whether a position lies before `end`, which may be negative: positions in the padding before the
// first element do.
bool is_before(const uint position, const uint end) {
  return (position ^ 0x80000000u) < (end ^ 0x80000000u);
}

KERNEL_BEGIN(256)
READS(1, x)
WRITES(2, y)
KERNEL_SHARED
KERNEL_BODY
  DECLARE_WINDOW
  const uint index = GROUP_INDEX * 256u + LOCAL_INDEX;
  if (index >= PARAMETER(2u)) return;
  const uint kernel_height = PARAMETER(4u);
  const uint kernel_width = PARAMETER(5u);
  const uint padded_height = PARAMETER(6u);
  const uint padded_width = PARAMETER(7u);
  const uint pixels = out_height * out_width;
  const uint pixel = index % pixels;
  const uint channel = index / pixels % PARAMETER(3u);
  const uint image = index / pixels / PARAMETER(3u);
  const uint corner_y = pixel / out_width * stride_y - pad_y;
  const uint corner_x = pixel % out_width * stride_x - pad_x;
  const uint base = PARAMETER(0u) + image * image_stride + channel * channel_stride;

  float value = kKind == 0u ? FLOAT_OF(0xff800000u) : 0.0f;
  uint count = 0u;
  for (uint ky = 0u; ky < kernel_height; ++ky) {
    const uint in_y = corner_y + ky * dilation_y;
    if (kCountsPadding != 0u ? !is_before(in_y, padded_height) : in_y >= in_height) continue;
    for (uint kx = 0u; kx < kernel_width; ++kx) {
      const uint in_x = corner_x + kx * dilation_x;
      if (kCountsPadding != 0u && is_before(in_x, padded_width)) ++count;
      if (in_y >= in_height || in_x >= in_width) continue;
      const float term = LOAD(x, base + in_y * row_stride + in_x * column_stride);
      value = kKind == 0u ? larger(value, term) : value + term;
      if (kCountsPadding == 0u) ++count;
    }
  }
  if (kKind == 1u && count != 0u) value /= TO_FLOAT(count);
  const uint to = PARAMETER(1u) + image * y_image_stride + channel * y_channel_stride +
                  pixel / out_width * y_row_stride + pixel % out_width * y_column_stride;
  STORE(y, to, epilogue(value, index));
KERNEL_END
