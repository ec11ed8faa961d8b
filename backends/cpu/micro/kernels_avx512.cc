// Micro-kernels for AVX-512F; this file alone is compiled for it.
#if defined(__x86_64__)

#define STINT_MICRO avx512
#define STINT_MICRO_LANES 16
#define STINT_MICRO_VECTORS 2
#define STINT_MICRO_ROWS 12

#include "backends/cpu/micro/kernels_impl.h"

namespace stint::cpu {

constinit const MicroKernels kAvx512Kernels = STINT_MICRO_TABLE;

}  // namespace stint::cpu

#endif  // defined(__x86_64__)
