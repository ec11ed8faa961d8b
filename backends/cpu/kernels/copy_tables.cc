// Copies of one source whose axes map by tables (clamped, mirrored, wrapped, nearest): the tables
// are computed once when the kernel is prepared, and rows are gathered through the last of them.
#include <algorithm>
#include <cstring>

#include "backends/cpu/kernel_table.h"
#include "backends/cpu/kernels/float_call.h"
#include "backends/cpu/strided_copy.h"
#include "runtime/ops/copy.h"
#include "runtime/ops/walk.h"

namespace stint::cpu::copy_tables {

namespace {

constexpr int64_t kFillIndex = INT64_MIN;
constexpr int64_t kLargestTable = int64_t{1} << 26;

class TablesKernel final : public PreparedKernel {
 public:
  Array<int64_t> offsets[kMaxRank];  // Source offset in elements, or kFillIndex.
};

template <typename T>
void GatherRow(const T* from, const Array<int64_t>& offsets, const uint8_t* fill, T* to,
               int64_t step) {
  T element;
  std::memcpy(&element, fill, sizeof(T));
  const int64_t* const table = offsets.data();
  const auto count = static_cast<int64_t>(offsets.size());
  for (int64_t i = 0; i < count; ++i) {
    to[i * step] = table[i] == kFillIndex ? element : from[table[i]];
  }
}

struct Wide {
  uint64_t parts[2];
};

void GatherBytes(const void* from, int64_t from_offset, const Array<int64_t>& offsets,
                 const uint8_t* fill, void* to, int64_t to_offset, int64_t step, int64_t bytes) {
  const auto gather = [&](auto zero) {
    using T = decltype(zero);
    GatherRow(static_cast<const T*>(from) + from_offset, offsets, fill,
              static_cast<T*>(to) + to_offset, step);
  };
  switch (bytes) {
    case 1:
      return gather(uint8_t{});
    case 2:
      return gather(uint16_t{});
    case 4:
      return gather(uint32_t{});
    case 8:
      return gather(uint64_t{});
    default:
      return gather(Wide{});
  }
}

void RunRow(const Execution& execution, int64_t row) {
  const auto& kernel = static_cast<const TablesKernel&>(execution.kernel);
  const TensorView x = execution.Operand(0);
  const TensorView y = execution.Result(0);
  const auto& fill = execution.as<CopyAttributes>().fill;
  const int last = y.rank - 1;
  int64_t from = 0;
  int64_t to = 0;
  bool filled = false;
  ForCoordinates(row, last, y.extents, -1, [&](int axis, int64_t at) {
    const int64_t offset = kernel.offsets[axis][static_cast<size_t>(at)];
    filled = filled || offset == kFillIndex;
    from += filled ? 0 : offset;
    to += at * y.strides[axis];
  });
  const int64_t bytes = BytesOf(y.dtype);
  if (filled) {
    FillElements(fill.values, y.as<uint8_t>() + to * bytes, bytes, y.strides[last],
                 y.extents[last]);
    return;
  }
  GatherBytes(x.data, from, kernel.offsets[last], fill.values, y.data, to, y.strides[last], bytes);
}

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo&) {
  const TensorView& y = call.results[0].view;
  if (call.operands.size() != 1) return "needs one source";
  if (y.rank == 0) return "needs an axis";
  int64_t entries = 0;
  for (int axis = 0; axis < y.rank; ++axis) {
    if (y.extents[axis] > kLargestTable) return "needs shorter axes";
    entries += y.extents[axis];
  }
  return entries <= kLargestTable ? nullptr : "needs shorter axes";
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  return {static_cast<double>(ElementCount(call.results[0].view)), BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device&, const KernelCall& call) {
  STINT_ASSIGN(auto kernel, Make<TablesKernel>());
  const auto& attributes = call.as<CopyAttributes>();
  const TensorView& x = call.operands[0].view;
  const TensorView& y = call.results[0].view;
  for (int axis = 0; axis < y.rank; ++axis) {
    Array<int64_t>& offsets = kernel->offsets[axis];
    STINT_TRY(offsets.Resize(static_cast<size_t>(y.extents[axis])));
    kernel->held_bytes += offsets.size() * sizeof(int64_t);
    const int64_t start = attributes.starts[axis].constant();
    for (int64_t o = 0; o < y.extents[axis]; ++o) {
      const int64_t index =
          SourceIndex(attributes, axis, o, start, x.extents[axis], y.extents[axis]);
      offsets[static_cast<size_t>(o)] = index < 0 ? kFillIndex : index * x.strides[axis];
    }
  }
  return std::unique_ptr<PreparedKernel>(std::move(kernel));
}

Status Run(const Execution& execution) {
  const TensorView y = execution.Result(0);
  const int64_t rows = ElementCount(y) / y.extents[y.rank - 1];
  execution.threads.ForEach(rows, [&](int64_t row, int) { RunRow(execution, row); });
  return {};
}

}  // namespace stint::cpu::copy_tables
