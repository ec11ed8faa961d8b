#include "backends/vulkan/memory.h"

#include <algorithm>

#include "backends/vulkan/vk_result.h"

namespace stint::vulkan {

namespace {

constexpr VkMemoryPropertyFlags kLocal = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
constexpr VkMemoryPropertyFlags kVisible =
    VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
constexpr VkMemoryPropertyFlags kCached = VK_MEMORY_PROPERTY_HOST_CACHED_BIT;

Status TooLarge(uint64_t bytes, uint64_t allowed) {
  return Error(Code::kLimit, "vulkan memory", "found %llu bytes, allowed %llu",
               static_cast<unsigned long long>(bytes), static_cast<unsigned long long>(allowed));
}

// The best type of `candidates` (bits) that has room for `bytes`; -1: none.
int BestType(const PhysicalDevice& device, uint32_t candidates, uint64_t bytes, MemoryKind kind) {
  int best = -1;
  int best_fit = -1;
  for (uint32_t i = 0; i < device.memory.memoryTypeCount; ++i) {
    const VkMemoryType& type = device.memory.memoryTypes[i];
    if ((candidates & (1u << i)) == 0) continue;
    if (device.memory.memoryHeaps[type.heapIndex].size < bytes) continue;
    const int fit = FitOfMemoryType(type.propertyFlags, kind, device.unified);
    if (fit <= best_fit) continue;
    best = static_cast<int>(i);
    best_fit = fit;
  }
  return best;
}

Status AllocateType(Context& context, int type, uint64_t bytes, const void* next,
                    Owned<VkDeviceMemory>* memory) {
  const Functions& api = context.functions();
  VkMemoryAllocateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO;
  info.pNext = next;
  info.allocationSize = bytes;
  info.memoryTypeIndex = static_cast<uint32_t>(type);
  STINT_TRY(context.Make(api.vkAllocateMemory, api.vkFreeMemory, "vkAllocateMemory", info, memory));
  ++context.counters().allocations;
  return {};
}

Status Map(Context& context, Allocation* allocation) {
  void* mapped = nullptr;
  STINT_TRY(
      context.Check(context.functions().vkMapMemory(context.device(), allocation->memory.get(), 0,
                                                    VK_WHOLE_SIZE, 0, &mapped),
                    "vkMapMemory"));
  allocation->mapped = static_cast<std::byte*>(mapped);
  return {};
}

}  // namespace

int FitOfMemoryType(VkMemoryPropertyFlags flags, MemoryKind kind, bool unified) {
  // Other properties (protected, lazily allocated, vendors' own) ask for care that nobody takes.
  if ((flags & ~(kLocal | kVisible | kCached)) != 0) return -1;
  const bool visible = (flags & kVisible) == kVisible;
  const int local = (flags & kLocal) != 0 ? 1 : 0;
  const int cached = (flags & kCached) != 0 ? 1 : 0;
  if (kind == MemoryKind::kShared) return visible ? 2 * cached + (unified ? local : 0) : -1;
  // Where memory is not unified, little of the local one is visible: it is left to others.
  if (!unified) return 2 * local + ((flags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) == 0 ? 1 : 0);
  return 4 * local + (visible ? 2 + cached : 0);
}

uint64_t LargestAllocation(const PhysicalDevice& device) {
  uint64_t largest = 0;
  for (uint32_t i = 0; i < device.memory.memoryHeapCount; ++i) {
    largest = std::max<uint64_t>(largest, device.memory.memoryHeaps[i].size);
  }
  return std::min(largest, device.max_allocation);
}

Status AllocateMemory(Context& context, const VkMemoryRequirements& needs, MemoryKind kind,
                      Allocation* out) {
  const PhysicalDevice& device = context.physical();
  if (needs.size > device.max_allocation) return TooLarge(needs.size, device.max_allocation);
  uint32_t candidates = needs.memoryTypeBits;
  Status status = TooLarge(needs.size, LargestAllocation(device));
  for (;;) {
    const int type = BestType(device, candidates, needs.size, kind);
    if (type < 0) return status;
    Allocation allocation;
    status = AllocateType(context, type, needs.size, nullptr, &allocation.memory);
    if (status.ok()) {
      const VkMemoryPropertyFlags flags = device.memory.memoryTypes[type].propertyFlags;
      if ((flags & kVisible) == kVisible) STINT_TRY(Map(context, &allocation));
      *out = std::move(allocation);
      return {};
    }
    if (status.code() != Code::kLimit) return status;
    candidates &= ~(1u << type);
  }
}

Status ImportMemory(Context& context, uint32_t memory_types, const void* address, uint64_t bytes,
                    Allocation* out) {
  const Functions& api = context.functions();
  const auto handle_type = VK_EXTERNAL_MEMORY_HANDLE_TYPE_HOST_ALLOCATION_BIT_EXT;
  VkMemoryHostPointerPropertiesEXT properties = {
      VK_STRUCTURE_TYPE_MEMORY_HOST_POINTER_PROPERTIES_EXT, nullptr, 0};
  STINT_TRY(context.Check(
      api.vkGetMemoryHostPointerPropertiesEXT(context.device(), handle_type, address, &properties),
      "vkGetMemoryHostPointerPropertiesEXT"));
  const uint32_t candidates = memory_types & properties.memoryTypeBits;
  int type = BestType(context.physical(), candidates, bytes, MemoryKind::kShared);
  if (type < 0) type = BestType(context.physical(), candidates, bytes, MemoryKind::kDevice);
  if (type < 0) {
    return Error(Code::kUnsupported, "vulkan import",
                 "found host memory without a memory type, allowed one that the device sees");
  }
  VkImportMemoryHostPointerInfoEXT import = {};
  import.sType = VK_STRUCTURE_TYPE_IMPORT_MEMORY_HOST_POINTER_INFO_EXT;
  import.handleType = handle_type;
  import.pHostPointer = const_cast<void*>(address);
  return AllocateType(context, type, bytes, &import, &out->memory);
}

}  // namespace stint::vulkan
