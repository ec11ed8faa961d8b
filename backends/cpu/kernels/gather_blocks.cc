// Gather on all threads, blocks of lines at a time. What one index picks moves whole where it lies
// without gaps.
#include "runtime/ops/gather.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "backends/cpu/kernel_table.h"
#include "backends/cpu/kernels/float_call.h"
#include "runtime/base/checked.h"
#include "runtime/ops/elements.h"

namespace stint::cpu::gather_blocks {

namespace {

// Results of at least so many bytes are a task.
constexpr int64_t kTaskBytes = 16384;

// Strides of one axis of the result in each tensor: 0 where it does not move there.
struct Axis {
  int64_t extent = 1;
  int64_t y = 0;
  int64_t data = 0;
  int64_t index = 0;
};

class GatherKernel final : public PreparedKernel {
 public:
  // Of the result; the last one, `inner`, is walked by the loop that moves elements.
  Axis axes[kMaxRank];
  int rank = 0;
  Axis inner;
  // The numbers of one index and what each of them moves.
  int depth = 1;
  int64_t number_step = 0;
  int64_t extents[kMaxRank] = {};
  int64_t strides[kMaxRank] = {};
  int64_t width = 0;
  // Lines run along `inner` and are cut into parts of `part` elements.
  int64_t part = 1;
  int64_t line_parts = 1;
  int64_t parts = 0;
  int64_t task_parts = 1;
};

void AddPicked(const TensorView& data, int axis, int number, GatherKernel* kernel) {
  kernel->extents[number] = data.extents[axis];
  kernel->strides[number] = data.strides[axis];
}

// The strides of the result's axes, as the reference kernel walks them.
void DescribeAxes(const KernelCall& call, GatherKernel* kernel) {
  const auto& attributes = call.as<GatherAttributes>();
  const TensorView& data = call.operands[0].view;
  const TensorView& indices = call.operands[1].view;
  const auto axis = static_cast<int>(attributes.axis);
  const auto set = [&](int first, int count, const int64_t* strides, int64_t Axis::* member) {
    for (int i = 0; i < count; ++i) kernel->axes[first + i].*member = strides[i];
  };
  switch (attributes.mode) {
    case GatherMode::kAxis:
      set(0, axis, data.strides, &Axis::data);
      set(axis, indices.rank, indices.strides, &Axis::index);
      set(axis + indices.rank, data.rank - axis - 1, data.strides + axis + 1, &Axis::data);
      AddPicked(data, axis, 0, kernel);
      break;
    case GatherMode::kElements:
      set(0, data.rank, data.strides, &Axis::data);
      set(0, indices.rank, indices.strides, &Axis::index);
      kernel->axes[axis].data = 0;
      AddPicked(data, axis, 0, kernel);
      break;
    case GatherMode::kNd: {
      const auto batch = static_cast<int>(attributes.batch_dims);
      const int kept = indices.rank - 1;
      kernel->depth = static_cast<int>(indices.extents[kept]);
      kernel->number_step = indices.strides[kept];
      const int after = batch + kernel->depth;
      set(0, batch, data.strides, &Axis::data);
      set(kept, data.rank - after, data.strides + after, &Axis::data);
      set(0, kept, indices.strides, &Axis::index);
      for (int i = 0; i < kernel->depth; ++i) AddPicked(data, batch + i, i, kernel);
      break;
    }
  }
}

// Takes the last axes off the walk: one, and those before it that continue it.
void JoinInner(GatherKernel* kernel) {
  if (kernel->rank == 0) return;
  kernel->inner = kernel->axes[--kernel->rank];
  Axis& inner = kernel->inner;
  for (; kernel->rank > 0; --kernel->rank) {
    const Axis& next = kernel->axes[kernel->rank - 1];
    if (next.y != inner.y * inner.extent || next.data != inner.data * inner.extent ||
        next.index != inner.index * inner.extent) {
      break;
    }
    inner.extent *= next.extent;
  }
}

// Whether the index at `at` is within the tensor; then `*offset` moves to what it picks.
bool Pick(const GatherKernel& kernel, const TensorView& indices, int64_t at, int64_t* offset) {
  for (int i = 0; i < kernel.depth; ++i, at += kernel.number_step) {
    int64_t index = LoadIndex(indices, at);
    if (index < 0) index += kernel.extents[i];
    if (index < 0 || index >= kernel.extents[i]) return false;
    *offset += index * kernel.strides[i];
  }
  return true;
}

// Where something begins in each tensor, in elements.
struct Place {
  int64_t y = 0;
  int64_t data = 0;
  int64_t index = 0;

