// Tiles of rows and panels for what every processor of the target has: NEON (5 rows of four vectors
// are 20 sums, 5 vectors of A and 4 of weights, of 32 registers), SSE2 or plain code.
#include "backends/cpu/simd/baseline.h"

#if defined(__aarch64__)
#define STINT_TILE_ROWS1 5
#else
#define STINT_TILE_ROWS1 2
#endif
#define STINT_TILE_ROWS2 0
#define STINT_TILE_ROWS3 0

#if defined(__aarch64__)
#include "backends/cpu/micro/neon_panel.h"
#endif
// After the tiles in assembly, which it uses.
#include "backends/cpu/micro/panel_impl.h"

namespace stint::cpu {

#if defined(__aarch64__)
constinit const PanelKernels kBaselinePanelKernels = STINT_PANEL_TABLE("neon");
#elif defined(__x86_64__)
constinit const PanelKernels kBaselinePanelKernels = STINT_PANEL_TABLE("sse2");
#else
constinit const PanelKernels kBaselinePanelKernels = STINT_PANEL_TABLE("portable");
#endif

}  // namespace stint::cpu
