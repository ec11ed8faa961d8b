// The device of the Vulkan backend: the kernels of backends/gpu on a GPU that has Vulkan 1.1.
//
// A device has an instance, a logical device and a queue of its own; several may exist at once. Any
// thread may use it. The first call that finds the device lost fails with kUnavailable, and so does
// every later one.
#ifndef STINT_BACKENDS_VULKAN_DEVICE_H_
#define STINT_BACKENDS_VULKAN_DEVICE_H_

#include <memory>

#include "backends/gpu/device.h"
#include "backends/vulkan/context.h"
#include "backends/vulkan/pipeline.h"
#include "backends/vulkan/transfer.h"
#include "runtime/hal/backends.h"

namespace stint::vulkan {

class VulkanDevice final : public gpu::GpuDevice {
 public:
  VulkanDevice() : pipelines_(context_), transfer_(context_) {}

  // Once, before anything else. kUnavailable: there is no such device.
  Status Open(int index);

  const DeviceInfo& info() const override { return info_; }
  DeviceCounters counters() const override;
  std::span<const Kernel> kernels() const override;

  Result<std::unique_ptr<Buffer>> Allocate(uint64_t bytes, MemoryKind kind) override;
  Status Grow(Buffer& buffer, uint64_t bytes) override;
  Result<std::unique_ptr<Buffer>> Import(const void* address, uint64_t bytes) override;
  Result<std::unique_ptr<Buffer>> WrapHost() override;
  void SetHost(Buffer&, void*, uint64_t) override {}
  Status Write(Buffer& to, uint64_t offset, const void* from, uint64_t bytes) override;
  Status Read(Buffer& from, uint64_t offset, void* to, uint64_t bytes) override;

  Result<std::unique_ptr<CommandList>> CreateCommandList(
      const CommandListOptions& options) override;
  Result<gpu::Pipeline*> FindPipeline(const gpu::PipelineDescription& description) override;

 private:
  // Destroyed in reverse: the context last.
  mutable Context context_;
  DeviceInfo info_;
  PipelineTable pipelines_;
  Transfer transfer_;
};

// GPUs come first, processors that imitate one last. kUnavailable: no Vulkan, or no such device.
Result<std::unique_ptr<Device>> CreateDevice(int index, const DeviceOptions& options);

}  // namespace stint::vulkan

#endif  // STINT_BACKENDS_VULKAN_DEVICE_H_
