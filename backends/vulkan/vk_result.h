// From VkResult to Status.
#ifndef STINT_BACKENDS_VULKAN_VK_RESULT_H_
#define STINT_BACKENDS_VULKAN_VK_RESULT_H_

#include <vulkan/vulkan_core.h>

#include "runtime/base/status.h"

namespace stint::vulkan {

// The name of a result as the specification writes it, or "an unknown result".
const char* NameOf(VkResult result);

// Ok for every success code. kLimit: memory or objects ran out; kUnavailable: any other error.
// `call` is the function that gave the result.
Status CheckResult(VkResult result, const char* call);

// What every call answers once the device was lost. `call` noticed it.
Status LostDevice(const char* call);

}  // namespace stint::vulkan

#endif  // STINT_BACKENDS_VULKAN_VK_RESULT_H_
