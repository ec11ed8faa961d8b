// Micro-kernels for what every processor of the target has: SSE2, NEON or the compiler's emulation.
#define STINT_MICRO baseline
#define STINT_MICRO_LANES 4
#if defined(__aarch64__)
#define STINT_MICRO_VECTORS 4
#else
#define STINT_MICRO_VECTORS 2
#endif
#define STINT_MICRO_ROWS 6

#include "backends/cpu/micro/kernels_impl.h"

namespace stint::cpu {

constinit const MicroKernels kBaselineKernels = STINT_MICRO_TABLE;

}  // namespace stint::cpu
