// Convolution whose groups have one input channel: one invocation a result.
//
// Parameters: bases of x, w, bias, y; count of results, output channels, output channels of a
// group, stride of w along output channels, stride of the bias; those of window.glsl. A weight's
// taps lie densely.
#define WINDOW 9u
#include "epilogue.glsl"
#include "window.glsl"

SPECIALIZATION(0, kKernelHeight)
SPECIALIZATION(1, kKernelWidth)
SPECIALIZATION(2, kHasBias)

KERNEL_BEGIN(256)
READS(1, x)
READS(2, w)
READS(3, bias)
WRITES(4, y)
KERNEL_SHARED
KERNEL_BODY
  DECLARE_WINDOW
  const uint index = GROUP_INDEX * 256u + LOCAL_INDEX;
  if (index >= PARAMETER(4u)) return;
  const uint pixels = out_height * out_width;
  const uint pixel = index % pixels;
  const uint channel = index / pixels % PARAMETER(5u);
  const uint image = index / pixels / PARAMETER(5u);
  const uint corner_y = pixel / out_width * stride_y - pad_y;
  const uint corner_x = pixel % out_width * stride_x - pad_x;
  const uint x_base =
      PARAMETER(0u) + image * image_stride + channel / PARAMETER(6u) * channel_stride;
  const uint w_base = PARAMETER(1u) + channel * PARAMETER(7u);

  float sum = 0.0f;
  if (kHasBias != 0u) sum = LOAD(bias, PARAMETER(2u) + channel * PARAMETER(8u));
  for (uint ky = 0u; ky < kKernelHeight; ++ky) {
    const uint in_y = corner_y + ky * dilation_y;
    if (in_y >= in_height) continue;
    for (uint kx = 0u; kx < kKernelWidth; ++kx) {
      const uint in_x = corner_x + kx * dilation_x;
      if (in_x >= in_width) continue;
      sum += LOAD(w, w_base + ky * kKernelWidth + kx) *
             LOAD(x, x_base + in_y * row_stride + in_x * column_stride);
    }
  }
  const uint to = PARAMETER(3u) + image * y_image_stride + channel * y_channel_stride +
                  pixel / out_width * y_row_stride + pixel % out_width * y_column_stride;
  STORE(y, to, epilogue(sum, index));
KERNEL_END
