// Dispatches that are encoded at the first submission and then submitted again as they are, until
// a buffer that they refer to is made anew.
#ifndef STINT_BACKENDS_VULKAN_COMMAND_LIST_H_
#define STINT_BACKENDS_VULKAN_COMMAND_LIST_H_

#include "backends/gpu/device.h"
#include "backends/vulkan/encoding.h"

namespace stint::vulkan {

class VulkanCommandList final : public gpu::GpuCommandList {
 public:
  VulkanCommandList(Context& context, bool timed) : context_(context), timed_(timed) {}
  ~VulkanCommandList() override;

  Status Init(uint32_t capacity);

  Status Add(const gpu::Dispatch& dispatch) override;
  uint32_t size() const override { return static_cast<uint32_t>(dispatches_.size()); }
  using CommandList::Submit;
  Status Submit(const RunControl* control) override;
  Result<bool> Wait(uint64_t nanoseconds) override;
  Status ReadTimes(std::span<double> seconds) override;

 private:
  bool IsEncoded() const;

  Context& context_;
  const bool timed_;
  Array<gpu::Dispatch> dispatches_;
  Owned<VkFence> fence_;
  std::unique_ptr<Encoding> encoding_;
  size_t encoded_dispatches_ = 0;
  uint64_t encoded_generation_ = 0;  // No buffer that was made later is in the encoding.
  bool in_flight_ = false;
  bool has_times_ = false;
};

}  // namespace stint::vulkan

#endif  // STINT_BACKENDS_VULKAN_COMMAND_LIST_H_
