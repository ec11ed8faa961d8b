#include "backends/vulkan/encoding.h"

#include <algorithm>
#include <cstring>

#include "backends/gpu/hazards.h"
#include "runtime/base/checked.h"

namespace stint::vulkan {

namespace {

constexpr VkPipelineStageFlags kKernels = VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT;
constexpr VkAccessFlags kReadWrite = VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT;

const VulkanPipeline& PipelineOf(const gpu::Dispatch& dispatch) {
  return static_cast<const VulkanPipeline&>(*dispatch.pipeline);
}

bool WritesMappedMemory(std::span<const gpu::Dispatch> dispatches) {
  for (const gpu::Dispatch& dispatch : dispatches) {
    for (const gpu::Binding& binding : dispatch.bindings) {
      if (!binding.written || binding.buffer == nullptr) continue;
      if (static_cast<const VulkanBuffer*>(binding.buffer)->mapped() != nullptr) return true;
    }
  }
  return false;
}

Status CheckBinding(const gpu::Binding& binding, const DeviceInfo& info) {
  const uint64_t size = binding.buffer->bytes();
  if (binding.offset % info.binding_alignment == 0 && binding.bytes <= info.max_binding_bytes &&
      binding.offset <= size && binding.bytes <= size - binding.offset) {
    return {};
  }
  return Error(Code::kInternal, "vulkan binding", "found %llu bytes at %llu, allowed %llu in all",
               static_cast<unsigned long long>(binding.bytes),
               static_cast<unsigned long long>(binding.offset),
               static_cast<unsigned long long>(size));
}

}  // namespace

uint64_t Encoding::ParameterBytes(const gpu::Dispatch& dispatch) const {
  const uint64_t bytes = std::max<uint64_t>(dispatch.parameters.size_bytes(), sizeof(uint32_t));
  return AlignUp(bytes, context_.physical().info.binding_alignment);
}

void Encoding::Barrier(VkPipelineStageFlags from_stages, VkAccessFlags from,
                       VkPipelineStageFlags to_stages, VkAccessFlags to) {
  const VkMemoryBarrier barrier = {VK_STRUCTURE_TYPE_MEMORY_BARRIER, nullptr, from, to};
  context_.functions().vkCmdPipelineBarrier(commands_, from_stages, to_stages, 0, 1, &barrier, 0,
                                            nullptr, 0, nullptr);
  ++barriers_;
}

void Encoding::Timestamp(size_t index) {
  context_.functions().vkCmdWriteTimestamp(commands_, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT,
                                           queries_.get(), static_cast<uint32_t>(index));
}

Status Encoding::CreateCommands() {
  const Functions& api = context_.functions();
  const VkCommandPoolCreateInfo info = {VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO, nullptr, 0,
                                        context_.physical().queue_family};
  STINT_TRY(context_.Make(api.vkCreateCommandPool, api.vkDestroyCommandPool, "vkCreateCommandPool",
                          info, &pool_));
  const VkCommandBufferAllocateInfo allocate = {VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
                                                nullptr, pool_.get(),
                                                VK_COMMAND_BUFFER_LEVEL_PRIMARY, 1};
  return context_.Check(api.vkAllocateCommandBuffers(context_.device(), &allocate, &commands_),
                        "vkAllocateCommandBuffers");
}

Status Encoding::CreateDescriptorPool(std::span<const gpu::Dispatch> dispatches) {
  if (dispatches.empty()) return {};
  const Functions& api = context_.functions();
  uint32_t bindings = 0;
  for (const gpu::Dispatch& dispatch : dispatches) bindings += PipelineOf(dispatch).bindings;
  const VkDescriptorPoolSize size = {VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, bindings};
  VkDescriptorPoolCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO;
  info.maxSets = static_cast<uint32_t>(dispatches.size());
  info.poolSizeCount = 1;
  info.pPoolSizes = &size;
  return context_.Make(api.vkCreateDescriptorPool, api.vkDestroyDescriptorPool,
                       "vkCreateDescriptorPool", info, &descriptors_);
}

Status Encoding::CreateQueries(size_t dispatches) {
  const Functions& api = context_.functions();
  VkQueryPoolCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO;
  info.queryType = VK_QUERY_TYPE_TIMESTAMP;
  info.queryCount = static_cast<uint32_t>(dispatches + 1);
  return context_.Make(api.vkCreateQueryPool, api.vkDestroyQueryPool, "vkCreateQueryPool", info,
                       &queries_);
}

Status Encoding::WriteParameters(std::span<const gpu::Dispatch> dispatches) {
  uint64_t bytes = 0;
  for (const gpu::Dispatch& dispatch : dispatches) bytes += ParameterBytes(dispatch);
  STINT_TRY(parameters_.Grow(bytes));
  std::byte* to = parameters_.mapped();
  for (const gpu::Dispatch& dispatch : dispatches) {
    if (!dispatch.parameters.empty()) {
      std::memcpy(to, dispatch.parameters.data(), dispatch.parameters.size_bytes());
    }
    to += ParameterBytes(dispatch);
  }
  return {};
}

Status Encoding::WriteSet(const gpu::Dispatch& dispatch, VkDescriptorSet set,
                          uint64_t parameter_offset) {
  const DeviceInfo& info = context_.physical().info;
  VkDescriptorBufferInfo buffers[kMaxBindings] = {};
  buffers[0] = {parameters_.handle(), parameter_offset, ParameterBytes(dispatch)};
  const auto count = static_cast<uint32_t>(dispatch.bindings.size() + 1);
  for (uint32_t i = 1; i < count; ++i) {
    const gpu::Binding& binding = dispatch.bindings[i - 1];
    // A kernel touches nothing of an absent or empty tensor: any buffer may stand in for it.
    buffers[i] = buffers[0];
    if (binding.buffer == nullptr || binding.bytes == 0) continue;
    STINT_TRY(CheckBinding(binding, info));
    // Whole words: buffers end on a multiple of 64 bytes.
    buffers[i] = {static_cast<const VulkanBuffer*>(binding.buffer)->handle(), binding.offset,
                  AlignUp(binding.bytes, sizeof(uint32_t))};
  }
  VkWriteDescriptorSet write = {};
  write.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET;
  write.dstSet = set;
  write.descriptorCount = count;
  write.descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
  write.pBufferInfo = buffers;
  context_.functions().vkUpdateDescriptorSets(context_.device(), 1, &write, 0, nullptr);
  return {};
}

Status Encoding::EncodeDispatch(const gpu::Dispatch& dispatch, uint64_t* parameter_offset) {
  const Functions& api = context_.functions();
  const VulkanPipeline& pipeline = PipelineOf(dispatch);
  VkDescriptorSetLayout layout = pipeline.set_layout.get();
  const VkDescriptorSetAllocateInfo allocate = {VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO,
                                                nullptr, descriptors_.get(), 1, &layout};
  VkDescriptorSet set = VK_NULL_HANDLE;
  STINT_TRY(context_.Check(api.vkAllocateDescriptorSets(context_.device(), &allocate, &set),
                           "vkAllocateDescriptorSets"));
  STINT_TRY(WriteSet(dispatch, set, *parameter_offset));
  *parameter_offset += ParameterBytes(dispatch);
  if (bound_ != &pipeline) {
    api.vkCmdBindPipeline(commands_, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline.pipeline.get());
    bound_ = &pipeline;
  }
  api.vkCmdBindDescriptorSets(commands_, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline.layout.get(), 0,
                              1, &set, 0, nullptr);
  api.vkCmdDispatch(commands_, dispatch.groups[0], dispatch.groups[1], dispatch.groups[2]);
  return {};
}

Status Encoding::EncodeAll(std::span<const gpu::Dispatch> dispatches, bool timed) {
  // Earlier submissions may have written what this one reads, or still read what it writes.
  Barrier(kKernels | VK_PIPELINE_STAGE_TRANSFER_BIT,
          VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT, kKernels, kReadWrite);
  if (timed) {
    context_.functions().vkCmdResetQueryPool(commands_, queries_.get(), 0,
                                             static_cast<uint32_t>(dispatches.size() + 1));
    Timestamp(0);
  }
  gpu::HazardTracker hazards;
  uint64_t parameter_offset = 0;
  for (size_t i = 0; i < dispatches.size(); ++i) {
    const bool hazard = hazards.Add(dispatches[i].bindings);
    if (hazard || (timed && i > 0)) {
      Barrier(kKernels, VK_ACCESS_SHADER_WRITE_BIT, kKernels, kReadWrite);
    }
    STINT_TRY(EncodeDispatch(dispatches[i], &parameter_offset));
    if (timed) Timestamp(i + 1);
  }
  if (WritesMappedMemory(dispatches)) {
    Barrier(kKernels, VK_ACCESS_SHADER_WRITE_BIT, VK_PIPELINE_STAGE_HOST_BIT,
            VK_ACCESS_HOST_READ_BIT);
  }
  return {};
}

Status Encoding::Encode(std::span<const gpu::Dispatch> dispatches, bool timed) {
  const Functions& api = context_.functions();
  STINT_TRY(CreateCommands());
  STINT_TRY(CreateDescriptorPool(dispatches));
  if (timed) STINT_TRY(CreateQueries(dispatches.size()));
  STINT_TRY(WriteParameters(dispatches));
  VkCommandBufferBeginInfo begin = {};
  begin.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO;
  STINT_TRY(context_.Check(api.vkBeginCommandBuffer(commands_, &begin), "vkBeginCommandBuffer"));
  STINT_TRY(EncodeAll(dispatches, timed));
  STINT_TRY(context_.Check(api.vkEndCommandBuffer(commands_), "vkEndCommandBuffer"));
  context_.counters().recorded += dispatches.size() + barriers_;
  return {};
}

Status Encoding::ReadTimes(std::span<double> seconds) const {
  const PhysicalDevice& physical = context_.physical();
  const uint64_t mask =
      physical.timestamp_bits >= 64 ? UINT64_MAX : (uint64_t{1} << physical.timestamp_bits) - 1;
  const double tick = physical.timestamp_period * 1e-9;
  constexpr size_t kPiece = 64;
  uint64_t ticks[kPiece + 1];
  for (size_t begin = 0; begin < seconds.size(); begin += kPiece) {
    const size_t count = std::min(seconds.size() - begin, kPiece);
    STINT_TRY(
        context_.Check(context_.functions().vkGetQueryPoolResults(
                           context_.device(), queries_.get(), static_cast<uint32_t>(begin),
                           static_cast<uint32_t>(count + 1), (count + 1) * sizeof(uint64_t), ticks,
                           sizeof(uint64_t), VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WAIT_BIT),
                       "vkGetQueryPoolResults"));
    for (size_t i = 0; i < count; ++i) {
      seconds[begin + i] = static_cast<double>((ticks[i + 1] - ticks[i]) & mask) * tick;
    }
  }
  return {};
}

}  // namespace stint::vulkan
