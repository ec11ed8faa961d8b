// The kernels that the build made from kernels/: one KernelSource a line of kernel_sources.inc.
#ifndef STINT_BACKENDS_GPU_KERNEL_SOURCES_H_
#define STINT_BACKENDS_GPU_KERNEL_SOURCES_H_

#include <span>

#include "backends/gpu/pipeline.h"

namespace stint::gpu {

namespace sources {
#define STINT_GPU_SOURCE(name, file, element, bindings) extern const KernelSource name;
#include "backends/gpu/kernel_sources.inc"
#undef STINT_GPU_SOURCE
}  // namespace sources

// All of them, in the order of the list.
std::span<const KernelSource* const> KernelSources();

}  // namespace stint::gpu

#endif  // STINT_BACKENDS_GPU_KERNEL_SOURCES_H_
