// Resample on all threads, a line at a time. Lines of float32 that lie without gaps are blended by
// SIMD from the lines around them, and then, if their own axis is scaled too, along themselves;
// others are the reference's, and its bits. Tap tables are computed when the kernel is prepared.
#include "runtime/ops/resample_lines.h"

#include <algorithm>

#include "backends/cpu/kernel_table.h"
#include "backends/cpu/kernels/call_shapes.h"
#include "backends/cpu/kernels/float_call.h"
#include "backends/cpu/micro/rows.h"
#include "backends/cpu/micro/tiles.h"
#include "runtime/base/checked.h"
#include "runtime/ops/walk.h"

namespace stint::cpu::resample_lines {

namespace {

// Results of at least so many elements are a task.
constexpr int64_t kTaskElements = 4096;
// Lines that are blended into one at most: four taps on two axes.
constexpr int kMostRows = 16;
// Of tables: they are beside the arena, whose limit covers the reference's.
constexpr uint64_t kMostTableBytes = uint64_t{16} << 20;

uint64_t TableBytes(const OpTensors& op) {
  Scratch memory;
  const ResampleTables tables(op, memory);
  return memory.bytes();
}

// The taps of one axis as the inner loop reads them.
struct LineTap {
  int32_t index;
  float weight;
};

class ResampleKernel final : public PreparedKernel {
 public:
  ResampleKernel(const OpTensors& op, Scratch& measured, const RowKernels& micro)
      : rows(micro), tables(op, measured) {}

  const RowKernels& rows;
  ResampleTables tables;
  Array<std::byte> memory;
  // The axis that lines run along; -1: the last one, by the reference.
  int inner = -1;
  bool scales_inner = false;
  Array<int32_t> starts;  // Of the inner axis' taps, where it is scaled.
  Array<LineTap> taps;
  uint64_t thread_bytes = 0;
  int64_t lines = 0;
  int64_t task_lines = 1;
};

// The axis along which neither tensor has gaps, rather one that is not scaled; -1: there is none.
int InnerAxis(const OpTensors& op, const ResampleTables& tables) {
  int found = -1;
  for (int axis = 0; axis < op.operands[0].rank; ++axis) {
    if (op.operands[0].strides[axis] != 1 || op.results[0].strides[axis] != 1) continue;
    if (op.results[0].extents[axis] == 1 && found >= 0) continue;
    if (found < 0 || op.results[0].extents[found] == 1 || tables.axes[axis].is_identity()) {
      found = axis;
    }
  }
  return found;
}

// The most lines that one line is blended from, up to kMostRows + 1.
int RowsOf(const OpTensors& op, const ResampleTables& tables, int inner) {
  size_t rows = 1;
  for (int axis = 0; axis < op.results[0].rank; ++axis) {
    if (axis == inner || tables.axes[axis].is_identity()) continue;
    size_t most = 0;
    for (int64_t i = 0; i < op.results[0].extents[axis]; ++i) {
      most = std::max(most, tables.axes[axis].taps(i).size());
    }
    rows = std::min<size_t>(rows * std::min<size_t>(most, kMostRows + 1), kMostRows + 1);
  }
  return static_cast<int>(rows);
}

bool CanBlend(const OpTensors& op) {
  const auto& attributes = op.as<ResampleAttributes>();
  return op.operands[0].dtype == DType::kFloat32 && attributes.mode != ResampleMode::kNearest &&
         attributes.coordinate != ResizeCoordinate::kTfCropAndResize;
}

// Compact taps for the inner axis.
Status PrepareInner(const OpTensors& op, ResampleKernel* kernel) {
  const ResampleTable& table = kernel->tables.axes[kernel->inner];
  const int64_t count = op.results[0].extents[kernel->inner];
  STINT_TRY(kernel->starts.Reserve(static_cast<size_t>(count) + 1));
  STINT_TRY(kernel->starts.Push(0));
  for (int64_t i = 0; i < count; ++i) {
    for (const ResampleTap& tap : table.taps(i)) {
      STINT_TRY(
          kernel->taps.Push({static_cast<int32_t>(tap.index), static_cast<float>(tap.weight)}));
    }
    STINT_TRY(kernel->starts.Push(static_cast<int32_t>(kernel->taps.size())));
  }
  kernel->held_bytes += kernel->starts.size() * sizeof(int32_t);
  kernel->held_bytes += kernel->taps.size() * sizeof(LineTap);
  kernel->thread_bytes =
      AlignUp(static_cast<uint64_t>(op.operands[0].extents[kernel->inner]) * sizeof(float), 64);
  return {};
}

Status ChooseInner(const OpTensors& op, ResampleKernel* kernel) {
  if (!CanBlend(op)) return {};
  const int inner = InnerAxis(op, kernel->tables);
  if (inner < 0 || op.operands[0].extents[inner] > INT32_MAX) return {};
  if (RowsOf(op, kernel->tables, inner) > kMostRows) return {};
  kernel->inner = inner;
  kernel->scales_inner = !kernel->tables.axes[inner].is_identity();
  return kernel->scales_inner ? PrepareInner(op, kernel) : Status();
}

// The lines that one line of the result is blended from.
struct Blend {
  const float* rows[kMostRows];
  float weights[kMostRows];
  int count = 1;

