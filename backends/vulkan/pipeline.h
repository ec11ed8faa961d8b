// Ready pipelines, and the table in which each description is made once.
#ifndef STINT_BACKENDS_VULKAN_PIPELINE_H_
#define STINT_BACKENDS_VULKAN_PIPELINE_H_

#include "backends/gpu/device.h"
#include "backends/vulkan/context.h"

namespace stint::vulkan {

// A compute pipeline whose one descriptor set is `bindings` storage buffers, from binding 0 on.
class VulkanPipeline final : public gpu::Pipeline {
 public:
  explicit VulkanPipeline(const gpu::PipelineDescription& made_from)
      : description(made_from), bindings(made_from.bindings()) {}

  const gpu::PipelineDescription description;
  const uint32_t bindings;
  // Destroyed in reverse.
  Owned<VkDescriptorSetLayout> set_layout;
  Owned<VkPipelineLayout> layout;
  Owned<VkPipeline> pipeline;
};

// Any thread.
class PipelineTable {
 public:
  explicit PipelineTable(Context& context) : context_(context) {}

  // See GpuDevice::FindPipeline.
  Result<gpu::Pipeline*> Find(const gpu::PipelineDescription& description);

 private:
  struct Entry {
    uint64_t hash;
    std::unique_ptr<VulkanPipeline> pipeline;
  };

  VulkanPipeline* Look(const gpu::PipelineDescription& description, uint64_t hash) const;
  Result<std::unique_ptr<VulkanPipeline>> Create(const gpu::PipelineDescription& description);
  Status CreateLayouts(VulkanPipeline* pipeline);
  Status CreateCache();

  Context& context_;
  Mutex mutex_;
  Owned<VkPipelineCache> cache_;
  Array<Entry> entries_;
};

}  // namespace stint::vulkan

#endif  // STINT_BACKENDS_VULKAN_PIPELINE_H_
