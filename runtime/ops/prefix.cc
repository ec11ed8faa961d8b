#include "runtime/ops/prefix.h"

#include <algorithm>
#include <cstddef>

#include "runtime/ops/elements.h"
#include "runtime/ops/op_table.h"
#include "runtime/ops/shape_checks.h"
#include "runtime/ops/walk.h"

namespace stint {

namespace {

constexpr const char* kKinds[] = {"sum", "product"};

constexpr Field kFields[] = {
    {1, "kind", FieldType::kEnum, offsetof(PrefixAttributes, kind), 0, 1, kKinds},
    {2, "axis", FieldType::kExtents, offsetof(PrefixAttributes, axis)},
    {3, "exclusive", FieldType::kInt, offsetof(PrefixAttributes, exclusive), 0, 1},
    {4, "reverse", FieldType::kInt, offsetof(PrefixAttributes, reverse), 0, 1},
    {5, "prologue", FieldType::kProgram, offsetof(PrefixAttributes, prologue)},
    {6, "epilogue", FieldType::kProgram, offsetof(PrefixAttributes, epilogue)},
};

Status Infer(const OpShapes& op, DimContext&, std::span<TensorShape> results) {
  const auto& attributes = *static_cast<const PrefixAttributes*>(op.attributes);
  const TensorShape& x = op.operands[0];
  STINT_TRY(CheckNumbers("input", x.dtype));
  STINT_TRY(CheckInt("axis", attributes.axis.size, 1, 1));
  STINT_TRY(CheckAxis("axis", attributes.axis[0], x.rank));
  results[0] = x;
  return {};
}

// One line of `count` elements; the result may lie where the input lies.
template <typename C>
void AccumulateLine(const OpTensors& op, int axis, int64_t x_offset, int64_t y_offset) {
  const auto& attributes = op.as<PrefixAttributes>();
  const TensorView& x = op.operands[0];
  const TensorView& y = op.results[0];
  const bool product = attributes.kind == PrefixKind::kProduct;
  const int64_t count = y.extents[axis];
  C total = product ? C{1} : C{0};
  for (int64_t i = 0; i < count; ++i) {
    const int64_t at = attributes.reverse != 0 ? count - 1 - i : i;
    const C value = Load<C>(x, x_offset + at * x.strides[axis]);
    const C next = product ? Times(total, value) : Plus(total, value);
    Store(attributes.exclusive != 0 ? total : next, y, y_offset + at * y.strides[axis]);
    total = next;
  }
}

template <typename C>
void AccumulateAll(const OpTensors& op) {
  const TensorView& x = op.operands[0];
  const TensorView& y = op.results[0];
  const int64_t given = op.as<PrefixAttributes>().axis[0].constant();
  const auto axis = static_cast<int>(given < 0 ? given + y.rank : given);
  int64_t extents[kMaxRank];
  std::copy_n(y.extents, kMaxRank, extents);
  extents[axis] = std::min<int64_t>(extents[axis], 1);
  for (Walk<2> walk(y.rank, extents, {x.strides, y.strides}); !walk.done(); walk.Next()) {
    AccumulateLine<C>(op, axis, walk.offset(0), walk.offset(1));
  }
}

Status Run(const OpTensors& op) {
  WithComputeClass(ComputeClassOf(op.operands[0].dtype),
                   [&](auto zero) { AccumulateAll<decltype(zero)>(op); });
  return {};
}

}  // namespace

constinit const OpInfo kPrefixOp = {
    .kind = OpKind::kPrefix,
    .name = "Prefix",
    .summary = "Running sums or products along one axis.",
    .fields = kFields,
    .attributes_size = sizeof(PrefixAttributes),
    .construct = ConstructAttributes<PrefixAttributes>,
    .required_operands = 1,
    .core_operands = 1,
    .variadic = false,
    .core_results = 1,
    .strided_operands = 1,
    .keeps_precision = true,
    .prologue = &kFields[4],
    .epilogue = &kFields[5],
    .infer = Infer,
    .reference = Run,
};

}  // namespace stint