  void Move(const Axis& axis, int64_t count) {
    y += count * axis.y;
    data += count * axis.data;
    index += count * axis.index;
  }
};

struct Tensors {
  const uint8_t* data;
  TensorView indices;
  uint8_t* y;
};

// Bytes of one element, 0: `kernel.width`.
template <size_t kWidth>
bool MoveElements(const GatherKernel& kernel, const Tensors& tensors, const Place& at,
                  int64_t count) {
  const Axis& inner = kernel.inner;
  const size_t width = kWidth == 0 ? static_cast<size_t>(kernel.width) : kWidth;
  const auto step = static_cast<int64_t>(width);
  const bool one_index = inner.index == 0;
  int64_t picked = 0;
  if (one_index && !Pick(kernel, tensors.indices, at.index, &picked)) return false;
  for (int64_t i = 0; i < count; ++i) {
    int64_t offset = at.data + i * inner.data + picked;
    if (!one_index && !Pick(kernel, tensors.indices, at.index + i * inner.index, &offset)) {
      return false;
    }
    std::memcpy(tensors.y + (at.y + i * inner.y) * step, tensors.data + offset * step, width);
  }
  return true;
}

bool MoveWhole(const GatherKernel& kernel, const Tensors& tensors, const Place& at, int64_t count) {
  int64_t offset = at.data;
  if (!Pick(kernel, tensors.indices, at.index, &offset)) return false;
  std::memcpy(tensors.y + at.y * kernel.width, tensors.data + offset * kernel.width,
              static_cast<size_t>(count * kernel.width));
  return true;
}

// Whether all indices of the part were within the tensor.
bool MovePart(const GatherKernel& kernel, const Tensors& tensors, int64_t part) {
  const Axis& inner = kernel.inner;
  const int64_t first = part % kernel.line_parts * kernel.part;
  const int64_t count = std::min(kernel.part, inner.extent - first);
  Place at;
  at.Move(inner, first);
  int64_t line = part / kernel.line_parts;
  for (int axis = kernel.rank - 1; axis >= 0; --axis) {
    at.Move(kernel.axes[axis], line % kernel.axes[axis].extent);
    line /= kernel.axes[axis].extent;
  }
  if (inner.index == 0 && inner.y == 1 && inner.data == 1) {
    return MoveWhole(kernel, tensors, at, count);
  }
  switch (kernel.width) {
    case 1:
      return MoveElements<1>(kernel, tensors, at, count);
    case 2:
      return MoveElements<2>(kernel, tensors, at, count);
    case 4:
      return MoveElements<4>(kernel, tensors, at, count);
    case 8:
      return MoveElements<8>(kernel, tensors, at, count);
    default:
      return MoveElements<0>(kernel, tensors, at, count);
  }
}

}  // namespace

const char* Reject(const KernelCall&, const DeviceInfo&) { return nullptr; }

Work Cost(const KernelCall& call, const DeviceInfo&) {
  const TensorView& y = call.results[0].view;
  const auto elements = static_cast<double>(ElementCount(y));
  // What is read of the data is as much as is written, however large it is.
  return {elements, 2 * elements * static_cast<double>(BytesOf(y.dtype))};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device&, const KernelCall& call) {
  STINT_ASSIGN(auto kernel, Make<GatherKernel>());
  const TensorView& y = call.results[0].view;
  kernel->rank = y.rank;
  kernel->width = BytesOf(y.dtype);
  for (int axis = 0; axis < y.rank; ++axis) {
    kernel->axes[axis].extent = y.extents[axis];
    kernel->axes[axis].y = y.strides[axis];
  }
  DescribeAxes(call, kernel.get());
  JoinInner(kernel.get());
  const int64_t extent = kernel->inner.extent;
  const int64_t task_elements = kTaskBytes / kernel->width;
  kernel->part = std::min(extent, task_elements);
  kernel->line_parts = CeilDivide(extent, kernel->part);
  kernel->parts = ElementCount(y) / extent * kernel->line_parts;
  kernel->task_parts = task_elements / kernel->part;
  return std::unique_ptr<PreparedKernel>(std::move(kernel));
}

Status Run(const Execution& execution) {
  const auto& kernel = static_cast<const GatherKernel&>(execution.kernel);
  const TensorView operands[] = {execution.Operand(0), execution.Operand(1)};
  const TensorView y = execution.Result(0);
  const Tensors tensors = {operands[0].as<const uint8_t>(), operands[1], y.as<uint8_t>()};
  std::atomic<bool> failed{false};
  execution.threads.ForRanges(kernel.parts, kernel.task_parts, [&](int64_t part, int64_t end, int) {
    for (; part < end; ++part) {
      if (!MovePart(kernel, tensors, part)) failed.store(true, std::memory_order_relaxed);
    }
  });
  if (!failed.load(std::memory_order_relaxed)) return {};
  // Names the first index that is out of range.
  Status status = kGatherOp.reference({execution.call.attributes, operands, {&y, 1}});
  return status.ok() ? Status() : std::move(status).At(kGatherOp.name);
}

}  // namespace stint::cpu::gather_blocks
