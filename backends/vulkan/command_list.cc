#include "backends/vulkan/command_list.h"

namespace stint::vulkan {

VulkanCommandList::~VulkanCommandList() {
  if (in_flight_) context_.Drain(fence_.get());
}

Status VulkanCommandList::Init(uint32_t capacity) {
  if (timed_ && !context_.physical().info.timestamps) {
    return Error(Code::kUnsupported, "vulkan", "found a timed list, allowed only with timestamps");
  }
  const Functions& api = context_.functions();
  VkFenceCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO;
  STINT_TRY(context_.Make(api.vkCreateFence, api.vkDestroyFence, "vkCreateFence", info, &fence_));
  return dispatches_.Reserve(capacity);
}

Status VulkanCommandList::Add(const gpu::Dispatch& dispatch) {
  const auto& pipeline = static_cast<const VulkanPipeline&>(*dispatch.pipeline);
  if (dispatch.bindings.size() + 1 != pipeline.bindings) {
    return Error(Code::kInternal, pipeline.description.source->name,
                 "found %zu buffers, allowed %u", dispatch.bindings.size() + 1, pipeline.bindings);
  }
  const uint32_t* const allowed = context_.physical().max_groups;
  for (int axis = 0; axis < 3; ++axis) {
    if (dispatch.groups[axis] <= allowed[axis]) continue;
    return Error(Code::kUnsupported, pipeline.description.source->name,
                 "found %u workgroups along axis %d, allowed %u", dispatch.groups[axis], axis,
                 allowed[axis]);
  }
  return dispatches_.Push(dispatch);
}

bool VulkanCommandList::IsEncoded() const {
  if (encoding_ == nullptr || encoded_dispatches_ != dispatches_.size()) return false;
  if (context_.generation() == encoded_generation_) return true;
  for (const gpu::Dispatch& dispatch : dispatches_) {
    for (const gpu::Binding& binding : dispatch.bindings) {
      if (binding.buffer == nullptr) continue;
      const auto& buffer = static_cast<const VulkanBuffer&>(*binding.buffer);
      if (buffer.generation() > encoded_generation_) return false;
    }
  }
  return true;
}

Status VulkanCommandList::Submit(const RunControl*) {
  STINT_TRY(context_.Alive());
  if (in_flight_) {
    return Error(Code::kInvalid, "vulkan",
                 "found a list in flight, allowed one that is waited for");
  }
  if (!IsEncoded()) {
    STINT_ASSIGN(auto encoding, Make<Encoding>(context_));
    STINT_TRY(encoding->Encode(dispatches_.span(), timed_));
    encoding_ = std::move(encoding);
    encoded_dispatches_ = dispatches_.size();
    encoded_generation_ = context_.generation();
  }
  STINT_TRY(context_.Submit(encoding_->commands(), fence_.get()));
  in_flight_ = true;
  has_times_ = false;
  ++context_.counters().submissions;
  context_.counters().dispatches += dispatches_.size();
  return {};
}

Result<bool> VulkanCommandList::Wait(uint64_t nanoseconds) {
  STINT_TRY(context_.Alive());
  if (!in_flight_) return true;
  STINT_ASSIGN(const bool done, context_.Wait(fence_.get(), nanoseconds));
  if (done) {
    in_flight_ = false;
    has_times_ = timed_;
  }
  return done;
}

Status VulkanCommandList::ReadTimes(std::span<double> seconds) {
  STINT_TRY(context_.Alive());
  if (!has_times_ || seconds.size() != encoded_dispatches_) {
    return Error(Code::kInvalid, "vulkan",
                 "found room for %zu times, allowed %zu of a timed list that has run",
                 seconds.size(), encoded_dispatches_);
  }
  return encoding_->ReadTimes(seconds);
}

}  // namespace stint::vulkan
