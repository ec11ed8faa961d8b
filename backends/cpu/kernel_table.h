// The kernels that this build of the CPU backend has: the rows of kernels.inc and, for every op of
// the op table, its reference kernel, which refuses nothing.
#ifndef STINT_BACKENDS_CPU_KERNEL_TABLE_H_
#define STINT_BACKENDS_CPU_KERNEL_TABLE_H_

#include <memory>
#include <span>

#include "backends/cpu/commands.h"

namespace stint::cpu {

std::span<const Kernel> KernelTable();

#define STINT_CPU_KERNEL(Op, name, prologues, epilogues, layout)                           \
  namespace name {                                                                         \
  const char* Reject(const KernelCall& call, const DeviceInfo& device);                    \
  Work Cost(const KernelCall& call, const DeviceInfo& device);                             \
  Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call); \
  Status Run(const Execution& execution);                                                  \
  }
#include "backends/cpu/kernels.inc"
STINT_CPU_KERNEL(Any, reference, false, false, Dense)
#undef STINT_CPU_KERNEL

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_KERNEL_TABLE_H_
