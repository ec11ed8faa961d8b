// Sample on all threads: blocks of positions, the reference's function and bits.
#include "runtime/ops/sample.h"

#include "backends/cpu/kernel_table.h"
#include "backends/cpu/kernels/float_call.h"

namespace stint::cpu::sample_threads {

namespace {

constexpr int64_t kBlock = 64;

}  // namespace

const char* Reject(const KernelCall&, const DeviceInfo&) { return nullptr; }

Work Cost(const KernelCall& call, const DeviceInfo&) {
  const auto elements = static_cast<double>(ElementCount(call.results[0].view));
  return {elements, BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device&, const KernelCall&) {
  STINT_ASSIGN(auto kernel, Make<PreparedKernel>());
  return kernel;
}

Status Run(const Execution& execution) {
  const TensorView operands[] = {execution.Operand(0), execution.Operand(1)};
  const TensorView results[] = {execution.Result(0)};
  const OpTensors op = {execution.call.attributes, operands, results};
  int64_t count = 1;
  for (int axis = 0; axis + 1 < operands[1].rank; ++axis) count *= operands[1].extents[axis];
  execution.threads.ForRanges(
      count, kBlock, [&](int64_t begin, int64_t end, int) { SampleRange(op, begin, end); });
  return {};
}

}  // namespace stint::cpu::sample_threads
