// Where an element lies in a strided tensor.

// Adds to `offset` where element `index`, counted in row-major order over `rank` axes, lies: the
// axes' extents begin at parameter `extents`, their strides at parameter `strides`.
#define ADD_STRIDED(offset, index, rank, extents, strides)                 \
  {                                                                        \
    uint rest_ = index;                                                    \
    for (uint axis_ = rank; axis_ > 1u; --axis_) {                         \
      const uint extent_ = PARAMETER((extents) + axis_ - 1u);              \
      offset += rest_ % extent_ * PARAMETER((strides) + axis_ - 1u);       \
      rest_ /= extent_;                                                    \
    }                                                                      \
    if (rank > 0u) offset += rest_ * PARAMETER(strides);                   \
  }
