// Transposed convolution: one invocation a result gathers the inputs that were spread to it.
// Input i adds to outputs i * stride - pad + k * dilation.
//
// Parameters: bases of x, w, bias, y; count of results, output channels, output channels of a
// group, input channels of a group, strides of w along input and output channels, stride of the
// bias; those of window.glsl. A weight's taps lie densely.
#define WINDOW 11u
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
  const uint in_channels = PARAMETER(7u);
  const uint first_channel = channel / PARAMETER(6u) * in_channels;
  const uint y_position = pixel / out_width + pad_y;
  const uint x_position = pixel % out_width + pad_x;
  const uint x_base = PARAMETER(0u) + image * image_stride + first_channel * channel_stride;
  const uint w_stride = PARAMETER(8u);
  const uint w_base = PARAMETER(1u) + first_channel * w_stride +
                      channel % PARAMETER(6u) * PARAMETER(9u);

  float sum = 0.0f;
  if (kHasBias != 0u) sum = LOAD(bias, PARAMETER(2u) + channel * PARAMETER(10u));
  for (uint ky = 0u; ky < kKernelHeight; ++ky) {
    // Positions before the first input wrap to numbers beyond the last.
    const uint spread_y = y_position - ky * dilation_y;
    if (spread_y % stride_y != 0u || spread_y / stride_y >= in_height) continue;
    for (uint kx = 0u; kx < kKernelWidth; ++kx) {
      const uint spread_x = x_position - kx * dilation_x;
      if (spread_x % stride_x != 0u || spread_x / stride_x >= in_width) continue;
      const uint x_at =
          x_base + spread_y / stride_y * row_stride + spread_x / stride_x * column_stride;
      const uint w_at = w_base + ky * kKernelWidth + kx;
      for (uint c = 0u; c < in_channels; ++c) {
        sum += LOAD(x, x_at + c * channel_stride) * LOAD(w, w_at + c * w_stride);
      }
    }
  }
  const uint to = PARAMETER(3u) + image * y_image_stride + channel * y_channel_stride +
                  pixel / out_width * y_row_stride + pixel % out_width * y_column_stride;
  STORE(y, to, epilogue(sum, index));
KERNEL_END
