// What everything that belongs to a device needs: the logical device with its one queue, the
// functions, the counters, and the memory that the device was lost.
//
// Any thread may use it. Everything made with it is destroyed before it.
#ifndef STINT_BACKENDS_VULKAN_CONTEXT_H_
#define STINT_BACKENDS_VULKAN_CONTEXT_H_

#include <atomic>

#include "backends/vulkan/instance.h"
#include "backends/vulkan/owned.h"
#include "backends/vulkan/physical_device.h"
#include "runtime/base/thread.h"

namespace stint::vulkan {

// DeviceCounters that threads count at once.
struct Counters {
  std::atomic<uint64_t> submissions = 0;
  std::atomic<uint64_t> dispatches = 0;
  std::atomic<uint64_t> recorded = 0;
  std::atomic<uint64_t> allocations = 0;
  std::atomic<uint64_t> written_bytes = 0;
  std::atomic<uint64_t> read_bytes = 0;
  std::atomic<uint64_t> pipelines_compiled = 0;
  std::atomic<uint64_t> pipeline_hits = 0;
};

class Context {
 public:
  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context();

  // Creates the instance and the device of that number. Once.
  Status Open(int index);

  VkDevice device() const { return device_; }
  const PhysicalDevice& physical() const { return physical_; }
  const Functions& functions() const { return instance_.functions(); }
  Counters& counters() { return counters_; }

  // The status of a result, remembering a lost device.
  Status Check(VkResult result, const char* call);
  // kUnavailable from the moment on in which the device was lost.
  Status Alive() const;

  // Makes a Vulkan object: Make(f.vkCreateFence, f.vkDestroyFence, "vkCreateFence", info, &fence).
  template <typename Create, typename Destroy, typename Info, typename Handle>
  Status Make(Create create, Destroy destroy, const char* call, const Info& info,
              Owned<Handle>* out) {
    Handle handle = {};
    STINT_TRY(Check(create(device_, &info, nullptr, &handle), call));
    *out = Owned<Handle>(device_, handle, destroy);
    return {};
  }

  // Starts `commands`; `fence`, which is reset first, tells when they are done. After an error
  // nothing was started.
  Status Submit(VkCommandBuffer commands, VkFence fence);
  // Whether what was submitted with `fence` is done within `nanoseconds`. After an error it is not
  // running any more: the device is lost.
  Result<bool> Wait(VkFence fence, uint64_t nanoseconds);
  // Returns when what was submitted with `fence` uses nothing any more: it is done, or the device
  // is lost.
  void Drain(VkFence fence);

  // A number that grows with each call, from 1: which state of a buffer is newer.
  uint64_t NextGeneration() { return ++generation_; }
  uint64_t generation() const { return generation_; }

 private:
  Instance instance_;
  PhysicalDevice physical_;
  VkDevice device_ = VK_NULL_HANDLE;
  VkQueue queue_ = VK_NULL_HANDLE;
  Mutex queue_mutex_;
  Counters counters_;
  std::atomic<uint64_t> generation_ = 0;
  std::atomic<const char*> lost_call_ = nullptr;  // The call that found the device lost.
};

}  // namespace stint::vulkan

#endif  // STINT_BACKENDS_VULKAN_CONTEXT_H_
