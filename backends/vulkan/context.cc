#include "backends/vulkan/context.h"

#include "backends/vulkan/vk_result.h"

namespace stint::vulkan {

namespace {

// Creates the logical device with the features that were found.
VkResult CreateLogicalDevice(const Functions& api, const PhysicalDevice& physical,
                             VkDevice* device) {
  VkPhysicalDevice8BitStorageFeatures storage8 = {};
  storage8.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_8BIT_STORAGE_FEATURES;
  storage8.storageBuffer8BitAccess = VK_TRUE;
  VkPhysicalDevice16BitStorageFeatures storage16 = {};
  storage16.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_16BIT_STORAGE_FEATURES;
  storage16.storageBuffer16BitAccess =
      (physical.info.features & kFeatureStorage16) != 0 ? VK_TRUE : VK_FALSE;
  if ((physical.info.features & kFeatureStorage8) != 0) storage16.pNext = &storage8;

  const float priority = 1;
  VkDeviceQueueCreateInfo queue = {};
  queue.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO;
  queue.queueFamilyIndex = physical.queue_family;
  queue.queueCount = 1;
  queue.pQueuePriorities = &priority;

  VkDeviceCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO;
  info.pNext = &storage16;
  info.queueCreateInfoCount = 1;
  info.pQueueCreateInfos = &queue;
  info.enabledExtensionCount = static_cast<uint32_t>(physical.extensions.size());
  info.ppEnabledExtensionNames = physical.extensions.data();
  return api.vkCreateDevice(physical.handle, &info, nullptr, device);
}

}  // namespace

Context::~Context() {
  if (device_ != VK_NULL_HANDLE) functions().vkDestroyDevice(device_, nullptr);
}

Status Context::Open(int index) {
  STINT_TRY(instance_.Create());
  STINT_ASSIGN(VkPhysicalDevice handle, instance_.Pick(index));
  STINT_TRY(Describe(functions(), handle, &physical_));
  VkDevice device = VK_NULL_HANDLE;
  STINT_TRY(Check(CreateLogicalDevice(functions(), physical_, &device), "vkCreateDevice"));
  device_ = device;
  STINT_TRY(instance_.library().LoadDevice(device_));
  functions().vkGetDeviceQueue(device_, physical_.queue_family, 0, &queue_);
  return {};
}

Status Context::Check(VkResult result, const char* call) {
  if (result == VK_ERROR_DEVICE_LOST) lost_call_ = call;
  return CheckResult(result, call);
}

Status Context::Alive() const {
  const char* const call = lost_call_;
  return call == nullptr ? Status() : LostDevice(call);
}

Status Context::Submit(VkCommandBuffer commands, VkFence fence) {
  STINT_TRY(Check(functions().vkResetFences(device_, 1, &fence), "vkResetFences"));
  VkSubmitInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO;
  info.commandBufferCount = 1;
  info.pCommandBuffers = &commands;
  const MutexLock lock(queue_mutex_);
  return Check(functions().vkQueueSubmit(queue_, 1, &info, fence), "vkQueueSubmit");
}

Result<bool> Context::Wait(VkFence fence, uint64_t nanoseconds) {
  const VkResult result = functions().vkWaitForFences(device_, 1, &fence, VK_TRUE, nanoseconds);
  if (result == VK_SUCCESS || result == VK_TIMEOUT) return result == VK_SUCCESS;
  if (result == VK_ERROR_DEVICE_LOST) return Check(result, "vkWaitForFences");
  // The wait itself failed, and what was submitted goes on. A device that cannot be waited for in
  // another way is as good as lost.
  const MutexLock lock(queue_mutex_);
  if (functions().vkDeviceWaitIdle(device_) == VK_SUCCESS) return true;
  lost_call_ = "vkDeviceWaitIdle";
  return Alive();
}

void Context::Drain(VkFence fence) {
  if (Alive().ok()) (void)Wait(fence, CommandList::kForever);
}

}  // namespace stint::vulkan
