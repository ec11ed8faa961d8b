// The kernels of every GPU device: the rows of kernels.inc. Their `device` is a GpuDevice, their
// `commands` a GpuCommandList.
#ifndef STINT_BACKENDS_GPU_KERNEL_TABLE_H_
#define STINT_BACKENDS_GPU_KERNEL_TABLE_H_

#include <memory>
#include <span>

#include "backends/gpu/device.h"

namespace stint::gpu {

std::span<const Kernel> KernelTable();

#define STINT_GPU_KERNEL(Op, name, prologues, epilogues)                                   \
  namespace name {                                                                         \
  const char* Reject(const KernelCall& call, const DeviceInfo& device);                    \
  Work Cost(const KernelCall& call, const DeviceInfo& device);                             \
  Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call); \
  Status Record(CommandList& commands, PreparedKernel& kernel, const KernelCall& call,     \
                const DeviceTensor& scratch);                                              \
  }
#include "backends/gpu/kernels.inc"
#undef STINT_GPU_KERNEL

}  // namespace stint::gpu

#endif  // STINT_BACKENDS_GPU_KERNEL_TABLE_H_
