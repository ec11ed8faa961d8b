// The parameters that convolutions and pools have in common, from word WINDOW on. Tensors are
// batches of channels of planes of rows; an axis that a tensor lacks has extent 1. The result is
// dense. Positions in the padding are out of range as unsigned numbers, on either side.

// Declares them. Buffers are written in between, so that a compiler would read them again each
// time.
#define DECLARE_WINDOW                                \
  const uint in_height = PARAMETER(WINDOW);           \
  const uint in_width = PARAMETER(WINDOW + 1u);       \
  const uint out_height = PARAMETER(WINDOW + 2u);     \
  const uint out_width = PARAMETER(WINDOW + 3u);      \
  const uint stride_y = PARAMETER(WINDOW + 4u);       \
  const uint stride_x = PARAMETER(WINDOW + 5u);       \
  const uint dilation_y = PARAMETER(WINDOW + 6u);     \
  const uint dilation_x = PARAMETER(WINDOW + 7u);     \
  const uint pad_y = PARAMETER(WINDOW + 8u);          \
  const uint pad_x = PARAMETER(WINDOW + 9u);          \
  const uint image_stride = PARAMETER(WINDOW + 10u);  \
  const uint channel_stride = PARAMETER(WINDOW + 11u);\
  const uint row_stride = PARAMETER(WINDOW + 12u);    \
  const uint column_stride = PARAMETER(WINDOW + 13u);
