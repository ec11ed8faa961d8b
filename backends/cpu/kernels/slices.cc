#include "backends/cpu/kernels/slices.h"

#include <algorithm>

#include "backends/cpu/kernels/float_call.h"
#include "runtime/base/checked.h"
#include "runtime/base/thread.h"

namespace stint::cpu {

namespace {

// Slices of at least so many elements of the largest tensor are a task.
constexpr int64_t kTaskElements = 4096;

class SliceKernel final : public PreparedKernel {
 public:
  int axis = 0;
  int64_t slice = 1;  // Of the axis' extent, a task.
  int64_t tasks = 0;
  uint64_t thread_bytes = 0;
};

// The longest axis but `line_axis`, of equal ones the first; -1: there is none to cut.
int LongestAxis(const TensorView& y, int line_axis) {
  int longest = -1;
  for (int axis = 0; axis < y.rank; ++axis) {
    if (axis == line_axis || y.extents[axis] < 2) continue;
    if (longest < 0 || y.extents[axis] > y.extents[longest]) longest = axis;
  }
  return longest;
}

// The op's tensors, or task `task` of them.
struct Slices {
  TensorView operands[kMaxCoreOperands];
  TensorView results[kMaxCoreResults];

  void Cut(const SliceKernel& kernel, int64_t task) {
    for (TensorView& view : operands) CutOne(kernel, task, &view);
    for (TensorView& view : results) CutOne(kernel, task, &view);
  }

  OpTensors Op(const KernelCall& call, std::span<std::byte> scratch) const {
    return {call.attributes,
            {operands, static_cast<size_t>(call.op->core_operands)},
            {results, static_cast<size_t>(call.op->core_results)},
            scratch};
  }

 private:
  static void CutOne(const SliceKernel& kernel, int64_t task, TensorView* view) {
    if (!view->present()) return;
    int64_t& extent = view->extents[kernel.axis];
    const int64_t first = std::min(task * kernel.slice, extent);
    extent = std::min(kernel.slice, extent - first);
    if (view->data == nullptr) return;
    view->data = view->as<std::byte>() +
                 first * view->strides[kernel.axis] * static_cast<int64_t>(BytesOf(view->dtype));
  }
};

Slices ShapesOf(const KernelCall& call) {
  Slices slices;
  for (size_t i = 0; i < call.operands.size(); ++i) slices.operands[i] = call.operands[i].view;
  for (size_t i = 0; i < call.results.size(); ++i) slices.results[i] = call.results[i].view;
  return slices;
}

int64_t LargestCount(const KernelCall& call) {
  int64_t most = 1;
  for (const DeviceTensor& tensor : call.operands) most = std::max(most, ElementCount(tensor.view));
  return most;
}

}  // namespace

const char* RejectSlices(const KernelCall& call, int line_axis) {
  const TensorView& y = call.results[0].view;
  return LongestAxis(y, line_axis) < 0 ? "needs lines beside each other" : nullptr;
}

Result<std::unique_ptr<PreparedKernel>> PrepareSlices(Device& device, const KernelCall& call,
                                                      int line_axis) {
  STINT_ASSIGN(auto kernel, Make<SliceKernel>());
  const TensorView& y = call.results[0].view;
  kernel->axis = LongestAxis(y, line_axis);
  const int64_t extent = y.extents[kernel->axis];
  const int64_t beside = std::max<int64_t>(LargestCount(call) / extent, 1);
  kernel->slice = std::clamp<int64_t>(kTaskElements / beside, 1, extent);
  kernel->tasks = CeilDivide(extent, kernel->slice);
  Slices slices = ShapesOf(call);
  slices.Cut(*kernel, 0);
  kernel->thread_bytes = ScratchBytes(*call.op, slices.Op(call, {}));
  kernel->scratch_bytes = ThreadScratch(device, kernel->tasks, kernel->thread_bytes);
  if (kernel->scratch_bytes == UINT64_MAX) return OutOfMemory(call.op->name, UINT64_MAX);
  return std::unique_ptr<PreparedKernel>(std::move(kernel));
}

Status RunSlices(const Execution& execution) {
  const auto& kernel = static_cast<const SliceKernel&>(execution.kernel);
  const KernelCall& call = execution.call;
  Slices whole = ShapesOf(call);
  for (size_t i = 0; i < call.operands.size(); ++i) whole.operands[i] = execution.Operand(i);
  for (size_t i = 0; i < call.results.size(); ++i) whole.results[i] = execution.Result(i);
  Mutex mutex;
  int64_t failed = kernel.tasks;
  Status status;
  execution.threads.ForEach(kernel.tasks, [&](int64_t task, int thread) {
    Slices part = whole;
    part.Cut(kernel, task);
    std::byte* const scratch = execution.ThreadScratch(thread, kernel.thread_bytes);
    Status own =
        call.op->reference(part.Op(call, {scratch, static_cast<size_t>(kernel.thread_bytes)}));
    if (own.ok()) return;
    const MutexLock lock(mutex);
    if (task >= failed) return;
    failed = task;
    status = std::move(own);
  });
  return status.ok() ? Status() : std::move(status).At(call.op->name);
}

}  // namespace stint::cpu
