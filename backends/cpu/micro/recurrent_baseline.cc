// Gates of recurrent layers for what every processor of the target has.
#include "backends/cpu/simd/baseline.h"
// After the vocabulary.
#include "backends/cpu/micro/recurrent_impl.h"

namespace stint::cpu {

constinit const RecurrentKernels kBaselineRecurrentKernels = STINT_RECURRENT_TABLE;

}  // namespace stint::cpu
