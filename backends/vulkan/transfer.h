// Copies between host memory and buffers that the host does not see: through a staging buffer, a
// piece at a time, each with a submission of its own.
#ifndef STINT_BACKENDS_VULKAN_TRANSFER_H_
#define STINT_BACKENDS_VULKAN_TRANSFER_H_

#include "backends/vulkan/buffer.h"

namespace stint::vulkan {

// Any thread; one transfer at a time. What it needs is made at the first use.
class Transfer {
 public:
  explicit Transfer(Context& context) : context_(context), staging_(context, MemoryKind::kShared) {}

  // For ranges within the buffer.
  Status Write(VulkanBuffer& to, uint64_t offset, const void* from, uint64_t bytes);
  Status Read(VulkanBuffer& from, uint64_t offset, void* to, uint64_t bytes);

 private:
  Status Prepare(uint64_t bytes);
  Status Copy(VkBuffer from, VkBuffer to, const VkBufferCopy& region);
  Status Record(VkBuffer from, VkBuffer to, const VkBufferCopy& region);

  Context& context_;
  Mutex mutex_;
  VulkanBuffer staging_;
  Owned<VkCommandPool> pool_;
  VkCommandBuffer commands_ = VK_NULL_HANDLE;  // Of the pool.
  Owned<VkFence> fence_;
};

}  // namespace stint::vulkan

#endif  // STINT_BACKENDS_VULKAN_TRANSFER_H_
