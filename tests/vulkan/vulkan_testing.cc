#include "tests/vulkan/vulkan_testing.h"

#include <dlfcn.h>

#include <catch2/catch.hpp>
#include <numeric>

#include "backends/vulkan/device.h"

namespace stint::vulkan {

namespace {

constexpr uint32_t kWords[] = {
#include "scale_add.spv.inc"
};
constexpr gpu::KernelSource kScaleAdd = {"scale_add", kWords, 3};
constexpr uint32_t kGroup = 64;

template <typename T>
void Find(void* library, const char* name, T** function) {
  *function = reinterpret_cast<T*>(dlsym(library, name));
  INFO("libvulkan.so.1 is not the shim: run the tests by ctest");
  REQUIRE(*function != nullptr);
}

}  // namespace

const Shim& TheShim() {
  static Shim shim = {};
  if (shim.arm != nullptr) return shim;
  void* const library = dlopen("libvulkan.so.1", RTLD_NOW | RTLD_LOCAL);
  REQUIRE(library != nullptr);
  Find(library, "stint_shim_calls", &shim.calls);
  Find(library, "stint_shim_live_objects", &shim.live_objects);
  Find(library, "stint_shim_live_name", &shim.live_name);
  Find(library, "stint_shim_hide", &shim.hide);
  Find(library, "stint_shim_arm", &shim.arm);
  return shim;
}

std::unique_ptr<gpu::GpuDevice> OpenDevice() {
  auto device = CreateDevice(0, {});
  INFO(device.status().message());
  REQUIRE(device.ok());
  return std::unique_ptr<gpu::GpuDevice>(static_cast<gpu::GpuDevice*>((*device).release()));
}

gpu::PipelineDescription ScaleAdd(uint32_t addend) {
  gpu::PipelineDescription description;
  description.source = &kScaleAdd;
  description.constants[0] = addend;
  description.constant_count = 2;
  return description;
}

ScaleAddCall::ScaleAddCall(gpu::Pipeline* pipeline, Buffer* x, Buffer* y, uint32_t count,
                           uint32_t factor)
    : pipeline_(pipeline),
      parameters_{count, factor},
      bindings_{{x, 0, count * sizeof(uint32_t), false}, {y, 0, count * sizeof(uint32_t), true}},
      count_(count) {}

gpu::Dispatch ScaleAddCall::dispatch() const {
  return {pipeline_, parameters_, bindings_, {(count_ + kGroup - 1) / kGroup, 1, 1}};
}

Status AddTo(CommandList& list, const ScaleAddCall& call) {
  return static_cast<gpu::GpuCommandList&>(list).Add(call.dispatch());
}

std::vector<uint32_t> Counting(uint32_t count) {
  std::vector<uint32_t> values(count);
  std::iota(values.begin(), values.end(), 0u);
  return values;
}

}  // namespace stint::vulkan
