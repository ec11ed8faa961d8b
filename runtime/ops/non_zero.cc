#include "runtime/ops/non_zero.h"

#include <algorithm>

#include "runtime/ops/elements.h"
#include "runtime/ops/op_table.h"
#include "runtime/ops/shape_checks.h"
#include "runtime/ops/walk.h"

namespace stint {

namespace {

Status Infer(const OpShapes& op, DimContext& dims, std::span<TensorShape> results) {
  const TensorShape& x = op.operands[0];
  if (ComputeClassOf(x.dtype) == ComputeClass::kNone) {
    return UnsupportedDType("input", x.dtype,
                            "float16 to float64, bool and integers of 8 bits and more");
  }
  STINT_TRY(CheckRank("input", x, 1, kMaxRank));
  results[0].dtype = DType::kInt64;
  results[0].rank = 2;
  results[0].extents[0] = ElementCount(x, dims);
  results[0].extents[1] = x.rank;
  results[1].dtype = DType::kInt64;
  return {};
}

template <typename C>
Status Find(const OpTensors& op) {
  const TensorView& x = op.operands[0];
  const TensorView& places = op.results[0];
  int64_t row = 0;
  const auto write = [&](const int64_t* coordinates) {
    for (int axis = 0; axis < x.rank; ++axis) {
      const int64_t value = coordinates == nullptr ? 0 : coordinates[axis];
      Store(value, places, row * places.strides[0] + axis * places.strides[1]);
    }
    ++row;
  };
  for (Walk<1> walk(x.rank, x.extents, {x.strides}); !walk.done(); walk.Next()) {
    if (Load<C>(x, walk.offset(0)) != 0) write(walk.coordinates());
  }
  if (op.results[1].present()) Store(row, op.results[1], 0);
  while (row < places.extents[0]) write(nullptr);
  return {};
}

Status Run(const OpTensors& op) {
  return WithComputeClass(ComputeClassOf(op.operands[0].dtype),
                          [&](auto zero) { return Find<decltype(zero)>(op); });
}

}  // namespace

constinit const OpInfo kNonZeroOp = {
    .kind = OpKind::kNonZero,
    .name = "NonZero",
    .summary = "The coordinates of elements that are not zero, and how many there are.",
    .fields = {},
    .attributes_size = sizeof(NonZeroAttributes),
    .construct = ConstructAttributes<NonZeroAttributes>,
    .required_operands = 1,
    .core_operands = 1,
    .variadic = false,
    .core_results = 2,
    .strided_operands = 1,
    .keeps_precision = false,
    .prologue = nullptr,
    .epilogue = nullptr,
    .infer = Infer,
    .reference = Run,
};

}  // namespace stint
