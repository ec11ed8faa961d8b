#include "backends/vulkan/pipeline.h"

#include "backends/gpu/link_spirv.h"
#include "backends/vulkan/vk_result.h"

namespace stint::vulkan {

namespace {

// Constant ids 0 to n-1, one 32-bit word each.
class Specialization {
 public:
  explicit Specialization(const gpu::PipelineDescription& description) {
    for (uint32_t i = 0; i < description.constant_count; ++i) {
      entries_[i] = {i, i * static_cast<uint32_t>(sizeof(uint32_t)), sizeof(uint32_t)};
    }
    info_ = {description.constant_count, entries_, description.constant_count * sizeof(uint32_t),
             description.constants};
  }
  Specialization(const Specialization&) = delete;
  Specialization& operator=(const Specialization&) = delete;

  const VkSpecializationInfo* info() const { return &info_; }

 private:
  VkSpecializationMapEntry entries_[gpu::kMaxSpecialization] = {};
  VkSpecializationInfo info_ = {};
};

Status CreateModule(Context& context, std::span<const uint32_t> words,
                    Owned<VkShaderModule>* module) {
  const Functions& api = context.functions();
  VkShaderModuleCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO;
  info.codeSize = words.size_bytes();
  info.pCode = words.data();
  return context.Make(api.vkCreateShaderModule, api.vkDestroyShaderModule, "vkCreateShaderModule",
                      info, module);
}

Status CheckDescription(const gpu::PipelineDescription& description, const Context& context) {
  const uint32_t allowed = context.physical().info.max_bindings;
  if (description.bindings() <= allowed) return {};
  return Error(Code::kUnsupported, description.source->name, "found %u buffers, allowed %u",
               description.bindings(), allowed);
}

}  // namespace

Result<gpu::Pipeline*> PipelineTable::Find(const gpu::PipelineDescription& description) {
  STINT_TRY(CheckDescription(description, context_));
  const uint64_t hash = HashOf(description);
  const MutexLock lock(mutex_);
  if (VulkanPipeline* found = Look(description, hash); found != nullptr) {
    ++context_.counters().pipeline_hits;
    return static_cast<gpu::Pipeline*>(found);
  }
  STINT_TRY(entries_.Reserve(entries_.size() + 1));
  STINT_ASSIGN(auto pipeline, Create(description));
  gpu::Pipeline* const made = pipeline.get();
  STINT_TRY(entries_.Push({hash, std::move(pipeline)}));
  ++context_.counters().pipelines_compiled;
  return made;
}

VulkanPipeline* PipelineTable::Look(const gpu::PipelineDescription& description,
                                    uint64_t hash) const {
  for (const Entry& entry : entries_) {
    if (entry.hash == hash && entry.pipeline->description == description) {
      return entry.pipeline.get();
    }
  }
  return nullptr;
}

Status PipelineTable::CreateCache() {
  if (cache_.get() != VK_NULL_HANDLE) return {};
  const Functions& api = context_.functions();
  VkPipelineCacheCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO;
  return context_.Make(api.vkCreatePipelineCache, api.vkDestroyPipelineCache,
                       "vkCreatePipelineCache", info, &cache_);
}

Status PipelineTable::CreateLayouts(VulkanPipeline* pipeline) {
  const Functions& api = context_.functions();
  VkDescriptorSetLayoutBinding bindings[kMaxBindings] = {};
  for (uint32_t i = 0; i < pipeline->bindings; ++i) {
    bindings[i] = {i, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, 1, VK_SHADER_STAGE_COMPUTE_BIT, nullptr};
  }
  VkDescriptorSetLayoutCreateInfo set_info = {};
  set_info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO;
  set_info.bindingCount = pipeline->bindings;
  set_info.pBindings = bindings;
  STINT_TRY(context_.Make(api.vkCreateDescriptorSetLayout, api.vkDestroyDescriptorSetLayout,
                          "vkCreateDescriptorSetLayout", set_info, &pipeline->set_layout));
  VkDescriptorSetLayout set_layout = pipeline->set_layout.get();
  VkPipelineLayoutCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO;
  info.setLayoutCount = 1;
  info.pSetLayouts = &set_layout;
  return context_.Make(api.vkCreatePipelineLayout, api.vkDestroyPipelineLayout,
                       "vkCreatePipelineLayout", info, &pipeline->layout);
}

Result<std::unique_ptr<VulkanPipeline>> PipelineTable::Create(
    const gpu::PipelineDescription& description) {
  const Functions& api = context_.functions();
  STINT_TRY(CreateCache());
  STINT_ASSIGN(auto pipeline, Make<VulkanPipeline>(description));
  STINT_TRY(CreateLayouts(pipeline.get()));
  STINT_ASSIGN(const Array<uint32_t> words, gpu::LinkSpirv(description));
  Owned<VkShaderModule> module;
  STINT_TRY(CreateModule(context_, words.span(), &module));

  const Specialization specialization(description);
  VkComputePipelineCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO;
  info.stage.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO;
  info.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT;
  info.stage.module = module.get();
  info.stage.pName = "main";
  info.stage.pSpecializationInfo = specialization.info();
  info.layout = pipeline->layout.get();
  VkPipeline handle = VK_NULL_HANDLE;
  const VkResult result =
      api.vkCreateComputePipelines(context_.device(), cache_.get(), 1, &info, nullptr, &handle);
  if (result == VK_ERROR_DEVICE_LOST) return context_.Check(result, "vkCreateComputePipelines");
  if (result < 0 || handle == VK_NULL_HANDLE) {
    return Error(Code::kUnsupported, description.source->name,
                 "found %s from vkCreateComputePipelines, allowed a pipeline", NameOf(result));
  }
  pipeline->pipeline = Owned<VkPipeline>(context_.device(), handle, api.vkDestroyPipeline);
  return pipeline;
}

}  // namespace stint::vulkan
