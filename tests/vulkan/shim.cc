// A libvulkan.so.1 that makes any call fail: tests put its folder first in LD_LIBRARY_PATH. It
// forwards everything to the real library, counts the calls that give a VkResult and the objects
// that live, and shows a processor's driver as a graphics card's.
//
// The functions of the backend's list are wrapped by one template, so that none can be forgotten.
// Without a test that calls stint_shim_arm, the environment says what fails: STINT_SHIM_CALL (a
// number) and STINT_SHIM_RESULT (a VkResult).
#include "tests/vulkan/shim.h"

#include <dlfcn.h>
#include <vulkan/vulkan_core.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

namespace {

struct State {
  State() {
    const char* const call = std::getenv("STINT_SHIM_CALL");
    const char* const with = std::getenv("STINT_SHIM_RESULT");
    if (call != nullptr) fail_at = std::strtoull(call, nullptr, 10);
    if (with != nullptr) result = static_cast<VkResult>(std::strtol(with, nullptr, 10));
    discrete = std::getenv("STINT_SHIM_DISCRETE") != nullptr;
  }

  std::mutex mutex;
  uint64_t calls = 0;
  uint64_t fail_at = 0;
  VkResult result = VK_ERROR_OUT_OF_DEVICE_MEMORY;
  bool lost = false;
  bool discrete = false;
  std::string hidden;
  std::vector<VkDevice> devices;
  uint32_t memory_type = 0;  // The real type that stands behind both that a "card" has.
};

State& TheState() {
  static State state;
  return state;
}

// Makes a lost device do nothing more, so that what it uses can be destroyed.
void StopDevices(const std::vector<VkDevice>& devices);

// VK_SUCCESS, or what the call that begins now fails with.
VkResult Begin() {
  State& state = TheState();
  const std::lock_guard lock(state.mutex);
  ++state.calls;
  if (state.lost) return VK_ERROR_DEVICE_LOST;
  if (state.calls != state.fail_at) return VK_SUCCESS;
  if (state.result == VK_ERROR_DEVICE_LOST) {
    state.lost = true;
    StopDevices(state.devices);
  }
  return state.result;
}

constexpr bool StartsWith(std::string_view name, std::string_view start) {
  return name.substr(0, start.size()) == start;
}

enum Index {
  kGetInstanceProcAddr,
#define STINT_VULKAN_GLOBAL(name) k_##name,
#define STINT_VULKAN_INSTANCE(name) k_##name,
#define STINT_VULKAN_DEVICE(name) k_##name,
#define STINT_VULKAN_OPTIONAL(name) k_##name,
#include "backends/vulkan/functions.inc"
  kCount,
};

constexpr const char* kNames[] = {
    "vkGetInstanceProcAddr",
#define STINT_VULKAN_GLOBAL(name) #name,
#define STINT_VULKAN_INSTANCE(name) #name,
#define STINT_VULKAN_DEVICE(name) #name,
#define STINT_VULKAN_OPTIONAL(name) #name,
#include "backends/vulkan/functions.inc"
};

std::atomic<int64_t> live[kCount];

// The function that undoes another: vkDestroyFence of vkCreateFence.
std::string CreatorOf(std::string_view destroyer) {
  if (destroyer == "vkFreeMemory") return "vkAllocateMemory";
  if (destroyer == "vkDestroyPipeline") return "vkCreateComputePipelines";
  return "vkCreate" + std::string(destroyer.substr(std::strlen("vkDestroy")));
}

void NoteDestroyed(const char* destroyer) {
  const std::string creator = CreatorOf(destroyer);
  for (int i = 0; i < kCount; ++i) {
    if (creator == kNames[i]) --live[i];
  }
}

constexpr bool Creates(int index) {
  return StartsWith(kNames[index], "vkCreate") || index == k_vkAllocateMemory;
}

constexpr bool Destroys(int index) {
  return StartsWith(kNames[index], "vkDestroy") || index == k_vkFreeMemory;
}

// What the shim changes in arguments and answers.
template <int kIndex>
struct Change {
  template <typename... Arguments>
  static void Before(Arguments&...) {}
  template <typename... Arguments>
  static void After(Arguments&...) {}
};

template <int kIndex, typename Function>
struct Wrapper;

template <int kIndex, typename Answer, typename... Arguments>
struct Wrapper<kIndex, Answer(VKAPI_PTR*)(Arguments...)> {
  static inline Answer(VKAPI_PTR* real)(Arguments...) = nullptr;

