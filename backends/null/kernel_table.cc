#include "backends/null/kernel_table.h"

#include "backends/null/commands.h"
#include "backends/null/device.h"

namespace stint::null {

namespace {

// A phrase for each property of a call that the kernel needs and this one has not.
const char* Reject(const KernelCall&, const DeviceInfo&) { return nullptr; }

Work Cost(const KernelCall&, const DeviceInfo&) { return {}; }

// A real kernel keeps a class of its own, with packed weights or a pipeline, and says how many
// bytes of scratch and how many commands it needs.
Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall&) {
  STINT_TRY(static_cast<NullDevice&>(device).Enter(HalCall::kPrepare));
  return Make<PreparedKernel>();
}

Status Record(CommandList& commands, PreparedKernel&, const KernelCall&, const DeviceTensor&) {
  return static_cast<NullCommandList&>(commands).Add();
}

constexpr Kernel kKernels[] = {
#define STINT_OP(id, Name) \
  {.name = "null",         \
   .op = OpKind::k##Name,  \
   .runs_prologue = true,  \
   .runs_epilogue = true,  \
   .reject = &Reject,      \
   .cost = &Cost,          \
   .prepare = &Prepare,    \
   .record = &Record},
#include "runtime/ops/ops.inc"
#undef STINT_OP
};

}  // namespace

std::span<const Kernel> KernelTable(uint16_t only_op) {
  const std::span<const Kernel> all = kKernels;
  if (only_op == NullOptions::kAll) return all;
  for (size_t i = 0; i < all.size(); ++i) {
    if (static_cast<uint16_t>(all[i].op) == only_op) return all.subspan(i, 1);
  }
  return {};
}

}  // namespace stint::null
