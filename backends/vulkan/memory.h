// Device memory: which type of the device's serves a MemoryKind, and an allocation of it.
#ifndef STINT_BACKENDS_VULKAN_MEMORY_H_
#define STINT_BACKENDS_VULKAN_MEMORY_H_

#include <cstddef>

#include "backends/vulkan/context.h"

namespace stint::vulkan {

struct Allocation {
  Owned<VkDeviceMemory> memory;
  std::byte* mapped = nullptr;  // Where the host sees it, coherently; nullptr: it does not.
};

// How well a memory type with `flags` serves `kind`: the higher the better; negative: not at all.
// `unified`: see PhysicalDevice.
int FitOfMemoryType(VkMemoryPropertyFlags flags, MemoryKind kind, bool unified);

// Allocates from the best type that has room. kLimit: none has.
Status AllocateMemory(Context& context, const VkMemoryRequirements& needs, MemoryKind kind,
                      Allocation* out);

// Memory over `bytes` at `address`, both multiples of PhysicalDevice::host_pointer_alignment.
// kUnsupported: the device cannot see it.
Status ImportMemory(Context& context, uint32_t memory_types, const void* address, uint64_t bytes,
                    Allocation* out);

// The most bytes that one allocation may have.
uint64_t LargestAllocation(const PhysicalDevice& device);

}  // namespace stint::vulkan

#endif  // STINT_BACKENDS_VULKAN_MEMORY_H_
