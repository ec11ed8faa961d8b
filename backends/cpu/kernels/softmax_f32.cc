// Softmax of float32 rows, one task a row; the reference's bits.
#include <algorithm>

#include "backends/cpu/kernel_table.h"
#include "backends/cpu/kernels/float_call.h"
#include "runtime/base/checked.h"
#include "runtime/base/math.h"
#include "runtime/ops/elements.h"
#include "runtime/ops/softmax.h"
#include "runtime/ops/sum.h"

namespace stint::cpu::softmax_f32 {

namespace {

class SoftmaxKernel final : public PreparedKernel {
 public:
  uint64_t thread_bytes = 0;
};

// In place. `work` holds as many floats.
void NormalizeRow(float* row, float* work, int64_t count, bool log) {
  float largest = LowestOf<float>(DType::kFloat32);
  for (int64_t i = 0; i < count; ++i) largest = Larger(largest, row[i]);
  for (int64_t i = 0; i < count; ++i) row[i] -= largest;
  for (int64_t i = 0; i < count; ++i) work[i] = math::Exp(row[i]);
  BlockedSum<float> total;
  for (int64_t i = 0; i < count; ++i) total.Add(work[i]);
  const float sum = total.Total();
  if (log) {
    const float log_sum = math::Log(sum);
    for (int64_t i = 0; i < count; ++i) row[i] -= log_sum;
  } else {
    for (int64_t i = 0; i < count; ++i) row[i] = work[i] / sum;
  }
}

void RunRow(const Execution& execution, int64_t task, float* memory) {
  const auto& attributes = execution.as<SoftmaxAttributes>();
  const TensorView x = execution.Operand(0);
  const TensorView y = execution.Result(0);
  const auto axis = static_cast<int>(attributes.axis);
  int64_t x_offset = 0;
  int64_t y_offset = 0;
  for (int i = x.rank - 1; i >= 0; --i) {
    if (i == axis) continue;
    const int64_t at = task % x.extents[i];
    task /= x.extents[i];
    x_offset += at * x.strides[i];
    y_offset += at * y.strides[i];
  }
  const int64_t count = x.extents[axis];
  const float* const from = x.as<const float>() + x_offset;
  float* const to = y.as<float>() + y_offset;
  float* const row = memory + count;
  for (int64_t i = 0; i < count; ++i) row[i] = from[i * x.strides[axis]];
  NormalizeRow(row, memory, count, attributes.log != 0);
  for (int64_t i = 0; i < count; ++i) to[i * y.strides[axis]] = row[i];
}

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo&) {
  return IsFloat32(call, 1) ? nullptr : "needs float32";
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  return {static_cast<double>(ElementCount(call.results[0].view)), BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  STINT_ASSIGN(auto kernel, Make<SoftmaxKernel>());
  const auto axis = static_cast<int>(call.as<SoftmaxAttributes>().axis);
  const auto count = static_cast<uint64_t>(call.results[0].view.extents[axis]);
  kernel->thread_bytes = AlignUp(2 * count * sizeof(float), 64);
  kernel->scratch_bytes = kernel->thread_bytes * static_cast<uint64_t>(ThreadsOf(device));
  return std::unique_ptr<PreparedKernel>(std::move(kernel));
}

Status Run(const Execution& execution) {
  const auto& kernel = static_cast<const SoftmaxKernel&>(execution.kernel);
  const TensorView y = execution.Result(0);
  const int64_t rows = ElementCount(y) / y.extents[execution.as<SoftmaxAttributes>().axis];
  execution.threads.ForEach(rows, [&](int64_t row, int thread) {
    std::byte* const memory =
        execution.scratch + static_cast<uint64_t>(thread) * kernel.thread_bytes;
    RunRow(execution, row, reinterpret_cast<float*>(memory));
  });
  return {};
}

}  // namespace stint::cpu::softmax_f32
