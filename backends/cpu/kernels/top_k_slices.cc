// TopK on all threads: the reference's lines and bits.
#include "backends/cpu/kernel_table.h"
#include "backends/cpu/kernels/float_call.h"
#include "backends/cpu/kernels/slices.h"
#include "runtime/ops/top_k.h"

namespace stint::cpu::top_k_slices {

namespace {

int AxisOf(const KernelCall& call) { return static_cast<int>(call.as<TopKAttributes>().axis); }

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo&) {
  return RejectSlices(call, AxisOf(call));
}

// Elements that are compared.
Work Cost(const KernelCall& call, const DeviceInfo&) {
  return {static_cast<double>(ElementCount(call.operands[0].view)), BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  return PrepareSlices(device, call, AxisOf(call));
}

Status Run(const Execution& execution) { return RunSlices(execution); }

}  // namespace stint::cpu::top_k_slices
