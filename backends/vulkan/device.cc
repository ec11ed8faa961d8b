#include "backends/vulkan/device.h"

#include <cstring>

#include "backends/gpu/kernel_table.h"
#include "backends/vulkan/command_list.h"

namespace stint::vulkan {

Status VulkanDevice::Open(int index) {
  STINT_TRY(context_.Open(index));
  info_ = context_.physical().info;
  info_.description = context_.physical().text;
  return {};
}

DeviceCounters VulkanDevice::counters() const {
  const Counters& counters = context_.counters();
  return {
      .submissions = counters.submissions,
      .dispatches = counters.dispatches,
      .recorded = counters.recorded,
      .allocations = counters.allocations,
      .written_bytes = counters.written_bytes,
      .read_bytes = counters.read_bytes,
      .pipelines_compiled = counters.pipelines_compiled,
      .pipeline_hits = counters.pipeline_hits,
  };
}

std::span<const Kernel> VulkanDevice::kernels() const { return gpu::KernelTable(); }

Result<std::unique_ptr<Buffer>> VulkanDevice::Allocate(uint64_t bytes, MemoryKind kind) {
  STINT_TRY(context_.Alive());
  STINT_ASSIGN(auto buffer, Make<VulkanBuffer>(context_, kind));
  STINT_TRY(buffer->Grow(bytes));
  return std::unique_ptr<Buffer>(std::move(buffer));
}

Status VulkanDevice::Grow(Buffer& buffer, uint64_t bytes) {
  STINT_TRY(context_.Alive());
  return static_cast<VulkanBuffer&>(buffer).Grow(bytes);
}

Result<std::unique_ptr<Buffer>> VulkanDevice::Import(const void* address, uint64_t bytes) {
  STINT_TRY(context_.Alive());
  STINT_ASSIGN(auto buffer, Make<VulkanBuffer>(context_, MemoryKind::kShared));
  STINT_TRY(buffer->Import(address, bytes));
  return std::unique_ptr<Buffer>(std::move(buffer));
}

Result<std::unique_ptr<Buffer>> VulkanDevice::WrapHost() {
  return Error(Code::kUnsupported, "vulkan",
               "found host memory to be wrapped, allowed memory of the device");
}

Status VulkanDevice::Write(Buffer& to, uint64_t offset, const void* from, uint64_t bytes) {
  STINT_TRY(context_.Alive());
  auto& buffer = static_cast<VulkanBuffer&>(to);
  STINT_TRY(buffer.CheckRange(offset, bytes));
  if (bytes == 0) return {};
  if (buffer.mapped() != nullptr) {
    std::memcpy(buffer.mapped() + offset, from, bytes);
  } else {
    STINT_TRY(transfer_.Write(buffer, offset, from, bytes));
  }
  context_.counters().written_bytes += bytes;
  return {};
}

Status VulkanDevice::Read(Buffer& from, uint64_t offset, void* to, uint64_t bytes) {
  STINT_TRY(context_.Alive());
  auto& buffer = static_cast<VulkanBuffer&>(from);
  STINT_TRY(buffer.CheckRange(offset, bytes));
  if (bytes == 0) return {};
  if (buffer.mapped() != nullptr) {
    std::memcpy(to, buffer.mapped() + offset, bytes);
  } else {
    STINT_TRY(transfer_.Read(buffer, offset, to, bytes));
  }
  context_.counters().read_bytes += bytes;
  return {};
}

Result<std::unique_ptr<CommandList>> VulkanDevice::CreateCommandList(
    const CommandListOptions& options) {
  STINT_TRY(context_.Alive());
  STINT_ASSIGN(auto list, Make<VulkanCommandList>(context_, options.timed));
  STINT_TRY(list->Init(options.capacity));
  return std::unique_ptr<CommandList>(std::move(list));
}

Result<gpu::Pipeline*> VulkanDevice::FindPipeline(const gpu::PipelineDescription& description) {
  STINT_TRY(context_.Alive());
  return pipelines_.Find(description);
}

Result<std::unique_ptr<Device>> CreateDevice(int index, const DeviceOptions&) {
  STINT_ASSIGN(auto device, Make<VulkanDevice>());
  STINT_TRY(device->Open(index));
  return std::unique_ptr<Device>(std::move(device));
}

}  // namespace stint::vulkan
