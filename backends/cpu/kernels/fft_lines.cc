// Fft on all threads, a line at a time: the reference's transforms and bits. The roots of unity are
// computed when the kernel is prepared.
#include "runtime/ops/fft_lines.h"

#include "backends/cpu/kernel_table.h"
#include "backends/cpu/kernels/call_shapes.h"
#include "backends/cpu/kernels/float_call.h"
#include "runtime/base/checked.h"

namespace stint::cpu::fft_lines {

namespace {

// Lines of at least so many numbers are a task.
constexpr int64_t kTaskNumbers = 4096;
// Of tables: they are beside the arena, whose limit covers the reference's.
constexpr uint64_t kMostTableBytes = uint64_t{16} << 20;

uint64_t TableBytes(const OpTensors& op) {
  Scratch tables;
  WithFftType(op, [&](auto zero) { FftLines<decltype(zero)>(op, tables); });
  return tables.bytes();
}

class FftKernel : public PreparedKernel {
 public:
  // Of lines `begin` to `end`, in a thread's part of the scratch.
  virtual void Transform(const OpTensors& op, int64_t begin, int64_t end,
                         std::span<std::byte> memory) const = 0;

  uint64_t thread_bytes = 0;
  int64_t lines = 0;
  int64_t task_lines = 1;
};

template <typename T>
class TypedKernel final : public FftKernel {
 public:
  explicit TypedKernel(const OpTensors& op) : lines_(Measure(op)) {}

  Status Fill(const OpTensors& op) {
    Scratch tables;
    const FftLines<T> measured(op, tables);
    Scratch work;
    measured.TakeWork(work);
    thread_bytes = work.bytes();
    STINT_TRY(tables_.Resize(static_cast<size_t>(tables.bytes())));
    held_bytes = tables.bytes();
    Scratch memory(tables_.span());
    lines_ = FftLines<T>(op, memory);
    Array<std::byte> once;
    STINT_TRY(once.Resize(static_cast<size_t>(thread_bytes)));
    Scratch carved(once.span());
    lines_.Fill(lines_.TakeWork(carved));
    return {};
  }

  void Transform(const OpTensors& op, int64_t begin, int64_t end,
                 std::span<std::byte> memory) const override {
    Scratch scratch(memory);
    lines_.Run(op, begin, end, lines_.TakeWork(scratch));
  }

 private:
  static FftLines<T> Measure(const OpTensors& op) {
    Scratch scratch;
    return FftLines<T>(op, scratch);
  }

  FftLines<T> lines_;
  Array<std::byte> tables_;
};

template <typename T>
Result<std::unique_ptr<FftKernel>> Create(const OpTensors& op) {
  STINT_ASSIGN(auto kernel, Make<TypedKernel<T>>(op));
  STINT_TRY(kernel->Fill(op));
  return std::unique_ptr<FftKernel>(std::move(kernel));
}

int64_t LengthOf(const KernelCall& call) { return call.as<FftAttributes>().length[0].constant(); }

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo&) {
  return TableBytes(CallShapes(call).op()) > kMostTableBytes ? "needs a shorter line" : nullptr;
}

// Numbers of all lines, each as often as a transform by fours passes over it.
Work Cost(const KernelCall& call, const DeviceInfo&) {
  const int64_t length = LengthOf(call);
  double passes = 1;
  for (int64_t rest = length; rest > 1; rest = (rest + 3) / 4) passes += 1;
  const auto lines = static_cast<double>(FftLineCount(CallShapes(call).op()));
  return {lines * static_cast<double>(length) * passes, BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  const CallShapes shapes(call);
  const OpTensors& op = shapes.op();
  const int64_t length = LengthOf(call);
  STINT_ASSIGN(auto kernel, FftInDouble(op) ? Create<double>(op) : Create<float>(op));
  kernel->lines = FftLineCount(op);
  kernel->task_lines = CeilDivide(kTaskNumbers, length);
  const int64_t tasks = CeilDivide(kernel->lines, kernel->task_lines);
  kernel->scratch_bytes = ThreadScratch(device, tasks, kernel->thread_bytes);
  return std::unique_ptr<PreparedKernel>(std::move(kernel));
}

Status Run(const Execution& execution) {
  const auto& kernel = static_cast<const FftKernel&>(execution.kernel);
  const TensorView operand = execution.Operand(0);
  const TensorView result = execution.Result(0);
  const OpTensors op = {execution.call.attributes, {&operand, 1}, {&result, 1}};
  const auto transform = [&](int64_t begin, int64_t end, int thread) {
    std::byte* const memory = execution.ThreadScratch(thread, kernel.thread_bytes);
    kernel.Transform(op, begin, end, {memory, static_cast<size_t>(kernel.thread_bytes)});
  };
  execution.threads.ForRanges(kernel.lines, kernel.task_lines, transform);
  return {};
}

}  // namespace stint::cpu::fft_lines
