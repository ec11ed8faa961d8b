// A GPU that the driver offers, before anything is made on it: what it is and what it can do.
#ifndef STINT_BACKENDS_VULKAN_PHYSICAL_DEVICE_H_
#define STINT_BACKENDS_VULKAN_PHYSICAL_DEVICE_H_

#include <vulkan/vulkan_core.h>

#include <cstdint>

#include "backends/vulkan/library.h"
#include "runtime/base/array.h"
#include "runtime/hal/device.h"

namespace stint::vulkan {

// The most buffers that a dispatch may see, whatever the device allows.
inline constexpr uint32_t kMaxBindings = 32;

struct PhysicalDevice {
  VkPhysicalDevice handle = VK_NULL_HANDLE;
  // Of 1.2 or later, which some features need that are extensions before.
  bool version_1_2 = false;
  uint32_t queue_family = 0;  // The first that computes.
  VkPhysicalDeviceMemoryProperties memory = {};
  bool unified = false;                 // The host sees all of the memory as fast.
  uint64_t max_allocation = 0;          // Bytes of one allocation.
  uint64_t host_pointer_alignment = 0;  // Of imported host memory; 0: it cannot be imported.
  uint32_t timestamp_bits = 0;          // That count; 0: no timestamps.
  float timestamp_period = 0;           // Nanoseconds of one tick.
  uint32_t max_groups[3] = {};          // Of a dispatch.
  // Extensions to be enabled.
  Array<const char*> extensions;
  // Without its description, which is in `text`.
  DeviceInfo info;
  char text[256] = {};
};

// Reads everything about `handle`. kUnavailable: older than Vulkan 1.1, or it has no compute queue.
Status Describe(const Functions& api, VkPhysicalDevice handle, PhysicalDevice* device);

// Where a device stands among others: GPUs, then anything else, then processors, then those that
// Describe refuses: 0 to kLastOrder.
inline constexpr int kLastOrder = 3;
int OrderOf(const Functions& api, VkPhysicalDevice handle);

}  // namespace stint::vulkan

#endif  // STINT_BACKENDS_VULKAN_PHYSICAL_DEVICE_H_