  static Answer VKAPI_CALL Call(Arguments... arguments) {
    if constexpr (std::is_same_v<Answer, VkResult>) {
      if (const VkResult result = Begin(); result != VK_SUCCESS) return result;
      Change<kIndex>::Before(arguments...);
      const VkResult result = real(arguments...);
      if (result == VK_SUCCESS) {
        if constexpr (Creates(kIndex)) ++live[kIndex];
        Change<kIndex>::After(arguments...);
      }
      return result;
    } else {
      Change<kIndex>::Before(arguments...);
      if constexpr (Destroys(kIndex)) {
        constexpr size_t kHandle = sizeof...(Arguments) - 2;
        if (std::get<kHandle>(std::tie(arguments...))) NoteDestroyed(kNames[kIndex]);
      }
      if constexpr (std::is_void_v<Answer>) {
        real(arguments...);
        Change<kIndex>::After(arguments...);
      } else {
        return real(arguments...);
      }
    }
  }
};

template <>
struct Change<k_vkCreateDevice> {
  static void Before(...) {}
  static void After(VkPhysicalDevice, const VkDeviceCreateInfo*, const VkAllocationCallbacks*,
                    VkDevice* device) {
    const std::lock_guard lock(TheState().mutex);
    TheState().devices.push_back(*device);
  }
};

template <>
struct Change<k_vkDestroyDevice> {
  static void Before(VkDevice device, const VkAllocationCallbacks*) {
    const std::lock_guard lock(TheState().mutex);
    std::erase(TheState().devices, device);
  }
  static void After(...) {}
};

// A card has two kinds of memory: its own, type 0, and the host's, type 1. Behind both is one type
// of the real device.

void ShowAsCard(VkPhysicalDeviceProperties* properties) {
  if (TheState().discrete) properties->deviceType = VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU;
}

template <>
struct Change<k_vkGetPhysicalDeviceProperties> {
  static void Before(...) {}
  static void After(VkPhysicalDevice, VkPhysicalDeviceProperties* properties) {
    ShowAsCard(properties);
  }
};

template <>
struct Change<k_vkGetPhysicalDeviceProperties2> {
  static void Before(...) {}
  static void After(VkPhysicalDevice, VkPhysicalDeviceProperties2* properties) {
    ShowAsCard(&properties->properties);
  }
};

template <>
struct Change<k_vkGetPhysicalDeviceMemoryProperties> {
  static void Before(...) {}
  static void After(VkPhysicalDevice, VkPhysicalDeviceMemoryProperties* memory) {
    if (!TheState().discrete) return;
    constexpr VkMemoryPropertyFlags kHost =
        VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
    uint32_t type = 0;
    while ((memory->memoryTypes[type].propertyFlags & kHost) != kHost) ++type;
    TheState().memory_type = type;
    const VkDeviceSize size = memory->memoryHeaps[memory->memoryTypes[type].heapIndex].size;
    memory->memoryHeapCount = 2;
    memory->memoryHeaps[0] = {size, VK_MEMORY_HEAP_DEVICE_LOCAL_BIT};
    memory->memoryHeaps[1] = {size, 0};
    memory->memoryTypeCount = 2;
    memory->memoryTypes[0] = {VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, 0};
    memory->memoryTypes[1] = {kHost | VK_MEMORY_PROPERTY_HOST_CACHED_BIT, 1};
  }
};

uint32_t BitsOfCard(uint32_t bits) { return (bits & (1u << TheState().memory_type)) != 0 ? 3 : 0; }

template <>
struct Change<k_vkGetBufferMemoryRequirements> {
  static void Before(...) {}
  static void After(VkDevice, VkBuffer, VkMemoryRequirements* needs) {
    if (TheState().discrete) needs->memoryTypeBits = BitsOfCard(needs->memoryTypeBits);
  }
};

template <>
struct Change<k_vkGetMemoryHostPointerPropertiesEXT> {
  static void Before(...) {}
  static void After(VkDevice, VkExternalMemoryHandleTypeFlagBits, const void*,
                    VkMemoryHostPointerPropertiesEXT* properties) {
    if (TheState().discrete) properties->memoryTypeBits = BitsOfCard(properties->memoryTypeBits);
  }
};

template <>
struct Change<k_vkAllocateMemory> {
  static void Before(VkDevice, const VkMemoryAllocateInfo*& info, const VkAllocationCallbacks*,
                     VkDeviceMemory*) {
    static thread_local VkMemoryAllocateInfo changed;
    if (!TheState().discrete) return;
    changed = *info;
    changed.memoryTypeIndex = TheState().memory_type;
    info = &changed;
  }
  static void After(...) {}
};

void* RealLibrary() {
  static void* const library = [] {
    const char* const path = std::getenv("STINT_SHIM_LIBRARY");
    void* const opened =
        dlopen(path != nullptr ? path : STINT_REAL_VULKAN_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (opened == nullptr) std::fprintf(stderr, "shim: %s\n", dlerror());
    return opened;
  }();
  return library;
}

PFN_vkGetInstanceProcAddr RealGetInstanceProcAddr() {
  static const auto function = reinterpret_cast<PFN_vkGetInstanceProcAddr>(
      RealLibrary() == nullptr ? nullptr : dlsym(RealLibrary(), "vkGetInstanceProcAddr"));
  return function;
}

template <int kIndex, typename Function>
PFN_vkVoidFunction Wrap(PFN_vkVoidFunction real) {
  using Wrapped = Wrapper<kIndex, Function>;
  Wrapped::real = reinterpret_cast<Function>(real);
  return reinterpret_cast<PFN_vkVoidFunction>(&Wrapped::Call);
}

PFN_vkVoidFunction VKAPI_CALL GetDeviceProcAddr(VkDevice device, const char* name);

// The wrapper of the real function of that name.
PFN_vkVoidFunction WrapByName(const char* name, PFN_vkVoidFunction real) {
  if (real == nullptr || TheState().hidden == name) return nullptr;
  if (std::strcmp(name, "vkGetDeviceProcAddr") == 0) {
    Wrapper<k_vkGetDeviceProcAddr, PFN_vkGetDeviceProcAddr>::real =
        reinterpret_cast<PFN_vkGetDeviceProcAddr>(real);
    return reinterpret_cast<PFN_vkVoidFunction>(&GetDeviceProcAddr);
  }
#define STINT_VULKAN_GLOBAL(function) \
  if (std::strcmp(name, #function) == 0) return Wrap<k_##function, PFN_##function>(real);
#define STINT_VULKAN_INSTANCE(function) \
  if (std::strcmp(name, #function) == 0) return Wrap<k_##function, PFN_##function>(real);
#define STINT_VULKAN_DEVICE(function) \
  if (std::strcmp(name, #function) == 0) return Wrap<k_##function, PFN_##function>(real);
#define STINT_VULKAN_OPTIONAL(function) \
  if (std::strcmp(name, #function) == 0) return Wrap<k_##function, PFN_##function>(real);
#include "backends/vulkan/functions.inc"
  return real;
}

PFN_vkVoidFunction VKAPI_CALL GetDeviceProcAddr(VkDevice device, const char* name) {
  return WrapByName(name,
                    Wrapper<k_vkGetDeviceProcAddr, PFN_vkGetDeviceProcAddr>::real(device, name));
}

void StopDevices(const std::vector<VkDevice>& devices) {
  const auto wait = Wrapper<k_vkDeviceWaitIdle, PFN_vkDeviceWaitIdle>::real;
  if (wait == nullptr) return;
  for (VkDevice device : devices) wait(device);
}

}  // namespace

extern "C" {

PFN_vkVoidFunction VKAPI_CALL vkGetInstanceProcAddr(VkInstance instance, const char* name) {
  const PFN_vkGetInstanceProcAddr real = RealGetInstanceProcAddr();
  return real == nullptr ? nullptr : WrapByName(name, real(instance, name));
}

PFN_vkVoidFunction VKAPI_CALL vkGetDeviceProcAddr(VkDevice device, const char* name) {
  return GetDeviceProcAddr(device, name);
}

void stint_shim_arm(uint64_t call, int32_t result) {
  State& state = TheState();
  const std::lock_guard lock(state.mutex);
  state.calls = 0;
  state.fail_at = call;
  state.result = static_cast<VkResult>(result);
  state.lost = false;
}

uint64_t stint_shim_calls() {
  const std::lock_guard lock(TheState().mutex);
  return TheState().calls;
}

int64_t stint_shim_live_objects() {
  int64_t sum = 0;
  for (const auto& count : live) sum += count;
  return sum;
}

const char* stint_shim_live_name() {
  for (int i = 0; i < kCount; ++i) {
    if (live[i] != 0) return kNames[i];
  }
  return nullptr;
}

void stint_shim_hide(const char* name) { TheState().hidden = name == nullptr ? "" : name; }

void stint_shim_discrete(int32_t discrete) { TheState().discrete = discrete != 0; }

}  // extern "C"
