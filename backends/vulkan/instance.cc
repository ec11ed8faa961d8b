#include "backends/vulkan/instance.h"

#include <algorithm>
#include <cstring>

#include "backends/vulkan/physical_device.h"
#include "backends/vulkan/vk_result.h"

namespace stint::vulkan {

namespace {

// Whether drivers that are not fully conformant, as those on Metal, are shown on demand only.
Result<bool> HidesPortability(const Functions& api) {
  uint32_t count = 0;
  STINT_TRY(CheckResult(api.vkEnumerateInstanceExtensionProperties(nullptr, &count, nullptr),
                        "vkEnumerateInstanceExtensionProperties"));
  Array<VkExtensionProperties> extensions;
  STINT_TRY(extensions.Resize(count));
  STINT_TRY(
      CheckResult(api.vkEnumerateInstanceExtensionProperties(nullptr, &count, extensions.data()),
                  "vkEnumerateInstanceExtensionProperties"));
  for (uint32_t i = 0; i < count; ++i) {
    if (std::strcmp(extensions[i].extensionName, VK_KHR_PORTABILITY_ENUMERATION_EXTENSION_NAME) ==
        0) {
      return true;
    }
  }
  return false;
}

}  // namespace

Instance::~Instance() {
  if (handle_ == VK_NULL_HANDLE || functions().vkDestroyInstance == nullptr) return;
  functions().vkDestroyInstance(handle_, nullptr);
}

Status Instance::Create() {
  STINT_TRY(library_.Open());
  uint32_t version = 0;
  STINT_TRY(
      CheckResult(functions().vkEnumerateInstanceVersion(&version), "vkEnumerateInstanceVersion"));
  if (version < VK_API_VERSION_1_1) {
    return Error(Code::kUnavailable, "vulkan",
                 "found a loader of Vulkan %u.%u, allowed 1.1 or later",
                 VK_API_VERSION_MAJOR(version), VK_API_VERSION_MINOR(version));
  }
  STINT_ASSIGN(const bool portability, HidesPortability(functions()));
  const char* const extension = VK_KHR_PORTABILITY_ENUMERATION_EXTENSION_NAME;
  VkApplicationInfo application = {};
  application.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO;
  application.pEngineName = "Stint";
  application.apiVersion = VK_API_VERSION_1_2;  // The newest whose features are used.
  VkInstanceCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO;
  info.pApplicationInfo = &application;
  if (portability) {
    info.flags = VK_INSTANCE_CREATE_ENUMERATE_PORTABILITY_BIT_KHR;
    info.enabledExtensionCount = 1;
    info.ppEnabledExtensionNames = &extension;
  }
  const VkResult result = functions().vkCreateInstance(&info, nullptr, &handle_);
  if (result != VK_SUCCESS) handle_ = VK_NULL_HANDLE;
  if (result == VK_ERROR_INCOMPATIBLE_DRIVER) {
    return Error(Code::kUnavailable, "vulkan",
                 "found no driver that the Vulkan loader can use, allowed one of Vulkan 1.1 or "
                 "later (is an ICD installed?)");
  }
  STINT_TRY(CheckResult(result, "vkCreateInstance"));
  return library_.LoadInstance(handle_);
}

Result<VkPhysicalDevice> Instance::Pick(int index) const {
  uint32_t count = 0;
  STINT_TRY(CheckResult(functions().vkEnumeratePhysicalDevices(handle_, &count, nullptr),
                        "vkEnumeratePhysicalDevices"));
  Array<VkPhysicalDevice> devices;
  STINT_TRY(devices.Resize(count));
  if (count > 0) {
    STINT_TRY(CheckResult(functions().vkEnumeratePhysicalDevices(handle_, &count, devices.data()),
                          "vkEnumeratePhysicalDevices"));
  }
  if (index < 0 || static_cast<uint32_t>(index) >= count) {
    return Error(Code::kUnavailable, "vulkan", "found vulkan:%d, allowed one of %u devices", index,
                 count);
  }
  int left = index;
  for (int order = 0; order <= kLastOrder; ++order) {
    for (uint32_t i = 0; i < count; ++i) {
      if (OrderOf(functions(), devices[i]) == order && left-- == 0) return devices[i];
    }
  }
  return Error(Code::kInternal, "vulkan", "found no place for device %d, allowed one", index);
}

}  // namespace stint::vulkan
