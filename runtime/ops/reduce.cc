#include "runtime/ops/reduce.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <type_traits>

#include "runtime/ops/elements.h"
#include "runtime/ops/op_table.h"
#include "runtime/ops/shape_checks.h"
#include "runtime/ops/sum.h"
#include "runtime/ops/walk.h"

namespace stint {

namespace {

constexpr const char* kKinds[] = {"sum", "mean", "product", "max", "min", "argmax", "argmin"};

constexpr Field kFields[] = {
    {1, "kind", FieldType::kEnum, offsetof(ReduceAttributes, kind), 0, 6, kKinds},
    {2, "axes", FieldType::kExtents, offsetof(ReduceAttributes, axes)},
    {3, "select_last", FieldType::kInt, offsetof(ReduceAttributes, select_last), 0, 1},
    {4, "prologue", FieldType::kProgram, offsetof(ReduceAttributes, prologue)},
    {5, "epilogue", FieldType::kProgram, offsetof(ReduceAttributes, epilogue)},
};

bool IsArg(ReduceKind kind) { return kind == ReduceKind::kArgMax || kind == ReduceKind::kArgMin; }

Status CheckInput(ReduceKind kind, DType dtype) {
  if (ComputeClassOf(dtype) == ComputeClass::kNone) {
    return UnsupportedDType("input", dtype,
                            "float16 to float64, integers of 8 bits and more, bool");
  }
  const bool orders =
      kind != ReduceKind::kSum && kind != ReduceKind::kMean && kind != ReduceKind::kProduct;
  if (dtype == DType::kBool && !orders) return WrongDType("input", dtype, "numbers");
  return {};
}

Status Infer(const OpShapes& op, DimContext& dims, std::span<TensorShape> results) {
  const auto& attributes = *static_cast<const ReduceAttributes*>(op.attributes);
  const TensorShape& x = op.operands[0];
  STINT_TRY(CheckInput(attributes.kind, x.dtype));
  if (IsArg(attributes.kind)) STINT_TRY(CheckInt("axes", attributes.axes.size, 1, 1));
  results[0] = x;
  if (IsArg(attributes.kind)) results[0].dtype = DType::kInt64;
  for (const Dim axis : attributes.axes.span()) {
    STINT_TRY(CheckAxis("axes", axis, x.rank));
    for (int i = 0; i < x.rank; ++i) {
      Dim& extent = results[0].extents[i];
      extent = dims.Select(IsAxis(axis, i, x.rank, dims), 1, extent);
    }
  }
  return {};
}

// The elements that one result element combines, as a strided tensor.
struct Reduced {
  int rank = 0;
  int64_t count = 1;
  int64_t extents[kMaxRank] = {};
  int64_t strides[kMaxRank] = {};
};

Reduced ReducedPart(const ReduceAttributes& attributes, const TensorView& x) {
  bool is_reduced[kMaxRank] = {};
  for (const Dim axis : attributes.axes.span()) {
    is_reduced[axis.constant() < 0 ? axis.constant() + x.rank : axis.constant()] = true;
  }
  Reduced part;
  for (int axis = 0; axis < x.rank; ++axis) {
    if (!is_reduced[axis]) continue;
    part.count *= x.extents[axis];
    part.extents[part.rank] = x.extents[axis];
    part.strides[part.rank++] = x.strides[axis];
  }
  return part;
}

template <typename C, typename Function>
void ForEach(const TensorView& x, const Reduced& part, int64_t offset, const Function& function) {
  for (Walk<1> walk(part.rank, part.extents, {part.strides}); !walk.done(); walk.Next()) {
    function(Load<C>(x, offset + walk.offset(0)));
  }
}

// A sum before it is rounded: of floats a double, in which each addition is as good as exact.
template <typename C>
auto Sum(const TensorView& x, const Reduced& part, int64_t offset) {
  if constexpr (std::is_same_v<C, float>) {
    double sum = 0;
    ForEach<C>(x, part, offset, [&](C value) { sum += double{value}; });
    return sum;
  } else {
    BlockedSum<C> sum;
    ForEach<C>(x, part, offset, [&](C value) { sum.Add(value); });
    return sum.Total();
  }
}

template <typename C>
C Mean(const TensorView& x, const Reduced& part, int64_t offset) {
  const auto sum = Sum<C>(x, part, offset);
  if (part.count == 0) return std::numeric_limits<C>::quiet_NaN();  // 0 for integers.
  return static_cast<C>(sum / static_cast<decltype(sum)>(part.count));
}

template <typename C, typename Combine>
C Fold(const TensorView& x, const Reduced& part, int64_t offset, C start, const Combine& combine) {
  ForEach<C>(x, part, offset, [&](C value) { start = combine(start, value); });
  return start;
}

// The position of the extreme element; the first NaN is one. `direction` is 1 for the maximum, -1
// for the minimum. 0 when there are no elements.
template <typename C>
int64_t ArgExtreme(const TensorView& x, const Reduced& part, int64_t offset,
                   const ReduceAttributes& attributes) {
  const bool largest = attributes.kind == ReduceKind::kArgMax;
  const bool last = attributes.select_last != 0;
  C best{};
  int64_t best_index = 0;
  int64_t index = 0;
  ForEach<C>(x, part, offset, [&](C value) {
    const bool beats = largest ? value > best : value < best;
    const bool ties = value == best || (IsNan(value) && IsNan(best));
    const bool first_nan = IsNan(value) && !IsNan(best);
    if (index == 0 || beats || first_nan || (last && ties)) {
      best = value;
      best_index = index;
    }
    ++index;
  });
  return best_index;
}

template <typename C>
C Combine(const TensorView& x, const Reduced& part, int64_t offset, ReduceKind kind) {
  switch (kind) {
    case ReduceKind::kMean:
      return Mean<C>(x, part, offset);
    case ReduceKind::kProduct:
      return Fold<C>(x, part, offset, 1, Times<C>);
    case ReduceKind::kMax:
      return Fold<C>(x, part, offset, LowestOf<C>(x.dtype), Larger<C>);
    case ReduceKind::kMin:
      return Fold<C>(x, part, offset, HighestOf<C>(x.dtype), Smaller<C>);
    default:
      return static_cast<C>(Sum<C>(x, part, offset));
  }
}

template <typename C>
void ReduceAll(const OpTensors& op) {
  const auto& attributes = op.as<ReduceAttributes>();
  const TensorView& x = op.operands[0];
  const TensorView& y = op.results[0];
  const Reduced part = ReducedPart(attributes, x);
  for (Walk<2> walk(y.rank, y.extents, {y.strides, x.strides}); !walk.done(); walk.Next()) {
    if (IsArg(attributes.kind)) {
      Store(ArgExtreme<C>(x, part, walk.offset(1), attributes), y, walk.offset(0));
    } else {
      Store(Combine<C>(x, part, walk.offset(1), attributes.kind), y, walk.offset(0));
    }
  }
}

Status Run(const OpTensors& op) {
  WithComputeClass(ComputeClassOf(op.operands[0].dtype),
                   [&](auto zero) { ReduceAll<decltype(zero)>(op); });
  return {};
}

}  // namespace

constinit const OpInfo kReduceOp = {
    .kind = OpKind::kReduce,
    .name = "Reduce",
    .summary = "Sum, mean, product, extremes or their positions along axes.",
    .fields = kFields,
    .attributes_size = sizeof(ReduceAttributes),
    .construct = ConstructAttributes<ReduceAttributes>,
    .required_operands = 1,
    .core_operands = 1,
    .variadic = false,
    .core_results = 1,
    .strided_operands = 1,
    .keeps_precision = true,
    .prologue = &kFields[3],
    .epilogue = &kFields[4],
    .infer = Infer,
    .reference = Run,
};

}  // namespace stint
