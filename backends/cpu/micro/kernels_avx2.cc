// Micro-kernels for AVX2 and FMA; this file alone is compiled for them.
#if defined(__x86_64__)

#define STINT_MICRO avx2
#define STINT_MICRO_LANES 8
#define STINT_MICRO_VECTORS 2
#define STINT_MICRO_ROWS 6

#include "backends/cpu/micro/kernels_impl.h"

namespace stint::cpu {

constinit const MicroKernels kAvx2Kernels = STINT_MICRO_TABLE;

}  // namespace stint::cpu

#endif  // defined(__x86_64__)
