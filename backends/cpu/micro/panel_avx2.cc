// Tiles of rows and panels for AVX2 and FMA; this file alone is compiled for them. 6 rows of two
// vectors are 12 sums of 16 registers.
#if defined(__x86_64__)

#include "backends/cpu/simd/avx2.h"

#define STINT_TILE_ROWS1 6
#define STINT_TILE_ROWS2 0
#define STINT_TILE_ROWS3 0

#include "backends/cpu/micro/panel_impl.h"

namespace stint::cpu {

constinit const PanelKernels kAvx2PanelKernels = STINT_PANEL_TABLE("avx2");

}  // namespace stint::cpu

#endif  // defined(__x86_64__)
