#include "backends/vulkan/vk_result.h"

namespace stint::vulkan {

const char* NameOf(VkResult result) {
  switch (result) {
#define STINT_CASE(name) \
  case name:             \
    return #name;
    STINT_CASE(VK_SUCCESS)
    STINT_CASE(VK_NOT_READY)
    STINT_CASE(VK_TIMEOUT)
    STINT_CASE(VK_INCOMPLETE)
    STINT_CASE(VK_ERROR_OUT_OF_HOST_MEMORY)
    STINT_CASE(VK_ERROR_OUT_OF_DEVICE_MEMORY)
    STINT_CASE(VK_ERROR_INITIALIZATION_FAILED)
    STINT_CASE(VK_ERROR_DEVICE_LOST)
    STINT_CASE(VK_ERROR_MEMORY_MAP_FAILED)
    STINT_CASE(VK_ERROR_LAYER_NOT_PRESENT)
    STINT_CASE(VK_ERROR_EXTENSION_NOT_PRESENT)
    STINT_CASE(VK_ERROR_FEATURE_NOT_PRESENT)
    STINT_CASE(VK_ERROR_INCOMPATIBLE_DRIVER)
    STINT_CASE(VK_ERROR_TOO_MANY_OBJECTS)
    STINT_CASE(VK_ERROR_FRAGMENTED_POOL)
    STINT_CASE(VK_ERROR_UNKNOWN)
    STINT_CASE(VK_ERROR_OUT_OF_POOL_MEMORY)
    STINT_CASE(VK_ERROR_INVALID_EXTERNAL_HANDLE)
    STINT_CASE(VK_ERROR_FRAGMENTATION)
#undef STINT_CASE
    default:
      return "an unknown result";
  }
}

Status CheckResult(VkResult result, const char* call) {
  if (result >= 0) return {};
  switch (result) {
    case VK_ERROR_OUT_OF_HOST_MEMORY:
    case VK_ERROR_OUT_OF_DEVICE_MEMORY:
    case VK_ERROR_OUT_OF_POOL_MEMORY:
    case VK_ERROR_FRAGMENTED_POOL:
    case VK_ERROR_FRAGMENTATION:
    case VK_ERROR_TOO_MANY_OBJECTS:
    case VK_ERROR_MEMORY_MAP_FAILED:
      return Error(Code::kLimit, "vulkan", "found %s from %s, allowed what the device has",
                   NameOf(result), call);
    case VK_ERROR_DEVICE_LOST:
      return LostDevice(call);
    default:
      return Error(Code::kUnavailable, "vulkan", "found %s (%d) from %s, allowed VK_SUCCESS",
                   NameOf(result), static_cast<int>(result), call);
  }
}

Status LostDevice(const char* call) {
  return Error(Code::kUnavailable, "vulkan", "found a lost device (%s), allowed a working one",
               call);
}

}  // namespace stint::vulkan
