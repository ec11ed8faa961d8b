#include "backends/gpu/kernel_sources.h"

namespace stint::gpu {

namespace {

// Written by the build: `constexpr uint32_t words_NAME[]` of each entry.
#include "kernel_words.inc"

}  // namespace

namespace sources {
#define STINT_GPU_SOURCE(name, file, element, bindings) \
  constexpr KernelSource name = {#name, words_##name, bindings};
#include "backends/gpu/kernel_sources.inc"
#undef STINT_GPU_SOURCE
}  // namespace sources

std::span<const KernelSource* const> KernelSources() {
  static constexpr const KernelSource* kSources[] = {
#define STINT_GPU_SOURCE(name, file, element, bindings) &sources::name,
#include "backends/gpu/kernel_sources.inc"
#undef STINT_GPU_SOURCE
  };
  return kSources;
}

}  // namespace stint::gpu
