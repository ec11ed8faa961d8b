#include "runtime/ops/softmax.h"

#include <algorithm>
#include <cstddef>

#include "runtime/base/math.h"
#include "runtime/ops/elements.h"
#include "runtime/ops/op_table.h"
#include "runtime/ops/shape_checks.h"
#include "runtime/ops/sum.h"
#include "runtime/ops/walk.h"

namespace stint {

namespace {

constexpr Field kFields[] = {
    {1, "axis", FieldType::kInt, offsetof(SoftmaxAttributes, axis), 0, kMaxRank - 1},
    {2, "log", FieldType::kInt, offsetof(SoftmaxAttributes, log), 0, 1},
    {3, "prologue", FieldType::kProgram, offsetof(SoftmaxAttributes, prologue)},
    {4, "epilogue", FieldType::kProgram, offsetof(SoftmaxAttributes, epilogue)},
};

Status Infer(const OpShapes& op, DimContext&, std::span<TensorShape> results) {
  const auto& attributes = *static_cast<const SoftmaxAttributes*>(op.attributes);
  const TensorShape& x = op.operands[0];
  STINT_TRY(CheckFloats("input", x.dtype));
  STINT_TRY(CheckInt("axis", attributes.axis, 0, x.rank - 1));
  results[0] = x;
  return {};
}

// One row: `count` elements from `x_offset` on in x, to `y_offset` on in y, which may be the same.
template <typename C>
void NormalizeRow(const OpTensors& op, int64_t x_offset, int64_t y_offset) {
  const auto& attributes = op.as<SoftmaxAttributes>();
  const TensorView& x = op.operands[0];
  const TensorView& y = op.results[0];
  const int64_t count = x.extents[attributes.axis];
  const int64_t x_step = x.strides[attributes.axis];
  const int64_t y_step = y.strides[attributes.axis];
  C largest = LowestOf<C>(x.dtype);
  for (int64_t i = 0; i < count; ++i) largest = Larger(largest, Load<C>(x, x_offset + i * x_step));
  BlockedSum<C> total;
  for (int64_t i = 0; i < count; ++i) {
    total.Add(math::Exp(Load<C>(x, x_offset + i * x_step) - largest));
  }
  const C sum = total.Total();
  const C log_sum = attributes.log != 0 ? math::Log(sum) : C{};
  for (int64_t i = 0; i < count; ++i) {
    const C shifted = Load<C>(x, x_offset + i * x_step) - largest;
    Store(attributes.log != 0 ? shifted - log_sum : math::Exp(shifted) / sum, y,
          y_offset + i * y_step);
  }
}

template <typename C>
void NormalizeAll(const OpTensors& op) {
  const TensorView& y = op.results[0];
  int64_t extents[kMaxRank];
  std::copy_n(y.extents, kMaxRank, extents);
  int64_t& row = extents[op.as<SoftmaxAttributes>().axis];
  row = row == 0 ? 0 : 1;
  for (Walk<2> walk(y.rank, extents, {op.operands[0].strides, y.strides}); !walk.done();
       walk.Next()) {
    NormalizeRow<C>(op, walk.offset(0), walk.offset(1));
  }
}

Status Run(const OpTensors& op) {
  WithFloatClass(ComputeClassOf(op.operands[0].dtype),
                 [&](auto zero) { NormalizeAll<decltype(zero)>(op); });
  return {};
}

}  // namespace

constinit const OpInfo kSoftmaxOp = {
    .kind = OpKind::kSoftmax,
    .name = "Softmax",
    .summary = "exp(x - max) / sum along one axis, or its logarithm.",
    .fields = kFields,
    .attributes_size = sizeof(SoftmaxAttributes),
    .construct = ConstructAttributes<SoftmaxAttributes>,
    .required_operands = 1,
    .core_operands = 1,
    .variadic = false,
    .core_results = 1,
    .strided_operands = 1,
    .keeps_precision = true,
    .prologue = &kFields[2],
    .epilogue = &kFields[3],
    .infer = Infer,
    .reference = Run,
};

}  // namespace stint
