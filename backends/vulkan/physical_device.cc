#include "backends/vulkan/physical_device.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "backends/vulkan/vk_result.h"

namespace stint::vulkan {

namespace {

// What is asked of a device in one chain.
struct Properties {
  explicit Properties(bool external_memory_host) {
    base.pNext = &limits;
    limits.pNext = &driver;
    if (external_memory_host) driver.pNext = &host_memory;
  }

  VkPhysicalDeviceExternalMemoryHostPropertiesEXT host_memory = {
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_MEMORY_HOST_PROPERTIES_EXT, nullptr, 0};
  VkPhysicalDeviceDriverProperties driver = {
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES, nullptr, {}, {}, {}, {}};
  VkPhysicalDeviceMaintenance3Properties limits = {
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_3_PROPERTIES, nullptr, 0, 0};
  VkPhysicalDeviceProperties2 base = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, nullptr, {}};
};

// Rough throughput by kind of device, only to compare devices with: multiply-accumulates and bytes
// a second of a middling one.
struct Throughput {
  double operations;
  double bytes;
};
Throughput ThroughputOf(VkPhysicalDeviceType type) {
  switch (type) {
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
    case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
      return {5e12, 3e11};
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
      return {2e11, 2e10};
    default:
      return {2e9, 5e9};
  }
}

Status ListExtensions(const Functions& api, VkPhysicalDevice handle,
                      Array<VkExtensionProperties>* extensions) {
  uint32_t count = 0;
  STINT_TRY(CheckResult(api.vkEnumerateDeviceExtensionProperties(handle, nullptr, &count, nullptr),
                        "vkEnumerateDeviceExtensionProperties"));
  STINT_TRY(extensions->Resize(count));
  STINT_TRY(CheckResult(
      api.vkEnumerateDeviceExtensionProperties(handle, nullptr, &count, extensions->data()),
      "vkEnumerateDeviceExtensionProperties"));
  return extensions->Resize(count);
}

bool Contains(const Array<VkExtensionProperties>& extensions, const char* name) {
  return std::any_of(extensions.begin(), extensions.end(), [&](const VkExtensionProperties& e) {
    return std::strcmp(e.extensionName, name) == 0;
  });
}

// The first family that computes; -1: none.
int FindQueueFamily(const Functions& api, VkPhysicalDevice handle,
                    VkQueueFamilyProperties* family) {
  VkQueueFamilyProperties families[16] = {};
  uint32_t count = 16;
  api.vkGetPhysicalDeviceQueueFamilyProperties(handle, &count, families);
  for (uint32_t i = 0; i < count; ++i) {
    if ((families[i].queueFlags & VK_QUEUE_COMPUTE_BIT) == 0) continue;
    *family = families[i];
    return static_cast<int>(i);
  }
  return -1;
}

// The elements of buffers that kernels may have.
void ReadFeatures(const Functions& api, bool storage8_known, PhysicalDevice* device) {
  VkPhysicalDevice8BitStorageFeatures storage8 = {
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_8BIT_STORAGE_FEATURES, nullptr, 0, 0, 0};
  VkPhysicalDevice16BitStorageFeatures storage16 = {
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_16BIT_STORAGE_FEATURES,
      storage8_known ? &storage8 : nullptr,
      0,
      0,
      0,
      0};
  VkPhysicalDeviceFeatures2 features = {
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, &storage16, {}};
  api.vkGetPhysicalDeviceFeatures2(device->handle, &features);
  if (storage16.storageBuffer16BitAccess != 0) device->info.features |= kFeatureStorage16;
  if (storage8.storageBuffer8BitAccess != 0) device->info.features |= kFeatureStorage8;
}

// Whether processors reach all memory of the device at the speed of their own.
bool IsUnified(const PhysicalDevice& device, VkPhysicalDeviceType type) {
  if (type == VK_PHYSICAL_DEVICE_TYPE_CPU || type == VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU) {
    return true;
  }
  for (uint32_t i = 0; i < device.memory.memoryHeapCount; ++i) {
    if ((device.memory.memoryHeaps[i].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) == 0) return false;
  }
  return true;
}

void WriteText(const Properties& properties, bool driver_known, PhysicalDevice* device) {
  const VkPhysicalDeviceProperties& base = properties.base.properties;
  char driver[160];
  if (driver_known) {
    const char* const details = properties.driver.driverInfo;
    std::snprintf(driver, sizeof(driver), "%.60s%s%.90s", properties.driver.driverName,
                  details[0] != '\0' ? " " : "", details);
  } else {
    std::snprintf(driver, sizeof(driver), "driver 0x%x", base.driverVersion);
  }
  std::snprintf(device->text, sizeof(device->text), "%.80s, %s, Vulkan %u.%u.%u", base.deviceName,
                driver, VK_API_VERSION_MAJOR(base.apiVersion),
                VK_API_VERSION_MINOR(base.apiVersion), VK_API_VERSION_PATCH(base.apiVersion));
}

void ReadLimits(const VkPhysicalDeviceProperties& base, PhysicalDevice* device) {
  const VkPhysicalDeviceLimits& limits = base.limits;
  const Throughput throughput = ThroughputOf(base.deviceType);
  std::copy_n(limits.maxComputeWorkGroupCount, 3, device->max_groups);
  device->timestamp_period = limits.timestampPeriod;
  DeviceInfo& info = device->info;
  info.name = "vulkan";
  info.software = base.deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU;
  info.timestamps = device->timestamp_bits > 0 && limits.timestampPeriod > 0;
  info.max_bindings =
      std::min({limits.maxPerStageDescriptorStorageBuffers, limits.maxDescriptorSetStorageBuffers,
                limits.maxPerStageResources, kMaxBindings});
  info.max_binding_bytes = limits.maxStorageBufferRange;
  info.binding_alignment =
      static_cast<uint32_t>(std::max<VkDeviceSize>(limits.minStorageBufferOffsetAlignment, 4));
  info.max_group_invocations =
      std::min(limits.maxComputeWorkGroupInvocations, limits.maxComputeWorkGroupSize[0]);
  info.max_group_bytes = limits.maxComputeSharedMemorySize;
  info.operations_per_second = throughput.operations;
  info.bytes_per_second = throughput.bytes;
}

Status Refuse(const VkPhysicalDeviceProperties& base, bool queue) {
  if (!queue) {
    return Error(Code::kUnavailable, "vulkan", "found %.80s without a compute queue, allowed one",
                 base.deviceName);
  }
  return Error(Code::kUnavailable, "vulkan", "found Vulkan %u.%u of %.80s, allowed 1.1 or later",
               VK_API_VERSION_MAJOR(base.apiVersion), VK_API_VERSION_MINOR(base.apiVersion),
               base.deviceName);
}

}  // namespace

