#include "backends/vulkan/library.h"

#include <dlfcn.h>

#include <cstring>

namespace stint::vulkan {

namespace {

constexpr const char* kNames[] = {
#ifdef __APPLE__
    "libvulkan.dylib",
    "libvulkan.1.dylib",
    "libMoltenVK.dylib",
#else
    "libvulkan.so.1",
    "libvulkan.so",
#endif
};

Status Missing(const char* function) {
  return Error(Code::kUnavailable, "vulkan",
               "found a library without %s, allowed a loader and driver of Vulkan 1.1 or later",
               function);
}

// `address` is what a library gives for a function of type T.
template <typename T, typename Address>
bool Load(T* function, Address address) {
  static_assert(sizeof(T) == sizeof(Address));
  std::memcpy(function, &address, sizeof(T));
  return *function != nullptr;
}

}  // namespace

Library::~Library() {
  if (handle_ != nullptr) dlclose(handle_);
}

Status Library::Open() {
  for (const char* name : kNames) {
    if (handle_ == nullptr) handle_ = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  }
  if (handle_ == nullptr) {
    return Error(Code::kUnavailable, "vulkan",
                 "found no Vulkan library, allowed %s (install a Vulkan loader and a driver)",
                 kNames[0]);
  }
  if (!Load(&functions_.vkGetInstanceProcAddr, dlsym(handle_, "vkGetInstanceProcAddr"))) {
    return Missing("vkGetInstanceProcAddr");
  }
#define STINT_VULKAN_GLOBAL(name)                                                         \
  if (!Load(&functions_.name, functions_.vkGetInstanceProcAddr(VK_NULL_HANDLE, #name))) { \
    return Missing(#name);                                                                \
  }
#include "backends/vulkan/functions.inc"
  return {};
}

Status Library::LoadInstance(VkInstance instance) {
#define STINT_VULKAN_INSTANCE(name)                                                 \
  if (!Load(&functions_.name, functions_.vkGetInstanceProcAddr(instance, #name))) { \
    return Missing(#name);                                                          \
  }
#include "backends/vulkan/functions.inc"
  return {};
}

Status Library::LoadDevice(VkDevice device) {
#define STINT_VULKAN_DEVICE(name)                                               \
  if (!Load(&functions_.name, functions_.vkGetDeviceProcAddr(device, #name))) { \
    return Missing(#name);                                                      \
  }
#define STINT_VULKAN_OPTIONAL(name) \
  Load(&functions_.name, functions_.vkGetDeviceProcAddr(device, #name));
#include "backends/vulkan/functions.inc"
  return {};
}

}  // namespace stint::vulkan
