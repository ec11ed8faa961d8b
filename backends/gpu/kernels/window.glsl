// The parameters that convolutions and pools have in common, from word WINDOW on. Tensors are
// batches of channels of planes of rows; an axis that a tensor lacks has extent 1. Positions in the
// padding are out of range as unsigned numbers, on either side.

// Declares them: read where they are used, they would be read again in every loop.
#define DECLARE_WINDOW                                   \
  const uint in_height = PARAMETER(WINDOW);              \
  const uint in_width = PARAMETER(WINDOW + 1u);          \
  const uint out_height = PARAMETER(WINDOW + 2u);        \
  const uint out_width = PARAMETER(WINDOW + 3u);         \
  const uint stride_y = PARAMETER(WINDOW + 4u);          \
  const uint stride_x = PARAMETER(WINDOW + 5u);          \
  const uint dilation_y = PARAMETER(WINDOW + 6u);        \
  const uint dilation_x = PARAMETER(WINDOW + 7u);        \
  const uint pad_y = PARAMETER(WINDOW + 8u);             \
  const uint pad_x = PARAMETER(WINDOW + 9u);             \
  const uint image_stride = PARAMETER(WINDOW + 10u);     \
  const uint channel_stride = PARAMETER(WINDOW + 11u);   \
  const uint row_stride = PARAMETER(WINDOW + 12u);       \
  const uint column_stride = PARAMETER(WINDOW + 13u);    \
  const uint y_image_stride = PARAMETER(WINDOW + 14u);   \
  const uint y_channel_stride = PARAMETER(WINDOW + 15u); \
  const uint y_row_stride = PARAMETER(WINDOW + 16u);     \
  const uint y_column_stride = PARAMETER(WINDOW + 17u);
