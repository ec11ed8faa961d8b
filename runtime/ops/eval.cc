#include "runtime/ops/eval.h"

#include <algorithm>
#include <cstddef>

#include "runtime/ops/elements.h"
#include "runtime/ops/op_table.h"
#include "runtime/ops/shape_checks.h"
#include "runtime/ops/walk.h"

namespace stint {

namespace {

constexpr Field kFields[] = {
    {1, "dtype", FieldType::kInt, offsetof(EvalAttributes, dtype), 0, kDTypeCount - 1},
    {2, "extents", FieldType::kExtents, offsetof(EvalAttributes, extents)},
    {3, "values", FieldType::kLongExtents, offsetof(EvalAttributes, values)},
};

Status CheckValue(DType dtype, Dim value) {
  if (dtype == DType::kInt32) return CheckDim("values", value, INT32_MIN, INT32_MAX);
  return dtype == DType::kBool ? CheckDim("values", value, 0, 1) : Status();
}

Status Infer(const OpShapes& op, DimContext& dims, std::span<TensorShape> results) {
  const auto& attributes = *static_cast<const EvalAttributes*>(op.attributes);
  TensorShape& y = results[0];
  y.dtype = static_cast<DType>(attributes.dtype);
  if (y.dtype != DType::kInt64 && y.dtype != DType::kInt32 && y.dtype != DType::kBool) {
    return WrongDType("dtype", y.dtype, "int64, int32 and bool");
  }
  y.rank = static_cast<int>(attributes.extents.size);
  for (int axis = 0; axis < y.rank; ++axis) {
    if (!attributes.extents[axis].is_constant()) {
      return Error(Code::kInvalid, "extents", "found an expression, allowed constants");
    }
    y.extents[axis] = attributes.extents[axis];
  }
  STINT_TRY(CheckExtents("extents", y));
  dims.Require(ElementCount(y, dims), attributes.values.size, "count of Eval's values");
  for (const Dim value : attributes.values.span()) STINT_TRY(CheckValue(y.dtype, value));
  return {};
}

Status Run(const OpTensors& op) {
  const auto& attributes = op.as<EvalAttributes>();
  const TensorView& y = op.results[0];
  int64_t next = 0;
  for (Walk<1> walk(y.rank, y.extents, {y.strides}); !walk.done(); walk.Next()) {
    Store(attributes.values[next++].constant(), y, walk.offset(0));
  }
  return {};
}

}  // namespace

constinit const OpInfo kEvalOp = {
    .kind = OpKind::kEval,
    .name = "Eval",
    .summary = "A small tensor of extents and of what shape programs compute.",
    .fields = kFields,
    .attributes_size = sizeof(EvalAttributes),
    .construct = ConstructAttributes<EvalAttributes>,
    .required_operands = 0,
    .core_operands = 0,
    .variadic = false,
    .core_results = 1,
    .strided_operands = 0,
    .keeps_precision = false,
    .prologue = nullptr,
    .epilogue = nullptr,
    .infer = Infer,
    .reference = Run,
};

}  // namespace stint
