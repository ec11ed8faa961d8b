// Kernels over channels-last rows for what every processor of the target has.
#include "backends/cpu/simd/baseline.h"
// After the vocabulary.
#include "backends/cpu/micro/spatial_impl.h"

namespace stint::cpu {

constinit const SpatialKernels kBaselineSpatialKernels = STINT_SPATIAL_TABLE;

}  // namespace stint::cpu
