// Softmax and normalisation of rows for what every processor of the target has.
#include "backends/cpu/simd/baseline.h"
// After the vocabulary.
#include "backends/cpu/micro/rows_impl.h"

namespace stint::cpu {

constinit const RowKernels kBaselineRowKernels = STINT_ROW_TABLE;

}  // namespace stint::cpu
