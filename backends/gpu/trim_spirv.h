// Writes a module with what was added to it and without what its entry point does not reach.
#ifndef STINT_BACKENDS_GPU_TRIM_SPIRV_H_
#define STINT_BACKENDS_GPU_TRIM_SPIRV_H_

#include <cstdint>

#include "backends/gpu/spirv_builder.h"

namespace stint::gpu {

// The words of the builder's module and additions. Function `hook` has the builder's body instead
// of its own; 0: no function has. kInternal: the module has no entry point.
Result<Array<uint32_t>> TrimSpirv(const SpirvBuilder& builder, uint32_t hook);

}  // namespace stint::gpu

#endif  // STINT_BACKENDS_GPU_TRIM_SPIRV_H_