  void Scale(std::span<const ResampleTap> taps, int64_t stride) {
    const int before = count;
    for (size_t tap = taps.size(); tap-- > 0;) {
      const auto first = static_cast<int>(tap) * before;
      for (int i = 0; i < before; ++i) {
        rows[first + i] = rows[i] + taps[tap].index * stride;
        weights[first + i] = weights[i] * static_cast<float>(taps[tap].weight);
      }
    }
    count = before * static_cast<int>(taps.size());
  }
};

void ScaleLine(const ResampleKernel& kernel, const float* from, float* to) {
  const LineTap* const taps = kernel.taps.data();
  const auto count = static_cast<int64_t>(kernel.starts.size()) - 1;
  for (int64_t i = 0; i < count; ++i) {
    const int32_t begin = kernel.starts[static_cast<size_t>(i)];
    const int32_t end = kernel.starts[static_cast<size_t>(i) + 1];
    float sum = taps[begin].weight * from[taps[begin].index];
    for (int32_t tap = begin + 1; tap < end; ++tap) sum += taps[tap].weight * from[taps[tap].index];
    to[i] = sum;
  }
}

void BlendLine(const ResampleKernel& kernel, const TensorView& x, const TensorView& y, int64_t line,
               float* memory) {
  Blend blend;
  blend.rows[0] = x.as<const float>();
  blend.weights[0] = 1;
  auto* to = y.as<float>();
  ForCoordinates(line, y.rank, y.extents, kernel.inner, [&](int axis, int64_t at) {
    to += at * y.strides[axis];
    blend.Scale(kernel.tables.axes[axis].taps(at), x.strides[axis]);
  });
  // Without scales the result may be shorter than the operand.
  const int64_t count = (kernel.scales_inner ? x : y).extents[kernel.inner];
  const float* from = blend.rows[0];
  float* const blended = kernel.scales_inner ? memory : to;
  if (!kernel.scales_inner || blend.count > 1 || blend.weights[0] != 1) {
    kernel.rows.blend(blend.rows, blend.weights, blend.count, count, blended);
    from = blended;
  }
  if (kernel.scales_inner) ScaleLine(kernel, from, to);
}

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo&) {
  return TableBytes(CallShapes(call).op()) > kMostTableBytes ? "needs fewer taps" : nullptr;
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  return {static_cast<double>(ElementCount(call.results[0].view)), BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  const CallShapes shapes(call);
  const OpTensors& op = shapes.op();
  Scratch measured;
  STINT_ASSIGN(auto kernel,
               Make<ResampleKernel>(op, measured, *static_cast<CpuDevice&>(device).nhwc().rows));
  STINT_TRY(kernel->memory.Resize(static_cast<size_t>(measured.bytes())));
  kernel->held_bytes = measured.bytes();
  Scratch memory(kernel->memory.span());
  kernel->tables = ResampleTables(op, memory);
  kernel->tables.Fill(op);
  STINT_TRY(ChooseInner(op, kernel.get()));
  const TensorView& y = op.results[0];
  const int64_t count = ElementCount(y);
  kernel->lines = kernel->inner < 0 ? ResampleLineCount(y) : count / y.extents[kernel->inner];
  kernel->task_lines = std::max<int64_t>(kTaskElements / (count / kernel->lines), 1);
  const int64_t tasks = CeilDivide(kernel->lines, kernel->task_lines);
  kernel->scratch_bytes = ThreadScratch(device, tasks, kernel->thread_bytes);
  return std::unique_ptr<PreparedKernel>(std::move(kernel));
}

Status Run(const Execution& execution) {
  const auto& kernel = static_cast<const ResampleKernel&>(execution.kernel);
  const TensorView x = execution.Operand(0);
  const TensorView y = execution.Result(0);
  const auto resample = [&](int64_t begin, int64_t end, int thread) {
    if (kernel.inner < 0) {
      ResampleLines({execution.call.attributes, {&x, 1}, {&y, 1}}, kernel.tables, begin, end);
      return;
    }
    auto* const memory =
        reinterpret_cast<float*>(execution.ThreadScratch(thread, kernel.thread_bytes));
    for (int64_t line = begin; line < end; ++line) BlendLine(kernel, x, y, line, memory);
  };
  execution.threads.ForRanges(kernel.lines, kernel.task_lines, resample);
  return {};
}

}  // namespace stint::cpu::resample_lines
