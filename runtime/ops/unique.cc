#include "runtime/ops/unique.h"

#include <algorithm>
#include <cstddef>

#include "runtime/ops/elements.h"
#include "runtime/ops/op_table.h"
#include "runtime/ops/scratch.h"
#include "runtime/ops/shape_checks.h"

namespace stint {

namespace {

constexpr Field kFields[] = {
    {1, "sorted", FieldType::kInt, offsetof(UniqueAttributes, sorted), 0, 1},
};

Status Infer(const OpShapes& op, DimContext&, std::span<TensorShape> results) {
  const TensorShape& x = op.operands[0];
  if (ComputeClassOf(x.dtype) == ComputeClass::kNone) {
    return UnsupportedDType("input", x.dtype,
                            "float16 to float64, bool and integers of 8 bits and more");
  }
  STINT_TRY(CheckRank("input", x, 1, kMaxRank));
  for (int i = 0; i < 4; ++i) {
    results[i].dtype = DType::kInt64;
    results[i].rank = i < 3 ? 1 : 0;
    results[i].extents[0] = x.extents[0];
  }
  return {};
}

// An order of slices, of dense data.
template <typename C>
class SliceOrder {
 public:
  explicit SliceOrder(const TensorView& x) : x_(x) {
    for (int axis = 1; axis < x.rank; ++axis) elements_ *= x.extents[axis];
  }

  // Negative: slice a stands before b; 0: they are equal.
  int Compare(int64_t a, int64_t b) const {
    for (int64_t i = 0; i < elements_; ++i) {
      const C left = Load<C>(x_, a * elements_ + i);
      const C right = Load<C>(x_, b * elements_ + i);
      if (IsNan(left) && IsNan(right)) continue;
      if (left < right || IsNan(right)) return -1;
      if (left > right || IsNan(left)) return 1;
    }
    return 0;
  }

  // A strict order of all slices, equal ones by their indices.
  bool operator()(int64_t a, int64_t b) const {
    const int order = Compare(a, b);
    return order != 0 ? order < 0 : a < b;
  }

 private:
  const TensorView& x_;
  int64_t elements_ = 1;
};

void StoreAt(int64_t value, const TensorView& list, int64_t index) {
  if (list.present()) Store(value, list, index * list.strides[0]);
}

// Slices in an order that puts those of one kind together, and where in it each kind starts.
struct Kinds {
  std::span<int64_t> slices;
  std::span<int64_t> starts;
};

// Room for as many kinds as there are slices.
Kinds TakeKinds(const OpTensors& op, Scratch& scratch) {
  const int64_t slices = op.operands[0].extents[0];
  return {scratch.Take<int64_t>(slices), scratch.Take<int64_t>(slices)};
}

uint64_t ScratchOf(const OpTensors& op) {
  Scratch scratch;
  TakeKinds(op, scratch);
  return scratch.bytes();
}

// Cuts the starts down to those that there are.
template <typename C>
void FindKinds(const TensorView& x, bool sorted, Kinds* kinds) {
  const std::span<int64_t> slices = kinds->slices;
  size_t count = 0;
  for (size_t i = 0; i < slices.size(); ++i) slices[i] = static_cast<int64_t>(i);
  const SliceOrder<C> order(x);
  std::sort(slices.begin(), slices.end(), order);
  for (size_t i = 0; i < slices.size(); ++i) {
    if (i > 0 && order.Compare(slices[i - 1], slices[i]) == 0) continue;
    kinds->starts[count++] = static_cast<int64_t>(i);
  }
  kinds->starts = kinds->starts.first(count);
  if (!sorted) {
    // The first slice of a kind has its smallest index.
    std::sort(kinds->starts.begin(), kinds->starts.end(), [&](int64_t a, int64_t b) {
      return slices[static_cast<size_t>(a)] < slices[static_cast<size_t>(b)];
    });
  }
}

template <typename C>
Status Describe(const OpTensors& op) {
  const TensorView& x = op.operands[0];
  Scratch scratch(op.scratch);
  Kinds kinds = TakeKinds(op, scratch);
  FindKinds<C>(x, op.as<UniqueAttributes>().sorted != 0, &kinds);
  const SliceOrder<C> order(x);
  int64_t kind = 0;
  for (const int64_t start : kinds.starts) {
    auto next = static_cast<size_t>(start);
    const int64_t first = kinds.slices[next];
    for (; next < kinds.slices.size() && order.Compare(first, kinds.slices[next]) == 0; ++next) {
      StoreAt(kind, op.results[1], kinds.slices[next]);
    }
    StoreAt(first, op.results[0], kind);
    StoreAt(static_cast<int64_t>(next) - start, op.results[2], kind);
    ++kind;
  }
  if (op.results[3].present()) Store(kind, op.results[3], 0);
  for (; kind < x.extents[0]; ++kind) {
    StoreAt(0, op.results[0], kind);
    StoreAt(0, op.results[2], kind);
  }
  return {};
}

Status Run(const OpTensors& op) {
  return WithComputeClass(ComputeClassOf(op.operands[0].dtype),
                          [&](auto zero) { return Describe<decltype(zero)>(op); });
}

}  // namespace

constinit const OpInfo kUniqueOp = {
    .kind = OpKind::kUnique,
    .name = "Unique",
    .summary = "Which slices along the first axis differ, where each kind is, and how many.",
    .fields = kFields,
    .attributes_size = sizeof(UniqueAttributes),
    .construct = ConstructAttributes<UniqueAttributes>,
    .required_operands = 1,
    .core_operands = 1,
    .variadic = false,
    .core_results = 4,
    .strided_operands = 0,
    .keeps_precision = false,
    .prologue = nullptr,
    .epilogue = nullptr,
    .infer = Infer,
    .reference = Run,
    .scratch = ScratchOf,
};

}  // namespace stint
