// Softmax and normalisation of rows for AVX-512; this file alone is compiled for it.
#if defined(__x86_64__)

#include "backends/cpu/simd/avx512.h"
// After the vocabulary.
#include "backends/cpu/micro/rows_impl.h"

namespace stint::cpu {

constinit const RowKernels kAvx512RowKernels = STINT_ROW_TABLE;

}  // namespace stint::cpu

#endif  // defined(__x86_64__)
