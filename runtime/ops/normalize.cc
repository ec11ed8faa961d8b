#include "runtime/ops/normalize.h"

#include <cstddef>

#include "runtime/base/math.h"
#include "runtime/ops/elements.h"
#include "runtime/ops/op_table.h"
#include "runtime/ops/shape_checks.h"
#include "runtime/ops/sum.h"
#include "runtime/ops/walk.h"

namespace stint {

namespace {

constexpr const char* kKinds[] = {"standard", "rms"};

constexpr Field kFields[] = {
    {1, "kind", FieldType::kEnum, offsetof(NormalizeAttributes, kind), 0, 1, kKinds},
    {2, "axis", FieldType::kInt, offsetof(NormalizeAttributes, axis), 0, kMaxRank},
    {3, "epsilon", FieldType::kFloat, offsetof(NormalizeAttributes, epsilon)},
    {4, "epilogue", FieldType::kProgram, offsetof(NormalizeAttributes, epilogue)},
};

Status Infer(const OpShapes& op, DimContext&, std::span<TensorShape> results) {
  const auto& attributes = *static_cast<const NormalizeAttributes*>(op.attributes);
  const TensorShape& x = op.operands[0];
  STINT_TRY(CheckFloats("input", x.dtype));
  STINT_TRY(CheckInt("axis", attributes.axis, 0, x.rank));
  results[0] = x;
  return {};
}

// One normalised part: its axes, with their strides in x and y.
struct Part {
  int rank = 0;
  const int64_t* extents = nullptr;
  const int64_t* x_strides = nullptr;
  const int64_t* y_strides = nullptr;
};

// Calls `each(value, offset in y)` for the elements of a part.
template <typename Each>
void ForEach(const OpTensors& op, const Part& part, int64_t x_offset, int64_t y_offset,
             const Each& each) {
  for (Walk<2> walk(part.rank, part.extents, {part.x_strides, part.y_strides}); !walk.done();
       walk.Next()) {
    each(Load<double>(op.operands[0], x_offset + walk.offset(0)), y_offset + walk.offset(1));
  }
}

void NormalizePart(const OpTensors& op, const Part& part, int64_t x_offset, int64_t y_offset) {
  const auto& attributes = op.as<NormalizeAttributes>();
  BlockedSum<double> total;
  double count = 0;
  ForEach(op, part, x_offset, y_offset, [&](double value, int64_t) {
    total.Add(value);
    count += 1;
  });
  const double mean = attributes.kind == NormalizeKind::kRms ? 0 : total.Total() / count;
  BlockedSum<double> squares;
  ForEach(op, part, x_offset, y_offset,
          [&](double value, int64_t) { squares.Add((value - mean) * (value - mean)); });
  const double deviation = math::Sqrt(squares.Total() / count + attributes.epsilon);
  const TensorView& y = op.results[0];
  ForEach(op, part, x_offset, y_offset, [&](double value, int64_t offset) {
    if (y.dtype == DType::kFloat64) return Store((value - mean) / deviation, y, offset);
    Store(static_cast<float>((value - mean) / deviation), y, offset);
  });
}

Status Run(const OpTensors& op) {
  const auto axis = static_cast<int>(op.as<NormalizeAttributes>().axis);
  const TensorView& x = op.operands[0];
  const TensorView& y = op.results[0];
  if (ElementCount(y) == 0) return {};
  const Part part = {y.rank - axis, y.extents + axis, x.strides + axis, y.strides + axis};
  for (Walk<2> walk(axis, y.extents, {x.strides, y.strides}); !walk.done(); walk.Next()) {
    NormalizePart(op, part, walk.offset(0), walk.offset(1));
  }
  return {};
}

}  // namespace

constinit const OpInfo kNormalizeOp = {
    .kind = OpKind::kNormalize,
    .name = "Normalize",
    .summary = "x over its standard deviation or root mean square along the last axes.",
    .fields = kFields,
    .attributes_size = sizeof(NormalizeAttributes),
    .construct = ConstructAttributes<NormalizeAttributes>,
    .required_operands = 1,
    .core_operands = 1,
    .variadic = false,
    .core_results = 1,
    .strided_operands = 1,
    .keeps_precision = true,
    .prologue = nullptr,
    .epilogue = &kFields[3],
    .infer = Infer,
    .reference = Run,
};

}  // namespace stint
