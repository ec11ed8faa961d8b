// Scatter of elements on all threads: the reference's lines and bits. What is beside the axis that
// indices address never meets, so that the order of updates to one place is kept.
#include "backends/cpu/kernel_table.h"
#include "backends/cpu/kernels/float_call.h"
#include "backends/cpu/kernels/slices.h"
#include "runtime/ops/scatter.h"

namespace stint::cpu::scatter_slices {

namespace {

int AxisOf(const KernelCall& call) { return static_cast<int>(call.as<ScatterAttributes>().axis); }

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo&) {
  if (call.as<ScatterAttributes>().mode != ScatterMode::kElements) return "needs one index each";
  return RejectSlices(call, AxisOf(call));
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  const auto copied = static_cast<double>(ElementCount(call.results[0].view));
  return {copied + static_cast<double>(ElementCount(call.operands[2].view)), BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  return PrepareSlices(device, call, AxisOf(call));
}

Status Run(const Execution& execution) { return RunSlices(execution); }

}  // namespace stint::cpu::scatter_slices
