// Copies: a dispatch a source moves the box of it that lands in the result; where sources leave any
// of the result free, a dispatch before them fills it. Axes that do not simply shift have tables of
// offsets among the parameters.
#include "runtime/ops/copy.h"

#include <algorithm>
#include <cstring>

#include "backends/gpu/kernel_table.h"
#include "backends/gpu/rows/dispatch.h"

namespace stint::gpu::copy {

namespace {

constexpr uint32_t kInvocations = 256;
constexpr int64_t kMaxTableWords = 16384;  // Of all axes.
constexpr uint32_t kNoOperand = UINT32_MAX;
// Words of kernels/copy.glsl.
constexpr uint32_t kOffsetWord = 2;
constexpr uint32_t kTableWord = 33;
constexpr uint32_t kFirstFreeWord = kTableWord + kMaxRank;

// What one dispatch moves.
struct Box {
  int rank = 0;
  int64_t elements = 1;
  int64_t begin[kMaxRank] = {};  // Where it lies in the result.
  int64_t end[kMaxRank] = {};
  int64_t from_offset = 0;  // Elements.
  int64_t to_offset = 0;
  int64_t extents[kMaxRank] = {};
  int64_t from_strides[kMaxRank] = {};
  int64_t to_strides[kMaxRank] = {};
  int axis[kMaxRank] = {};  // Of the table, where the axis has one.
  bool has_table[kMaxRank] = {};

