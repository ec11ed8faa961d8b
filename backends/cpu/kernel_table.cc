#include "backends/cpu/kernel_table.h"

namespace stint::cpu {

namespace {

constexpr Kernel kKernels[] = {
#define STINT_CPU_KERNEL(Op, name, prologues, epilogues, layout)                      \
  {#name,          OpKind::k##Op,          prologues,                                 \
   epilogues,      &name::Reject,          &name::Cost,                               \
   &name::Prepare, &RecordRun<&name::Run>, 1u << static_cast<int>(Layout::k##layout), \
   RateOf(#name)},
#include "backends/cpu/kernels.inc"
#undef STINT_CPU_KERNEL
#define STINT_OP(id, Name) \
  {"reference",            \
   OpKind::k##Name,        \
   false,                  \
   false,                  \
   &reference::Reject,     \
   &reference::Cost,       \
   &reference::Prepare,    \
   &RecordRun<&reference::Run>},
#include "runtime/ops/ops.inc"
#undef STINT_OP
};

}  // namespace

std::span<const Kernel> KernelTable() { return kKernels; }

}  // namespace stint::cpu
