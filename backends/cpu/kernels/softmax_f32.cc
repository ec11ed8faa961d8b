// Softmax of float32 rows. Rows that lie without gaps are worked on in place by the kernels of
// micro/rows.h; others are gathered into scratch memory, and scattered from it.
//
// Errors: 5 ULP; a result below 2^-125 may be 0. Log-softmax adds those of x - max and of log(sum).
#include <algorithm>

#include "backends/cpu/kernel_table.h"
#include "backends/cpu/kernels/float_call.h"
#include "backends/cpu/micro/rows.h"
#include "backends/cpu/micro/tiles.h"
#include "runtime/base/checked.h"
#include "runtime/base/math.h"
#include "runtime/ops/softmax.h"
#include "runtime/ops/walk.h"

namespace stint::cpu::softmax_f32 {

namespace {

// Elements that a thread takes at once, so that short rows are not a task each.
constexpr int64_t kTaskElements = 4096;

class SoftmaxKernel final : public PreparedKernel {
 public:
  explicit SoftmaxKernel(const RowKernels& kernels) : rows(kernels) {}

  const RowKernels& rows;
  uint64_t thread_bytes = 0;
  int64_t rows_together = 1;
};

// `to` may be `from`.
void NormalizeRow(const RowKernels& rows, const float* from, int64_t count, bool log, float* to) {
  const float largest = rows.largest(from, count);
  const float sum = rows.exp_sum(from, count, largest, log ? nullptr : to);
  if (log) {
    rows.lower(from, count, largest, math::Log(sum), to);
  } else {
    rows.scale(to, count, 1.0F / sum, to);
  }
}

void RunRow(const Execution& execution, int64_t row, float* memory) {
  const auto& kernel = static_cast<const SoftmaxKernel&>(execution.kernel);
  const auto& attributes = execution.as<SoftmaxAttributes>();
  const TensorView x = execution.Operand(0);
  const TensorView y = execution.Result(0);
  const auto axis = static_cast<int>(attributes.axis);
  const auto [x_offset, y_offset] =
      OffsetsAt<2>(row, x.rank, x.extents, {x.strides, y.strides}, axis);
  const int64_t count = x.extents[axis];
  const int64_t x_step = x.strides[axis];
  const int64_t y_step = y.strides[axis];
  const float* from = x.as<const float>() + x_offset;
  float* const result = y.as<float>() + y_offset;
  float* const to = y_step == 1 ? result : memory;
  if (x_step != 1) {
    for (int64_t i = 0; i < count; ++i) memory[i] = from[i * x_step];
    from = memory;
  }
  NormalizeRow(kernel.rows, from, count, attributes.log != 0, to);
  if (y_step == 1) return;
  for (int64_t i = 0; i < count; ++i) result[i * y_step] = memory[i];
}

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo&) {
  return IsFloat32(call, 1) ? nullptr : "needs float32";
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  return {static_cast<double>(ElementCount(call.results[0].view)), BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  STINT_ASSIGN(auto kernel, Make<SoftmaxKernel>(*static_cast<CpuDevice&>(device).nhwc().rows));
  const auto axis = static_cast<int>(call.as<SoftmaxAttributes>().axis);
  const TensorView& y = call.results[0].view;
  const int64_t count = y.extents[axis];
  kernel->rows_together = std::max<int64_t>(kTaskElements / count, 1);
  const int64_t tasks = CeilDivide(ElementCount(y) / count, kernel->rows_together);
  kernel->thread_bytes = AlignUp(static_cast<uint64_t>(count) * sizeof(float), 64);
  kernel->scratch_bytes = ThreadScratch(device, tasks, kernel->thread_bytes);
  return std::unique_ptr<PreparedKernel>(std::move(kernel));
}

Status Run(const Execution& execution) {
  const auto& kernel = static_cast<const SoftmaxKernel&>(execution.kernel);
  const TensorView y = execution.Result(0);
  const int64_t rows = ElementCount(y) / y.extents[execution.as<SoftmaxAttributes>().axis];
  execution.threads.ForRanges(
      rows, kernel.rows_together, [&](int64_t row, int64_t end, int thread) {
        auto* const memory =
            reinterpret_cast<float*>(execution.ThreadScratch(thread, kernel.thread_bytes));
        for (; row < end; ++row) RunRow(execution, row, memory);
      });
  return {};
}

}  // namespace stint::cpu::softmax_f32
