// The library and a Vulkan instance of a device's own: nothing is shared between devices.
#ifndef STINT_BACKENDS_VULKAN_INSTANCE_H_
#define STINT_BACKENDS_VULKAN_INSTANCE_H_

#include "backends/vulkan/library.h"
#include "runtime/base/result.h"

namespace stint::vulkan {

class Instance {
 public:
  Instance() = default;
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  ~Instance();

  // kUnavailable: no library, no driver, or one that is too old.
  Status Create();
  // The device of that number, GPUs first, processors last; kUnavailable: there are fewer.
  Result<VkPhysicalDevice> Pick(int index) const;

  Library& library() { return library_; }
  const Functions& functions() const { return library_.functions(); }

 private:
  Library library_;
  VkInstance handle_ = VK_NULL_HANDLE;
};

}  // namespace stint::vulkan

#endif  // STINT_BACKENDS_VULKAN_INSTANCE_H_
