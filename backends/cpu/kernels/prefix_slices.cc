// Prefix on all threads: the reference's lines and bits.
#include "backends/cpu/kernel_table.h"
#include "backends/cpu/kernels/float_call.h"
#include "backends/cpu/kernels/slices.h"
#include "runtime/ops/prefix.h"

namespace stint::cpu::prefix_slices {

namespace {

int AxisOf(const KernelCall& call) {
  const int64_t axis = call.as<PrefixAttributes>().axis[0].constant();
  return static_cast<int>(axis < 0 ? axis + call.results[0].view.rank : axis);
}

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo&) {
  return RejectSlices(call, AxisOf(call));
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  return {static_cast<double>(ElementCount(call.results[0].view)), BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  return PrepareSlices(device, call, AxisOf(call));
}

Status Run(const Execution& execution) { return RunSlices(execution); }

}  // namespace stint::cpu::prefix_slices
