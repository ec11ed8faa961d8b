// libvulkan, opened when a device is created: nothing links with it, so that a program with this
// backend starts on machines without Vulkan.
#ifndef STINT_BACKENDS_VULKAN_LIBRARY_H_
#define STINT_BACKENDS_VULKAN_LIBRARY_H_

#include <vulkan/vulkan_core.h>

#include "runtime/base/status.h"

namespace stint::vulkan {

// The functions of functions.inc. Those of an instance or a device belong to that one alone.
struct Functions {
  PFN_vkGetInstanceProcAddr vkGetInstanceProcAddr = nullptr;
#define STINT_VULKAN_GLOBAL(name) PFN_##name name = nullptr;
#define STINT_VULKAN_INSTANCE(name) PFN_##name name = nullptr;
#define STINT_VULKAN_DEVICE(name) PFN_##name name = nullptr;
#define STINT_VULKAN_OPTIONAL(name) PFN_##name name = nullptr;
#include "backends/vulkan/functions.inc"
};

class Library {
 public:
  Library() = default;
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library();

  // Opens the library and loads the global functions. kUnavailable: there is none, or it is older
  // than Vulkan 1.1.
  Status Open();
  // kUnavailable: a function is missing.
  Status LoadInstance(VkInstance instance);
  Status LoadDevice(VkDevice device);

  const Functions& functions() const { return functions_; }

 private:
  void* handle_ = nullptr;
  Functions functions_;
};

}  // namespace stint::vulkan

#endif  // STINT_BACKENDS_VULKAN_LIBRARY_H_
