#include "backends/gpu/kernel_table.h"

namespace stint::gpu {

namespace {

constexpr Kernel kKernels[] = {
#define STINT_GPU_KERNEL(Op, name, prologues, epilogues)    \
  {#name,         OpKind::k##Op, prologues,      epilogues, \
   &name::Reject, &name::Cost,   &name::Prepare, &name::Record},
#include "backends/gpu/kernels.inc"
#undef STINT_GPU_KERNEL
};

}  // namespace

std::span<const Kernel> KernelTable() { return kKernels; }

}  // namespace stint::gpu
