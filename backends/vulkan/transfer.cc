#include "backends/vulkan/transfer.h"

#include <algorithm>
#include <cstring>

namespace stint::vulkan {

namespace {

constexpr uint64_t kPieceBytes = uint64_t{16} << 20;

void Barrier(const Functions& api, VkCommandBuffer commands, VkPipelineStageFlags from_stages,
             VkAccessFlags from, VkPipelineStageFlags to_stages, VkAccessFlags to) {
  VkMemoryBarrier barrier = {VK_STRUCTURE_TYPE_MEMORY_BARRIER, nullptr, from, to};
  api.vkCmdPipelineBarrier(commands, from_stages, to_stages, 0, 1, &barrier, 0, nullptr, 0,
                           nullptr);
}

}  // namespace

Status Transfer::Prepare(uint64_t bytes) {
  const Functions& api = context_.functions();
  STINT_TRY(staging_.Grow(std::min(bytes, kPieceBytes)));
  if (fence_.get() == VK_NULL_HANDLE) {
    VkFenceCreateInfo info = {VK_STRUCTURE_TYPE_FENCE_CREATE_INFO, nullptr, 0};
    STINT_TRY(context_.Make(api.vkCreateFence, api.vkDestroyFence, "vkCreateFence", info, &fence_));
  }
  if (commands_ != VK_NULL_HANDLE) return {};
  VkCommandPoolCreateInfo info = {VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO, nullptr,
                                  VK_COMMAND_POOL_CREATE_TRANSIENT_BIT,
                                  context_.physical().queue_family};
  STINT_TRY(context_.Make(api.vkCreateCommandPool, api.vkDestroyCommandPool, "vkCreateCommandPool",
                          info, &pool_));
  const VkCommandBufferAllocateInfo allocate = {VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
                                                nullptr, pool_.get(),
                                                VK_COMMAND_BUFFER_LEVEL_PRIMARY, 1};
  VkCommandBuffer commands = VK_NULL_HANDLE;
  STINT_TRY(context_.Check(api.vkAllocateCommandBuffers(context_.device(), &allocate, &commands),
                           "vkAllocateCommandBuffers"));
  commands_ = commands;
  return {};
}

Status Transfer::Record(VkBuffer from, VkBuffer to, const VkBufferCopy& region) {
  const Functions& api = context_.functions();
  STINT_TRY(context_.Check(api.vkResetCommandPool(context_.device(), pool_.get(), 0),
                           "vkResetCommandPool"));
  const VkCommandBufferBeginInfo begin = {VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO, nullptr,
                                          VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT, nullptr};
  STINT_TRY(context_.Check(api.vkBeginCommandBuffer(commands_, &begin), "vkBeginCommandBuffer"));
  const VkPipelineStageFlags kernels = VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT;
  const VkPipelineStageFlags transfer = VK_PIPELINE_STAGE_TRANSFER_BIT;
  Barrier(api, commands_, kernels | transfer,
          VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT, transfer,
          VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT);
  api.vkCmdCopyBuffer(commands_, from, to, 1, &region);
  Barrier(api, commands_, transfer, VK_ACCESS_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_HOST_BIT,
          VK_ACCESS_HOST_READ_BIT);
  return context_.Check(api.vkEndCommandBuffer(commands_), "vkEndCommandBuffer");
}

Status Transfer::Copy(VkBuffer from, VkBuffer to, const VkBufferCopy& region) {
  STINT_TRY(Record(from, to, region));
  STINT_TRY(context_.Submit(commands_, fence_.get()));
  return context_.Wait(fence_.get(), CommandList::kForever).TakeStatus();
}

Status Transfer::Write(VulkanBuffer& to, uint64_t offset, const void* from, uint64_t bytes) {
  const MutexLock lock(mutex_);
  STINT_TRY(Prepare(bytes));
  for (uint64_t done = 0; done < bytes; done += kPieceBytes) {
    const uint64_t piece = std::min(bytes - done, kPieceBytes);
    std::memcpy(staging_.mapped(), static_cast<const std::byte*>(from) + done, piece);
    STINT_TRY(Copy(staging_.handle(), to.handle(), {0, offset + done, piece}));
  }
  return {};
}

Status Transfer::Read(VulkanBuffer& from, uint64_t offset, void* to, uint64_t bytes) {
  const MutexLock lock(mutex_);
  STINT_TRY(Prepare(bytes));
  for (uint64_t done = 0; done < bytes; done += kPieceBytes) {
    const uint64_t piece = std::min(bytes - done, kPieceBytes);
    STINT_TRY(Copy(from.handle(), staging_.handle(), {offset + done, 0, piece}));
    std::memcpy(static_cast<std::byte*>(to) + done, staging_.mapped(), piece);
  }
  return {};
}

}  // namespace stint::vulkan
