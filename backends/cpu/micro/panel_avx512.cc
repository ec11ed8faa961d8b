// Tiles of rows and panels for AVX-512; this file alone is compiled for it. 14 rows times 2 panels
// are 28 sums, 9 times 3 are 27, of 32 registers.
#if defined(__x86_64__)

#include "backends/cpu/simd/avx512.h"

#define STINT_TILE_ROWS1 14
#define STINT_TILE_ROWS2 14
#define STINT_TILE_ROWS3 9

#include "backends/cpu/micro/single_panel_avx512.h"
// After the single panel, which it uses.
#include "backends/cpu/micro/panel_impl.h"

namespace stint::cpu {

constinit const PanelKernels kAvx512PanelKernels = STINT_PANEL_TABLE("avx512");

}  // namespace stint::cpu

#endif  // defined(__x86_64__)
