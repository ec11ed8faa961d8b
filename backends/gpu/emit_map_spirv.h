// A Map program as the body of a hook, in SPIR-V: one id a register, loads in the program's order,
// and all stores after the last of them, since an output may be the memory of an input.
#ifndef STINT_BACKENDS_GPU_EMIT_MAP_SPIRV_H_
#define STINT_BACKENDS_GPU_EMIT_MAP_SPIRV_H_

#include <cstdint>

#include "backends/gpu/pipeline.h"
#include "backends/gpu/spirv_builder.h"
#include "backends/gpu/spirv_import.h"

namespace stint::gpu {

// The hook's parameters.
struct HookParameters {
  uint32_t value = 0;  // Of an epilogue.
  uint32_t index = 0;
};

// Adds the program, which passed VerifyMap, to the builder's body, but for the label in front and
// the return behind. Its tensors have the bindings from `first_binding` on. Writes to *value the id
// of what an epilogue returns. Functions that the module has not come from the library. kInternal:
// neither has what the program calls.
Status EmitMap(const LinkedProgram& linked, uint32_t first_binding, const HookParameters& hook,
               SpirvImporter* library, SpirvBuilder* builder, uint32_t* value);

}  // namespace stint::gpu

#endif  // STINT_BACKENDS_GPU_EMIT_MAP_SPIRV_H_
