#include "tests/fuzz/random_plan.h"

#include <algorithm>
#include <string>
#include <utility>

#include "runtime/ops/layouts/layout.h"
#include "runtime/plan/header.h"

namespace stint::fuzz {

namespace {

using compiler::FunctionDescription;

// Constants are smaller: they lie in the metadata, which mutations rewrite without the blobs.
constexpr auto kMostBytes = static_cast<int64_t>(kSmallestBlobBytes);

class PlanMaker {
 public:
  explicit PlanMaker(Random& random) : random_(random) { function_.name = "main"; }

  void Append(const OpInfo& info, const RandomOp& made) {
    compiler::OpDescription op;
    op.info = &info;
    op.name = std::string(info.name) + std::to_string(function_.ops.size());
    op.attributes = made.attributes;
    for (size_t i = 0; i < made.operands.size(); ++i) {
      const bool strided = ((info.strided_operands >> std::min<size_t>(i, 15)) & 1) != 0;
      const TensorShape& shape = made.operands[i];
      if (!shape.present()) {
        op.operands.emplace_back();
      } else if (strided && shape.rank > 1 && random_.Chance(30)) {
        op.operands.push_back(TransposedOperand(shape));
      } else {
        op.operands.push_back({Operand(shape), kNoIndex});
      }
    }
    for (const TensorShape& shape : made.results) {
      op.results.push_back(shape.present() ? PlanUse{NewValue(shape), kNoIndex} : PlanUse{});
      if (shape.present()) written_.push_back(op.results.back().value);
    }
    function_.outputs = {{"output", op.results[0]}};
    function_.ops.push_back(std::move(op));
  }

  std::vector<uint8_t> Finish() {
    if (random_.Chance(40)) MakeDynamic();
    if (random_.Chance(30)) SplitRegions();
    if (function_.region_sizes.empty()) {
      function_.region_sizes = {static_cast<uint32_t>(function_.ops.size())};
    }
    compiler::PlanDescription plan;
    plan.producer = "fuzz";
    plan.functions.push_back(std::move(function_));
    for (const auto& [layout, bytes] : constants_) plan.constants.push_back({layout, bytes});
    auto bytes = compiler::WritePlan(plan);
    return bytes.ok() ? std::move(*bytes) : std::vector<uint8_t>();
  }

 private:
  uint32_t NewValue(const TensorShape& shape) {
    compiler::ValueDescription value;
    value.dtype = shape.dtype;
    value.extents.assign(shape.extents, shape.extents + shape.rank);
    function_.values.push_back(std::move(value));
    return static_cast<uint32_t>(function_.values.size() - 1);
  }

  // An earlier result of this shape, else a new constant or input.
  uint32_t Operand(const TensorShape& shape) {
    for (const uint32_t id : written_) {
      const compiler::ValueDescription& value = function_.values[id];
      if (value.dtype == shape.dtype && random_.Chance(50) &&
          std::equal(value.extents.begin(), value.extents.end(), shape.extents,
                     shape.extents + shape.rank)) {
        return id;
      }
    }
    const uint32_t id = NewValue(shape);
    IntegerDims dims;
    const int64_t bytes = ElementCount(shape, dims).constant() * BytesOf(shape.dtype);
    if (bytes > 0 && bytes < kMostBytes && random_.Chance(30)) {
      function_.values[id].constant = AddConstant(Layout::kDense, bytes);
      if (random_.Chance(70)) AddForms(id, shape);
    } else {
      function_.inputs.push_back(id);
    }
    return id;
  }

  uint32_t AddConstant(Layout layout, int64_t bytes) {
    constants_.emplace_back(layout, std::vector<uint8_t>(static_cast<size_t>(bytes), uint8_t{1}));
    return static_cast<uint32_t>(constants_.size() - 1);
  }

  // All layouts that the constant can have beside the dense one, as far as they are inlined too.
  void AddForms(uint32_t id, const TensorShape& shape) {
    int64_t extents[kMaxRank] = {};
    for (int axis = 0; axis < shape.rank; ++axis) extents[axis] = shape.extents[axis].constant();
    for (int i = 1; i < kLayoutCount; ++i) {
      const auto layout = static_cast<Layout>(i);
      const auto bytes = PackedBytes(layout, shape.dtype, shape.rank, extents);
      if (!bytes.ok() || *bytes >= kMostBytes) continue;
      function_.forms.push_back({id, AddConstant(layout, *bytes)});
    }
  }

  // The same as a view of a value whose first and last axis are swapped.
  PlanUse TransposedOperand(const TensorShape& shape) {
    TensorShape stored = shape;
    std::swap(stored.extents[0], stored.extents[shape.rank - 1]);
    compiler::ViewDescription view;
    int64_t stride = 1;
    view.strides.resize(static_cast<size_t>(shape.rank));
    for (size_t axis = view.strides.size(); axis-- > 0;) {
      view.strides[axis] = stride;
      stride *= stored.extents[axis].constant();
    }
    std::swap(view.strides.front(), view.strides.back());
    view.extents.assign(shape.extents, shape.extents + shape.rank);
    function_.views.push_back(std::move(view));
    return {Operand(stored), static_cast<uint32_t>(function_.views.size() - 1)};
  }

  // Axes of inputs become symbols, where runs give them what they had.
  void MakeDynamic() {
    for (uint32_t input = 0; input < function_.inputs.size(); ++input) {
      auto& extents = function_.values[function_.inputs[input]].extents;
      for (uint32_t axis = 0; axis < extents.size(); ++axis) {
        if (extents[axis] != Dim(kDynamicExtent)) continue;
        const Dim symbol = AddExpression(DimOp::kSymbol, Dim(int64_t(function_.symbols.size())), 0);
        function_.symbols.push_back({"", SymbolSource::kExtent, input, axis});
        extents[axis] = symbol;
        const Dim doubled = AddExpression(DimOp::kMul, symbol, 2);
        function_.checks.push_back({doubled, 2 * kDynamicExtent});
      }
    }
  }

  void SplitRegions() {
    const auto ops = static_cast<uint32_t>(function_.ops.size());
    function_.region_sizes = {1, ops - 1};
  }

  Dim AddExpression(DimOp op, Dim a, Dim b) {
    function_.expressions.push_back({op, a, b, 0});
    return Dim::Expression(static_cast<uint32_t>(function_.expressions.size() - 1));
  }

  Random& random_;
  FunctionDescription function_;
  std::vector<std::pair<Layout, std::vector<uint8_t>>> constants_;
  std::vector<uint32_t> written_;
};

}  // namespace

std::vector<uint8_t> RandomPlan(Random& random, const OpInfo& info, int attempts) {
  PlanMaker maker(random);
  const auto first = MakeOp(random, info, attempts);
  if (!first.has_value()) return {};
  maker.Append(info, *first);
  for (size_t more = random.Below(4); more > 0; --more) {
    const OpInfo& next = *AllOps()[random.Below(AllOps().size())];
    if (const auto made = MakeOp(random, next, 20)) maker.Append(next, *made);
  }
  return maker.Finish();
}

}  // namespace stint::fuzz
