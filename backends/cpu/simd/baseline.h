// The vocabulary for what every processor of the target has.
#ifndef STINT_BACKENDS_CPU_SIMD_BASELINE_H_
#define STINT_BACKENDS_CPU_SIMD_BASELINE_H_

#if defined(__aarch64__)
#include "backends/cpu/simd/neon.h"
#else
#include "backends/cpu/simd/portable.h"
#endif

#endif  // STINT_BACKENDS_CPU_SIMD_BASELINE_H_
