#include "runtime/ops/top_k.h"

#include <algorithm>
#include <cstddef>

#include "runtime/ops/elements.h"
#include "runtime/ops/op_table.h"
#include "runtime/ops/scratch.h"
#include "runtime/ops/shape_checks.h"
#include "runtime/ops/walk.h"

namespace stint {

namespace {

constexpr Field kFields[] = {
    {1, "axis", FieldType::kInt, offsetof(TopKAttributes, axis), 0, kMaxRank - 1},
    {2, "k", FieldType::kExtents, offsetof(TopKAttributes, k)},
    {3, "largest", FieldType::kInt, offsetof(TopKAttributes, largest), 0, 1},
};

Status Infer(const OpShapes& op, DimContext& dims, std::span<TensorShape> results) {
  const auto& attributes = *static_cast<const TopKAttributes*>(op.attributes);
  const TensorShape& x = op.operands[0];
  STINT_TRY(CheckNumbers("input", x.dtype));
  STINT_TRY(CheckInt("axis", attributes.axis, 0, x.rank - 1));
  STINT_TRY(CheckInt("k", attributes.k.size, 1, 1));
  STINT_TRY(CheckDim("k", attributes.k[0], 0, INT64_MAX));
  dims.Require(dims.Less(x.extents[attributes.axis], attributes.k[0]), 0,
               "k no larger than the axis");
  results[0] = x;
  results[0].extents[attributes.axis] = attributes.k[0];
  results[1] = results[0];
  results[1].dtype = DType::kInt64;
  return {};
}

template <typename C>
struct Candidate {
  C value;
  int64_t index;
};

// A strict order of all candidates: no two are equal, so any sort is stable.
template <typename C>
struct Before {
  bool largest;
  bool operator()(const Candidate<C>& a, const Candidate<C>& b) const {
    if (IsNan(a.value) != IsNan(b.value)) return IsNan(a.value) == largest;
    if (IsNan(a.value) || a.value == b.value) return a.index < b.index;
    return largest ? a.value > b.value : a.value < b.value;
  }
};

// One line of the operand; none when nothing is selected.
template <typename C>
std::span<Candidate<C>> TakeLine(const OpTensors& op, Scratch& scratch) {
  const auto axis = static_cast<int>(op.as<TopKAttributes>().axis);
  const bool empty = ElementCount(op.results[0]) == 0;
  return scratch.Take<Candidate<C>>(empty ? 0 : op.operands[0].extents[axis]);
}

uint64_t ScratchOf(const OpTensors& op) {
  return WithComputeClass(ComputeClassOf(op.operands[0].dtype), [&](auto zero) {
    Scratch scratch;
    TakeLine<decltype(zero)>(op, scratch);
    return scratch.bytes();
  });
}

template <typename C>
Status SelectAll(const OpTensors& op) {
  const auto& attributes = op.as<TopKAttributes>();
  const TensorView& x = op.operands[0];
  const TensorView& values = op.results[0];
  const TensorView& indices = op.results[1];
  const auto axis = static_cast<int>(attributes.axis);
  const int64_t count = x.extents[axis];
  const int64_t k = values.extents[axis];
  if (ElementCount(values) == 0) return {};
  Scratch scratch(op.scratch);
  const std::span<Candidate<C>> line = TakeLine<C>(op, scratch);
  int64_t extents[kMaxRank];
  std::copy_n(values.extents, kMaxRank, extents);
  extents[axis] = 1;
  for (Walk<3> walk(x.rank, extents, {x.strides, values.strides, indices.strides}); !walk.done();
       walk.Next()) {
    for (int64_t i = 0; i < count; ++i) {
      line[static_cast<size_t>(i)] = {Load<C>(x, walk.offset(0) + i * x.strides[axis]), i};
    }
    std::partial_sort(line.begin(), line.begin() + k, line.end(),
                      Before<C>{attributes.largest != 0});
    for (int64_t i = 0; i < k; ++i) {
      const Candidate<C>& candidate = line[static_cast<size_t>(i)];
      Store(candidate.value, values, walk.offset(1) + i * values.strides[axis]);
      if (indices.present()) {
        Store(candidate.index, indices, walk.offset(2) + i * indices.strides[axis]);
      }
    }
  }
  return {};
}

Status Run(const OpTensors& op) {
  return WithComputeClass(ComputeClassOf(op.operands[0].dtype),
                          [&](auto zero) { return SelectAll<decltype(zero)>(op); });
}

}  // namespace

constinit const OpInfo kTopKOp = {
    .kind = OpKind::kTopK,
    .name = "TopK",
    .summary = "The k largest or smallest elements along an axis, sorted, and their indices.",
    .fields = kFields,
    .attributes_size = sizeof(TopKAttributes),
    .construct = ConstructAttributes<TopKAttributes>,
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
    .scratch = ScratchOf,
};

}  // namespace stint
