// A VkBuffer with memory of its own.
#ifndef STINT_BACKENDS_VULKAN_BUFFER_H_
#define STINT_BACKENDS_VULKAN_BUFFER_H_

#include "backends/vulkan/memory.h"

namespace stint::vulkan {

// Without bytes it has no VkBuffer.
class VulkanBuffer final : public Buffer {
 public:
  VulkanBuffer(Context& context, MemoryKind kind) : context_(context), kind_(kind) {}

  uint64_t bytes() const override { return bytes_; }
  void* host() override { return kind_ == MemoryKind::kShared ? allocation_.mapped : nullptr; }

  // Makes it at least `bytes` large; the content is lost. After an error it is as before.
  Status Grow(uint64_t bytes);
  // Makes it one over host memory. kUnsupported: the device cannot see it. Once, instead of Grow.
  Status Import(const void* address, uint64_t bytes);

  VkBuffer handle() const { return buffer_.get(); }
  // Where the host reads and writes it, whatever the kind; nullptr: only through a copy.
  std::byte* mapped() const { return allocation_.mapped; }
  bool imported() const { return imported_; }
  // When the VkBuffer was made: see Context::NextGeneration. 0: there is none yet.
  uint64_t generation() const { return generation_; }
  // kInvalid: the range is beyond the buffer, or the buffer is imported.
  Status CheckRange(uint64_t offset, uint64_t bytes) const;

 private:
  Context& context_;
  const MemoryKind kind_;
  // Destroyed in reverse: the buffer before its memory.
  Allocation allocation_;
  Owned<VkBuffer> buffer_;
  uint64_t bytes_ = 0;
  uint64_t generation_ = 0;
  bool imported_ = false;
};

}  // namespace stint::vulkan

#endif  // STINT_BACKENDS_VULKAN_BUFFER_H_
