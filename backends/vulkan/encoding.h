// A list of dispatches in the form that the device executes: one command buffer, which can be
// submitted any number of times, with all that it refers to but the tensors' buffers.
#ifndef STINT_BACKENDS_VULKAN_ENCODING_H_
#define STINT_BACKENDS_VULKAN_ENCODING_H_

#include "backends/gpu/device.h"
#include "backends/vulkan/buffer.h"
#include "backends/vulkan/pipeline.h"

namespace stint::vulkan {

// Each dispatch sees what those before it wrote, also those of earlier submissions; after the last
// the host sees it. In a timed one no two dispatches overlap, and each has its time.
class Encoding final : public Object {
 public:
  explicit Encoding(Context& context)
      : context_(context), parameters_(context, MemoryKind::kShared) {}

  // Once; after an error the object is of no use.
  Status Encode(std::span<const gpu::Dispatch> dispatches, bool timed);

  VkCommandBuffer commands() const { return commands_; }
  // Writes the seconds that each dispatch of the finished execution took.
  Status ReadTimes(std::span<double> seconds) const;

 private:
  Status CreateCommands();
  Status CreateDescriptorPool(std::span<const gpu::Dispatch> dispatches);
  Status CreateQueries(size_t dispatches);
  Status WriteParameters(std::span<const gpu::Dispatch> dispatches);
  Status EncodeAll(std::span<const gpu::Dispatch> dispatches, bool timed);
  Status EncodeDispatch(const gpu::Dispatch& dispatch, uint64_t* parameter_offset);
  Status WriteSet(const gpu::Dispatch& dispatch, VkDescriptorSet set, uint64_t parameter_offset);
  void Barrier(VkPipelineStageFlags from_stages, VkAccessFlags from, VkPipelineStageFlags to_stages,
               VkAccessFlags to);
  void Timestamp(size_t index);
  uint64_t ParameterBytes(const gpu::Dispatch& dispatch) const;

  Context& context_;
  VulkanBuffer parameters_;  // Of all dispatches.
  Owned<VkDescriptorPool> descriptors_;
  Owned<VkQueryPool> queries_;  // A timestamp before each dispatch, and one at the end.
  Owned<VkCommandPool> pool_;
  VkCommandBuffer commands_ = VK_NULL_HANDLE;  // Of the pool.
  const gpu::Pipeline* bound_ = nullptr;       // While encoding.
  uint64_t barriers_ = 0;
};

}  // namespace stint::vulkan

#endif  // STINT_BACKENDS_VULKAN_ENCODING_H_
