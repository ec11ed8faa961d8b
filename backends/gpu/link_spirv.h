// Links a Map program into a kernel's SPIR-V, on the device and without a compiler: the body of the
// kernel's hook becomes the program, whose instructions call functions of map_functions.glsl. The
// kernel of Map has all of them; other kernels get copies of those that they lack.
#ifndef STINT_BACKENDS_GPU_LINK_SPIRV_H_
#define STINT_BACKENDS_GPU_LINK_SPIRV_H_

#include <cstdint>

#include "backends/gpu/pipeline.h"
#include "runtime/base/array.h"
#include "runtime/base/result.h"

namespace stint::gpu {

// The module of the pipeline, for Vulkan 1.1: names, and what the entry point does not reach, are
// left out. Specialisation constants keep their defaults. Equal descriptions give equal words.
// kInvalid: the program does not pass VerifyMap, or the source is no SPIR-V. kUnsupported: the
// program has types that GPU kernels have not. kInternal: the source lacks a hook or a function.
Result<Array<uint32_t>> LinkSpirv(const PipelineDescription& description);

}  // namespace stint::gpu

#endif  // STINT_BACKENDS_GPU_LINK_SPIRV_H_
