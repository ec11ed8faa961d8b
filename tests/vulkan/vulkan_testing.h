// What the tests of the Vulkan backend share: the shim, and a kernel that is small enough to be
// checked by hand.
#ifndef STINT_TESTS_VULKAN_VULKAN_TESTING_H_
#define STINT_TESTS_VULKAN_VULKAN_TESTING_H_

#include <memory>
#include <vector>

#include "backends/gpu/device.h"
#include "tests/vulkan/shim.h"

namespace stint::vulkan {

// The shim's functions. Missing when libvulkan is not the shim: then REQUIRE fails with a hint.
struct Shim {
  decltype(&stint_shim_arm) arm;
  decltype(&stint_shim_calls) calls;
  decltype(&stint_shim_live_objects) live_objects;
  decltype(&stint_shim_live_name) live_name;
  decltype(&stint_shim_hide) hide;
};
const Shim& TheShim();

// Device 0; REQUIREs that it is there.
std::unique_ptr<gpu::GpuDevice> OpenDevice();

// y[i] = x[i] * factor + addend over unsigned integers; the addend is a specialisation constant.
gpu::PipelineDescription ScaleAdd(uint32_t addend);

// The spans that a dispatch of ScaleAdd refers to.
class ScaleAddCall {
 public:
  // Over all of x. The result is y's beginning.
  ScaleAddCall(gpu::Pipeline* pipeline, Buffer* x, Buffer* y, uint32_t count, uint32_t factor);

  // Lives as long as this object.
  gpu::Dispatch dispatch() const;

 private:
  gpu::Pipeline* pipeline_;
  uint32_t parameters_[2];
  gpu::Binding bindings_[2];
  uint32_t count_;
};

// Adds a dispatch to a list of the device.
Status AddTo(CommandList& list, const ScaleAddCall& call);

// 0, 1, 2, ...
std::vector<uint32_t> Counting(uint32_t count);

}  // namespace stint::vulkan

#endif  // STINT_TESTS_VULKAN_VULKAN_TESTING_H_