Status Describe(const Functions& api, VkPhysicalDevice handle, PhysicalDevice* device) {
  device->handle = handle;
  VkPhysicalDeviceProperties base = {};
  api.vkGetPhysicalDeviceProperties(handle, &base);
  if (base.apiVersion < VK_API_VERSION_1_1) return Refuse(base, true);
  VkQueueFamilyProperties queue = {};
  const int family = FindQueueFamily(api, handle, &queue);
  if (family < 0) return Refuse(base, false);
  device->queue_family = static_cast<uint32_t>(family);
  device->timestamp_bits = queue.timestampValidBits;
  device->version_1_2 = base.apiVersion >= VK_API_VERSION_1_2;

  Array<VkExtensionProperties> extensions;
  STINT_TRY(ListExtensions(api, handle, &extensions));
  const bool import = Contains(extensions, VK_EXT_EXTERNAL_MEMORY_HOST_EXTENSION_NAME);
  const bool storage8 = Contains(extensions, VK_KHR_8BIT_STORAGE_EXTENSION_NAME);
  if (import) STINT_TRY(device->extensions.Push(VK_EXT_EXTERNAL_MEMORY_HOST_EXTENSION_NAME));
  if (storage8 && !device->version_1_2) {
    STINT_TRY(device->extensions.Push(VK_KHR_8BIT_STORAGE_EXTENSION_NAME));
  }
  // A device that has it demands it. The name is in the headers of beta extensions only.
  if (Contains(extensions, "VK_KHR_portability_subset")) {
    STINT_TRY(device->extensions.Push("VK_KHR_portability_subset"));
  }

  const bool driver_known =
      device->version_1_2 || Contains(extensions, VK_KHR_DRIVER_PROPERTIES_EXTENSION_NAME);
  Properties properties(import);
  if (!driver_known) properties.limits.pNext = properties.driver.pNext;
  api.vkGetPhysicalDeviceProperties2(handle, &properties.base);
  api.vkGetPhysicalDeviceMemoryProperties(handle, &device->memory);
  device->max_allocation = properties.limits.maxMemoryAllocationSize;
  if (import) {
    device->host_pointer_alignment = properties.host_memory.minImportedHostPointerAlignment;
  }
  device->unified = IsUnified(*device, base.deviceType);
  ReadLimits(base, device);
  ReadFeatures(api, storage8 || device->version_1_2, device);
  WriteText(properties, driver_known, device);
  return {};
}

int OrderOf(const Functions& api, VkPhysicalDevice handle) {
  VkPhysicalDeviceProperties base = {};
  api.vkGetPhysicalDeviceProperties(handle, &base);
  VkQueueFamilyProperties queue = {};
  if (base.apiVersion < VK_API_VERSION_1_1 || FindQueueFamily(api, handle, &queue) < 0)
    return kLastOrder;
  switch (base.deviceType) {
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
      return 0;
    case VK_PHYSICAL_DEVICE_TYPE_CPU:
      return 2;
    default:
      return 1;
  }
}

}  // namespace stint::vulkan
