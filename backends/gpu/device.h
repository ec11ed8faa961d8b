// What an API (Vulkan, OpenCL, Metal) implements so that the kernels of this folder run on it:
// ready pipelines, and command lists of dispatches. Everything else about GPU kernels is written
// here once: their sources, their table, their parameters.
//
// A kernel sees buffers only. Binding 0 is its parameters, an array of 32-bit words; bindings 1 to
// n are those of its tensors.
#ifndef STINT_BACKENDS_GPU_DEVICE_H_
#define STINT_BACKENDS_GPU_DEVICE_H_

#include <cstdint>
#include <span>

#include "backends/gpu/pipeline.h"
#include "runtime/hal/device.h"

namespace stint::gpu {

// A kernel ready to be dispatched. Owned by its device and lives as long.
class Pipeline : public Object {};

// A region of a buffer as a kernel sees it. `offset` is a multiple of
// DeviceInfo::binding_alignment; where the tensor begins behind it is one of the kernel's
// parameters.
struct Binding {
  Buffer* buffer = nullptr;
  uint64_t offset = 0;
  uint64_t bytes = 0;
  bool written = false;  // Else only read.
};

// One execution of a pipeline. Spans live as long as the command list.
struct Dispatch {
  Pipeline* pipeline = nullptr;
  std::span<const uint32_t> parameters;
  std::span<const Binding> bindings;
  uint32_t groups[3] = {1, 1, 1};
};

class GpuCommandList : public CommandList {
 public:
  // Appends a dispatch; allocates nothing within the capacity.
  virtual Status Add(const Dispatch& dispatch) = 0;
};

class GpuDevice : public Device {
 public:
  // The pipeline of the description, made when it is asked for the first time. Any thread.
  // kUnsupported: the device cannot make it.
  virtual Result<Pipeline*> FindPipeline(const PipelineDescription& description) = 0;
};

}  // namespace stint::gpu

#endif  // STINT_BACKENDS_GPU_DEVICE_H_
