// A Vulkan object that is destroyed when its owner goes: on every path, also out of a creation that
// failed half way.
#ifndef STINT_BACKENDS_VULKAN_OWNED_H_
#define STINT_BACKENDS_VULKAN_OWNED_H_

#include <vulkan/vulkan_core.h>

#include <utility>

namespace stint::vulkan {

// Of a device, which must live longer.
template <typename Handle>
class Owned {
 public:
  using Destroy = void(VKAPI_PTR*)(VkDevice, Handle, const VkAllocationCallbacks*);

  Owned() = default;
  Owned(VkDevice device, Handle handle, Destroy destroy)
      : device_(device), handle_(handle), destroy_(destroy) {}
  Owned(Owned&& other) noexcept
      : device_(other.device_),
        handle_(std::exchange(other.handle_, Handle{})),
        destroy_(other.destroy_) {}
  Owned& operator=(Owned&& other) noexcept {
    std::swap(device_, other.device_);
    std::swap(handle_, other.handle_);
    std::swap(destroy_, other.destroy_);
    return *this;
  }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() {
    if (handle_ != Handle{}) destroy_(device_, handle_, nullptr);
  }

  Handle get() const { return handle_; }

 private:
  VkDevice device_ = VK_NULL_HANDLE;
  Handle handle_ = {};
  Destroy destroy_ = nullptr;
};

}  // namespace stint::vulkan

#endif  // STINT_BACKENDS_VULKAN_OWNED_H_