  bool has_tables() const {
    return std::find(has_table, has_table + rank, true) != has_table + rank;
  }
};

struct Part {
  uint32_t operand = kNoOperand;  // The fill value.
  Pipeline* pipeline = nullptr;
  Array<uint32_t> parameters;
  Binding bindings[2];
  uint32_t groups[3] = {1, 1, 1};
};

class CopyKernel final : public PreparedKernel {
 public:
  const DeviceInfo* device = nullptr;
  Array<Part> parts;
};

bool HasTable(const CopyAttributes& attributes, int axis) {
  return attributes.tables.size != 0 &&
         attributes.tables[axis] != static_cast<int64_t>(AxisTable::kAffine);
}

// Adds an axis inside those that are there.
void AddAxis(int64_t extent, int64_t from, int64_t to, Box* box) {
  if (extent == 1) return;
  const int last = box->rank - 1;
  const bool joins = last >= 0 && !box->has_table[last] &&
                     box->from_strides[last] == extent * from &&
                     box->to_strides[last] == extent * to;
  const int at = joins ? last : box->rank++;
  box->extents[at] = joins ? box->extents[at] * extent : extent;
  box->from_strides[at] = from;
  box->to_strides[at] = to;
}

void AddTableAxis(int axis, int64_t extent, int64_t to, Box* box) {
  const int at = box->rank++;
  box->extents[at] = extent;
  box->to_strides[at] = to;
  box->axis[at] = axis;
  box->has_table[at] = true;
}

// The part of a source that lands in the result; without elements when there is none.
Box BoxOf(const CopyAttributes& attributes, size_t source, const TensorView& from,
          const TensorView& to) {
  Box box;
  for (int axis = 0; axis < to.rank; ++axis) {
    const int64_t start =
        attributes.starts[static_cast<int64_t>(source) * to.rank + axis].constant();
    const bool table = HasTable(attributes, axis);
    box.begin[axis] = table ? 0 : std::max<int64_t>(start, 0);
    box.end[axis] =
        table ? to.extents[axis] : std::min(start + from.extents[axis], to.extents[axis]);
    if (from.extents[axis] == 0 || box.begin[axis] >= box.end[axis]) {
      box.elements = 0;
      return box;
    }
    const int64_t extent = box.end[axis] - box.begin[axis];
    box.elements *= extent;
    if (table) {
      AddTableAxis(axis, extent, to.strides[axis], &box);
      continue;
    }
    AddAxis(extent, from.strides[axis], to.strides[axis], &box);
    box.from_offset += (box.begin[axis] - start) * from.strides[axis];
    box.to_offset += box.begin[axis] * to.strides[axis];
  }
  return box;
}

Box WholeBox(const TensorView& to) {
  Box box;
  for (int axis = 0; axis < to.rank; ++axis) {
    AddAxis(to.extents[axis], to.strides[axis], to.strides[axis], &box);
    box.elements *= to.extents[axis];
  }
  return box;
}

bool Disjoint(const Box& a, const Box& b, int rank) {
  for (int axis = 0; axis < rank; ++axis) {
    if (a.end[axis] <= b.begin[axis] || b.end[axis] <= a.begin[axis]) return true;
  }
  return false;
}

// Whether boxes are sure to cover the result.
bool Cover(std::span<const Box> boxes, const TensorView& to) {
  int64_t elements = 0;
  for (size_t i = 0; i < boxes.size(); ++i) {
    elements += boxes[i].elements;
    for (size_t j = 0; j < i; ++j) {
      if (!Disjoint(boxes[i], boxes[j], to.rank)) return false;
    }
  }
  return elements == ElementCount(to);
}

const KernelSource* SourceOf(const TensorView& view) {
  switch (BytesOf(view.dtype)) {
    case 1:
      return &sources::copy_u8;
    case 2:
      return &sources::copy_u16;
    case 4:
      return &sources::copy_u32;
    case 8:
      return &sources::copy_u64;
    default:
      return &sources::copy_u128;
  }
}

Status AddTables(const CopyAttributes& attributes, const KernelCall& call, const Box& box,
                 Array<uint32_t>* parameters) {
  const TensorView& to = call.results[0].view;
  const TensorView& from = call.operands[0].view;
  for (int i = 0; i < box.rank; ++i) {
    if (!box.has_table[i]) continue;
    const int axis = box.axis[i];
    (*parameters)[kTableWord + static_cast<uint32_t>(i)] =
        static_cast<uint32_t>(parameters->size());
    const int64_t start = attributes.starts[axis].constant();
    for (int64_t o = 0; o < to.extents[axis]; ++o) {
      const int64_t index =
          SourceIndex(attributes, axis, o, start, from.extents[axis], to.extents[axis]);
      STINT_TRY(parameters->Push(static_cast<uint32_t>(index * from.strides[axis])));
    }
  }
  return {};
}

Status SetParameters(const KernelCall& call, const Box& box, Part* part) {
  const auto& attributes = call.as<CopyAttributes>();
  STINT_TRY(part->parameters.Resize(2));  // The bases.
  Words words;
  words.Add({box.from_offset, box.to_offset, box.elements});
  uint32_t fill[4] = {};
  std::memcpy(fill, attributes.fill.values, sizeof(fill));
  words.Add({fill[0], fill[1], fill[2], fill[3]});
  words.AddList(box.extents, box.rank, kMaxRank);
  words.AddList(box.from_strides, box.rank, kMaxRank);
  words.AddList(box.to_strides, box.rank, kMaxRank);
  STINT_TRY(part->parameters.Resize(kFirstFreeWord));
  std::copy_n(words.values, words.count, part->parameters.begin() + kOffsetWord);
  return AddTables(attributes, call, box, &part->parameters);
}

Status AddPart(GpuDevice& device, const KernelCall& call, uint32_t operand, const Box& box,
               CopyKernel* kernel) {
  Part part;
  part.operand = operand;
  PipelineDescription description;
  description.source = SourceOf(call.results[0].view);
  description.constants[0] = static_cast<uint32_t>(box.rank);
  description.constants[1] = operand == kNoOperand ? 1 : 0;
  description.constants[2] = box.has_tables() ? 1 : 0;
  description.constant_count = 3;
  STINT_ASSIGN(part.pipeline, device.FindPipeline(description));
  STINT_TRY(SetParameters(call, box, &part));
  FoldGroups(CeilDivide(static_cast<uint64_t>(box.elements), kInvocations), part.groups);
  kernel->held_bytes += part.parameters.size() * sizeof(uint32_t);
  return kernel->parts.Push(std::move(part));
}

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo& device) {
  const TensorView& y = call.results[0].view;
  const char* reason = RejectDevice(device, {3, kInvocations, 0}, y.dtype);
  if (reason != nullptr) return reason;
  int64_t words = 0;
  for (int axis = 0; axis < y.rank; ++axis) {
    if (!HasTable(call.as<CopyAttributes>(), axis)) continue;
    if (y.extents[axis] > kMaxTableWords) return "needs shorter axes with tables";
    words += y.extents[axis];
  }
  if (words > kMaxTableWords) return "needs shorter axes with tables";
  for (const DeviceTensor& operand : call.operands) {
    reason = RejectView(operand.view, y.dtype, device);
    if (reason != nullptr) return reason;
  }
  return RejectView(y, y.dtype, device);
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  return {static_cast<double>(ElementCount(call.results[0].view)), BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  STINT_ASSIGN(auto kernel, Make<CopyKernel>());
  auto& gpu = static_cast<GpuDevice&>(device);
  kernel->device = &gpu.info();
  const TensorView& to = call.results[0].view;
  Array<Box> boxes;
  for (size_t i = 0; i < call.operands.size(); ++i) {
    STINT_TRY(boxes.Push(BoxOf(call.as<CopyAttributes>(), i, call.operands[i].view, to)));
  }
  if (!Cover(boxes.span(), to)) {
    STINT_TRY(AddPart(gpu, call, kNoOperand, WholeBox(to), kernel.get()));
  }
  for (size_t i = 0; i < boxes.size(); ++i) {
    if (boxes[i].elements == 0) continue;
    STINT_TRY(AddPart(gpu, call, static_cast<uint32_t>(i), boxes[i], kernel.get()));
  }
  kernel->commands = static_cast<uint32_t>(kernel->parts.size());
  return std::unique_ptr<PreparedKernel>(std::move(kernel));
}

Status Record(CommandList& commands, PreparedKernel& prepared, const KernelCall& call,
              const DeviceTensor&) {
  auto& kernel = static_cast<CopyKernel&>(prepared);
  const DeviceTensor& to = call.results[0];
  for (Part& part : kernel.parts) {
    const DeviceTensor& from = part.operand == kNoOperand ? to : call.operands[part.operand];
    part.bindings[0] = BindTensor(from, *kernel.device, false, &part.parameters[0]);
    part.bindings[1] = BindTensor(to, *kernel.device, true, &part.parameters[1]);
    Dispatch dispatch;
    dispatch.pipeline = part.pipeline;
    dispatch.parameters = part.parameters.span();
    dispatch.bindings = part.bindings;
    std::copy_n(part.groups, 3, dispatch.groups);
    STINT_TRY(static_cast<GpuCommandList&>(commands).Add(dispatch));
  }
  return {};
}

}  // namespace stint::gpu::copy
