#include "runtime/ops/copy.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "runtime/base/text.h"
#include "runtime/ops/elements.h"
#include "runtime/ops/op_table.h"
#include "runtime/ops/shape_checks.h"

namespace stint {

namespace {

constexpr Field kFields[] = {
    {1, "extents", FieldType::kExtents, offsetof(CopyAttributes, extents)},
    {2, "starts", FieldType::kLongExtents, offsetof(CopyAttributes, starts)},
    {3, "fill", FieldType::kBytes, offsetof(CopyAttributes, fill)},
    {4, "tables", FieldType::kIntList, offsetof(CopyAttributes, tables), 0, 4},
    {5, "scales", FieldType::kFloatList, offsetof(CopyAttributes, scales)},
    {6, "coordinate", FieldType::kEnum, offsetof(CopyAttributes, coordinate), 0, 5,
     kResizeCoordinateNames},
    {7, "rounding", FieldType::kEnum, offsetof(CopyAttributes, rounding), 0, 3,
     kResizeRoundingNames},
};

constexpr int kMaxSources = kMaxCoreOperands;

AxisTable TableOf(const CopyAttributes& attributes, int axis) {
  return attributes.tables.size == 0 ? AxisTable::kAffine
                                     : static_cast<AxisTable>(attributes.tables[axis]);
}

Status CheckListSizes(const CopyAttributes& attributes, size_t sources, int rank,
                      int64_t element_bytes) {
  const auto starts = static_cast<int64_t>(sources) * rank;
  STINT_TRY(CheckInt("starts", attributes.starts.size, starts, starts));
  if (attributes.tables.size != 0) {
    STINT_TRY(CheckInt("tables", attributes.tables.size, rank, rank));
  }
  if (attributes.scales.size != 0) {
    STINT_TRY(CheckInt("scales", attributes.scales.size, rank, rank));
  }
  if (attributes.fill.size != 0) {
    STINT_TRY(CheckInt("fill bytes", attributes.fill.size, element_bytes, element_bytes));
  }
  return {};
}

Status CheckTables(const CopyAttributes& attributes, size_t sources, int rank, DimContext& dims) {
  for (int axis = 0; axis < rank; ++axis) {
    const AxisTable table = TableOf(attributes, axis);
    if (table != AxisTable::kAffine && sources != 1) {
      return Error(Code::kInvalid, "tables", "found %zu sources with a table, allowed 1", sources);
    }
    if (table == AxisTable::kNearest) dims.Require(attributes.starts[axis], 0, "Copy start");
  }
  return CheckReals("scales", attributes.scales.span(), 0);
}

Status Infer(const OpShapes& op, DimContext& dims, std::span<TensorShape> results) {
  const auto& attributes = *static_cast<const CopyAttributes*>(op.attributes);
  TensorShape& y = results[0];
  y.dtype = op.operands[0].dtype;
  y.rank = static_cast<int>(attributes.extents.size);
  std::copy_n(attributes.extents.values, y.rank, y.extents);
  for (size_t i = 0; i < op.operands.size(); ++i) {
    const Formatted<> where("operand %zu", i);
    STINT_TRY(CheckRank(where.c_str(), op.operands[i], y.rank, y.rank));
    STINT_TRY(CheckDType(where.c_str(), op.operands[i], y.dtype));
  }
  STINT_TRY(CheckListSizes(attributes, op.operands.size(), y.rank, BytesOf(y.dtype)));
  for (const Dim start : attributes.starts.span()) {
    STINT_TRY(CheckDim("starts", start, -kMaxCopyStart, kMaxCopyStart));
  }
  return CheckTables(attributes, op.operands.size(), y.rank, dims);
}

int64_t Modulo(int64_t value, int64_t divisor) {
  const int64_t rest = value % divisor;
  return rest < 0 ? rest + divisor : rest;
}

int64_t Reflect(int64_t index, int64_t extent) {
  if (extent == 1) return 0;
  const int64_t period = 2 * (extent - 1);
  const int64_t within = Modulo(index, period);
  return within < extent ? within : period - within;
}

int64_t Nearest(const CopyAttributes& attributes, int axis, int64_t o, int64_t source_extent,
                int64_t result_extent) {
  const double given = attributes.scales.size == 0 ? 0 : attributes.scales[axis].value();
  ResizeAxis resize;
  resize.coordinate = attributes.coordinate;
  resize.source = source_extent;
  resize.result = result_extent;
  resize.scale =
      given != 0 ? given : static_cast<double>(result_extent) / static_cast<double>(source_extent);
  return RoundPosition(SourcePosition(resize, o), attributes.rounding, source_extent);
}

// What one run of the kernel looks at.
struct CopyRun {
  const OpTensors& op;
  int64_t bytes;
  const uint8_t* fill;
};

// The sources that cover the coordinates chosen so far, with the offsets that these give.
struct Covering {
  int count = 0;
  int source[kMaxSources];
  int64_t offset[kMaxSources];
};

Covering Narrow(const CopyRun& run, const Covering& outer, int axis, int64_t o) {
  const auto& attributes = run.op.as<CopyAttributes>();
  const TensorView& y = run.op.results[0];
  Covering inner;
  for (int i = 0; i < outer.count; ++i) {
    const TensorView& source = run.op.operands[outer.source[i]];
    const int64_t start = attributes.starts[outer.source[i] * y.rank + axis].constant();
    const int64_t index =
        SourceIndex(attributes, axis, o, start, source.extents[axis], y.extents[axis]);
    if (index < 0) continue;
    inner.source[inner.count] = outer.source[i];
    inner.offset[inner.count++] = outer.offset[i] + index * source.strides[axis];
  }
  return inner;
}

void CopyFrom(const CopyRun& run, const Covering& covering, int axis, int64_t offset) {
  const TensorView& y = run.op.results[0];
  if (axis < y.rank) {
    for (int64_t o = 0; o < y.extents[axis]; ++o) {
      CopyFrom(run, Narrow(run, covering, axis, o), axis + 1, offset + o * y.strides[axis]);
    }
    return;
  }
  if (covering.count == 0) {
    MoveElement(run.fill, 0, y.data, offset, run.bytes);
    return;
  }
  const int last = covering.count - 1;
  MoveElement(run.op.operands[covering.source[last]].data, covering.offset[last], y.data, offset,
              run.bytes);
}

Status Run(const OpTensors& op) {
  const auto& attributes = op.as<CopyAttributes>();
  Covering all;
  for (size_t i = 0; i < op.operands.size(); ++i) {
    all.source[all.count] = static_cast<int>(i);
    all.offset[all.count++] = 0;
  }
  if (ElementCount(op.results[0]) == 0) return {};
  CopyFrom({op, BytesOf(op.results[0].dtype), attributes.fill.values}, all, 0, 0);
  return {};
}

}  // namespace

int64_t SourceIndex(const CopyAttributes& attributes, int axis, int64_t o, int64_t start,
                    int64_t source_extent, int64_t result_extent) {
  if (source_extent <= 0) return -1;
  const int64_t index = o - start;
  switch (TableOf(attributes, axis)) {
    case AxisTable::kAffine:
      return index >= 0 && index < source_extent ? index : -1;
    case AxisTable::kEdge:
      return std::clamp<int64_t>(index, 0, source_extent - 1);
    case AxisTable::kReflect:
      return Reflect(index, source_extent);
    case AxisTable::kWrap:
      return Modulo(index, source_extent);
    case AxisTable::kNearest:
      return Nearest(attributes, axis, o, source_extent, result_extent);
  }
  return -1;
}

constinit const OpInfo kCopyOp = {
    .kind = OpKind::kCopy,
    .name = "Copy",
    .summary = "Moves elements of any type from strided sources into places of the result.",
    .fields = kFields,
    .attributes_size = sizeof(CopyAttributes),
    .construct = ConstructAttributes<CopyAttributes>,
    .required_operands = 1,
    .core_operands = kMaxSources,
    .variadic = true,
    .core_results = 1,
    .strided_operands = 0xffff,
    .keeps_precision = false,
    .prologue = nullptr,
    .epilogue = nullptr,
    .infer = Infer,
    .reference = Run,
};

}  // namespace stint
