#include "backends/vulkan/buffer.h"

#include "runtime/base/checked.h"

namespace stint::vulkan {

namespace {

// Kernels may see whole words, or vectors of them, that begin before the end.
constexpr uint64_t kGranularity = 64;

Status CreateBuffer(Context& context, uint64_t bytes, const void* next, Owned<VkBuffer>* buffer) {
  const Functions& api = context.functions();
  VkBufferCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  info.pNext = next;
  info.size = bytes;
  info.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_SRC_BIT |
               VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  return context.Make(api.vkCreateBuffer, api.vkDestroyBuffer, "vkCreateBuffer", info, buffer);
}

VkMemoryRequirements RequirementsOf(Context& context, const Owned<VkBuffer>& buffer) {
  VkMemoryRequirements needs = {};
  context.functions().vkGetBufferMemoryRequirements(context.device(), buffer.get(), &needs);
  return needs;
}

Status Bind(Context& context, const Owned<VkBuffer>& buffer, const Allocation& allocation) {
  return context.Check(context.functions().vkBindBufferMemory(context.device(), buffer.get(),
                                                              allocation.memory.get(), 0),
                       "vkBindBufferMemory");
}

Status CreateImported(Context& context, const void* address, uint64_t bytes, Allocation* allocation,
                      Owned<VkBuffer>* buffer) {
  VkExternalMemoryBufferCreateInfo external = {};
  external.sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_BUFFER_CREATE_INFO;
  external.handleTypes = VK_EXTERNAL_MEMORY_HANDLE_TYPE_HOST_ALLOCATION_BIT_EXT;
  STINT_TRY(CreateBuffer(context, bytes, &external, buffer));
  const VkMemoryRequirements needs = RequirementsOf(context, *buffer);
  if (needs.size > bytes) {
    return Error(Code::kUnsupported, "vulkan import", "found %llu bytes, allowed %llu for them",
                 static_cast<unsigned long long>(bytes),
                 static_cast<unsigned long long>(needs.size));
  }
  STINT_TRY(ImportMemory(context, needs.memoryTypeBits, address, bytes, allocation));
  return Bind(context, *buffer, *allocation);
}

}  // namespace

Status VulkanBuffer::Grow(uint64_t bytes) {
  if (bytes <= bytes_) return {};
  const uint64_t largest = LargestAllocation(context_.physical());
  if (bytes > largest || largest - bytes < kGranularity) {
    return Error(Code::kLimit, "vulkan buffer", "found %llu bytes, allowed %llu",
                 static_cast<unsigned long long>(bytes), static_cast<unsigned long long>(largest));
  }
  Allocation allocation;
  Owned<VkBuffer> buffer;
  STINT_TRY(CreateBuffer(context_, AlignUp(bytes, kGranularity), nullptr, &buffer));
  STINT_TRY(AllocateMemory(context_, RequirementsOf(context_, buffer), kind_, &allocation));
  STINT_TRY(Bind(context_, buffer, allocation));
  buffer_ = std::move(buffer);
  allocation_ = std::move(allocation);
  bytes_ = bytes;
  generation_ = context_.NextGeneration();
  return {};
}

Status VulkanBuffer::Import(const void* address, uint64_t bytes) {
  const uint64_t alignment = context_.physical().host_pointer_alignment;
  if (alignment == 0 || context_.functions().vkGetMemoryHostPointerPropertiesEXT == nullptr) {
    return Error(Code::kUnsupported, "vulkan import",
                 "found a driver without VK_EXT_external_memory_host, allowed one with it");
  }
  if (bytes == 0 || bytes % alignment != 0 ||
      reinterpret_cast<uintptr_t>(address) % alignment != 0) {
    return Error(Code::kUnsupported, "vulkan import",
                 "found %llu bytes at %p, allowed multiples of %llu",
                 static_cast<unsigned long long>(bytes), address,
                 static_cast<unsigned long long>(alignment));
  }
  Allocation allocation;
  Owned<VkBuffer> buffer;
  if (Status status = CreateImported(context_, address, bytes, &allocation, &buffer);
      !status.ok()) {
    STINT_TRY(context_.Alive());
    // Drivers refuse memory by any of their errors; what it was is in the text.
    return Error(Code::kUnsupported, "vulkan import", "%s", status.message());
  }
  buffer_ = std::move(buffer);
  allocation_ = std::move(allocation);
  allocation_.mapped = static_cast<std::byte*>(const_cast<void*>(address));
  bytes_ = bytes;
  imported_ = true;
  generation_ = context_.NextGeneration();
  return {};
}

Status VulkanBuffer::CheckRange(uint64_t offset, uint64_t bytes) const {
  if (imported_) {
    return Error(Code::kInvalid, "vulkan buffer", "found imported memory, allowed a device's own");
  }
  if (offset <= bytes_ && bytes <= bytes_ - offset) return {};
  return Error(Code::kInvalid, "vulkan buffer", "found %llu bytes at %llu, allowed %llu in all",
               static_cast<unsigned long long>(bytes), static_cast<unsigned long long>(offset),
               static_cast<unsigned long long>(bytes_));
}

}  // namespace stint::vulkan
