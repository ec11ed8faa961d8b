// Gates of recurrent layers for AVX2 and FMA; this file alone is compiled for it.
#if defined(__x86_64__)

#include "backends/cpu/simd/avx2.h"
// After the vocabulary.
#include "backends/cpu/micro/recurrent_impl.h"

namespace stint::cpu {

constinit const RecurrentKernels kAvx2RecurrentKernels = STINT_RECURRENT_TABLE;

}  // namespace stint::cpu

#endif  // defined(__x86_64__)
