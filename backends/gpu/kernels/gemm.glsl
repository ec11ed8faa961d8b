// The product of two tiles in shared memory, as matmul and conv have it: a workgroup of 64
// computes 32 x 32 results, 4 x 4 an invocation, 16 steps of the depth at a time.
//
// The tiles of a and b hold [16 steps][9]: 8 quads of rows or columns and one unused, whose odd
// pitch spreads writes over the memory's banks. An invocation has row quad LOCAL_INDEX / 8 and
// column quad LOCAL_INDEX % 8; sums_0 to sums_3 are its rows.
#define TILE 32u
#define TILE_QUADS 8u
#define TILE_DEPTH 16u
#define TILE_PITCH 9u
#define TILE_VECTORS 144u
#define INVOCATIONS 64u

// Adds to the invocation's sums.
#define MULTIPLY_TILES(a_tile, b_tile)                                              \
  for (uint step_ = 0u; step_ < TILE_DEPTH; ++step_) {                              \
    const VEC4 a_quad_ = a_tile[step_ * TILE_PITCH + LOCAL_INDEX / TILE_QUADS];     \
    const VEC4 b_quad_ = b_tile[step_ * TILE_PITCH + LOCAL_INDEX % TILE_QUADS];     \
    sums_0 += a_quad_.x * b_quad_;                                                  \
    sums_1 += a_quad_.y * b_quad_;                                                  \
    sums_2 += a_quad_.z * b_quad_;                                                  \
    sums_3 += a_quad_.w * b_quad_;                                                  \
  }
