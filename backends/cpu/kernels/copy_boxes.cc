// Copies whose axes are all affine: each source is a box that is moved to its place, after the
// result was filled if boxes leave any of it free.
#include <algorithm>

#include "backends/cpu/kernel_table.h"
#include "backends/cpu/kernels/float_call.h"
#include "backends/cpu/strided_copy.h"
#include "runtime/ops/copy.h"
#include "runtime/ops/walk.h"

namespace stint::cpu::copy_boxes {

namespace {

constexpr int64_t kElementsPerTask = 16384;

// A source's part that lands in the result.
struct Part {
  CopyBox box;
  int64_t begin[kMaxRank] = {};  // Where it lies in the result.
  int64_t end[kMaxRank] = {};
  int64_t from_offset = 0;  // Elements.
  int64_t to_offset = 0;
  int64_t rows_per_task = 1;

  int64_t tasks() const {
    return box.planes() * ((box.rows() + rows_per_task - 1) / rows_per_task);
  }
};

class BoxesKernel final : public PreparedKernel {
 public:
  Array<Part> parts;  // As the call's operands; rank 0 boxes hold nothing.
  bool fills = false;
  CopyBox whole;  // The result, for filling.
};

// Returns how many elements land in the result.
int64_t MakePart(const CopyAttributes& attributes, size_t source, const TensorView& from,
                 const TensorView& to, Part* part) {
  part->box.rank = to.rank;
  int64_t elements = 1;
  for (int axis = 0; axis < to.rank; ++axis) {
    const auto index = static_cast<int64_t>(source) * to.rank + axis;
    const int64_t start = attributes.starts[index].constant();
    const int64_t begin = std::max<int64_t>(start, 0);
    const int64_t end = std::min(start + from.extents[axis], to.extents[axis]);
    if (begin >= end) return 0;
    part->begin[axis] = begin;
    part->end[axis] = end;
    part->box.extents[axis] = end - begin;
    part->box.from_strides[axis] = from.strides[axis];
    part->box.to_strides[axis] = to.strides[axis];
    part->from_offset += (begin - start) * from.strides[axis];
    part->to_offset += begin * to.strides[axis];
    elements *= end - begin;
  }
  part->box.Simplify();
  const int64_t columns = part->box.extents[part->box.rank - 1];
  part->rows_per_task = std::max<int64_t>(kElementsPerTask / columns, 1);
  return elements;
}

bool Disjoint(const Part& a, const Part& b, int rank) {
  for (int axis = 0; axis < rank; ++axis) {
    if (a.end[axis] <= b.begin[axis] || b.end[axis] <= a.begin[axis]) return true;
  }
  return false;
}

// Whether parts of `elements` elements together are sure to cover the result.
bool Cover(std::span<const Part> parts, int64_t elements, const TensorView& to) {
  for (size_t i = 0; i < parts.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (parts[i].box.rank == 0 || parts[j].box.rank == 0) continue;
      if (!Disjoint(parts[i], parts[j], to.rank)) return false;
    }
  }
  return elements == ElementCount(to);
}

CopyBox WholeBox(const TensorView& to) {
  CopyBox box;
  box.rank = to.rank;
  std::copy_n(to.extents, to.rank, box.extents);
  std::copy_n(to.strides, to.rank, box.to_strides);
  std::copy_n(to.strides, to.rank, box.from_strides);
  box.Simplify();
  return box;
}

void FillResult(const Execution& execution, const BoxesKernel& kernel) {
  const TensorView y = execution.Result(0);
  const int64_t bytes = BytesOf(y.dtype);
  const auto& fill = execution.as<CopyAttributes>().fill;
  const CopyBox& box = kernel.whole;
  const int last = box.rank - 1;
  execution.threads.ForEach(box.planes() * box.rows(), [&](int64_t task, int) {
    const int64_t offset = OffsetsAt<1>(task, last, box.extents, {box.to_strides})[0];
    FillElements(fill.values, y.as<uint8_t>() + offset * bytes, bytes, box.to_strides[last],
                 box.extents[last]);
  });
}

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo&) {
  const auto& attributes = call.as<CopyAttributes>();
  for (int64_t i = 0; i < attributes.tables.size; ++i) {
    if (attributes.tables[i] != static_cast<int64_t>(AxisTable::kAffine)) {
      return "needs affine axes";
    }
  }
  return nullptr;
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  return {static_cast<double>(ElementCount(call.results[0].view)), BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device&, const KernelCall& call) {
  STINT_ASSIGN(auto kernel, Make<BoxesKernel>());
  const TensorView& to = call.results[0].view;
  int64_t covered = 0;
  for (size_t i = 0; i < call.operands.size(); ++i) {
    Part part;
    const int64_t elements =
        MakePart(call.as<CopyAttributes>(), i, call.operands[i].view, to, &part);
    if (elements == 0) part = Part();
    covered += elements;
    STINT_TRY(kernel->parts.Push(part));
  }
  kernel->fills = !Cover(kernel->parts.span(), covered, to);
  kernel->whole = WholeBox(to);
  return std::unique_ptr<PreparedKernel>(std::move(kernel));
}

Status Run(const Execution& execution) {
  const auto& kernel = static_cast<const BoxesKernel&>(execution.kernel);
  const TensorView y = execution.Result(0);
  const int64_t bytes = BytesOf(y.dtype);
  if (kernel.fills) FillResult(execution, kernel);
  for (size_t i = 0; i < kernel.parts.size(); ++i) {
    const Part& part = kernel.parts[i];
    if (part.box.rank == 0) continue;
    const auto* const from = execution.Operand(i).as<const uint8_t>() + part.from_offset * bytes;
    auto* const to = y.as<uint8_t>() + part.to_offset * bytes;
    const int64_t tasks_per_plane = (part.box.rows() + part.rows_per_task - 1) / part.rows_per_task;
    execution.threads.ForEach(part.tasks(), [&](int64_t task, int) {
      const int64_t row = task % tasks_per_plane * part.rows_per_task;
      CopyPlane(part.box, from, to, bytes, task / tasks_per_plane, row,
                std::min(row + part.rows_per_task, part.box.rows()));
    });
  }
  return {};
}

}  // namespace stint::cpu::copy_boxes
