#include "tests/fuzz/plan_inputs.h"

#include <algorithm>

#include "runtime/session/dim_values.h"
#include "tests/fuzz/random_plan.h"

namespace stint::fuzz {

namespace {

constexpr int64_t kMaxElements = 1024;

void Fill(DType dtype, int64_t elements, std::vector<uint64_t>& words) {
  auto* bytes = reinterpret_cast<uint8_t*>(words.data());
  const int64_t width = BytesOf(dtype);
  const bool number = IsInteger(dtype) || dtype == DType::kBool;
  for (int64_t i = 0; i < elements * width; ++i) {
    const bool low = i % width == 0;
    bytes[i] =
        number ? static_cast<uint8_t>(low ? i / width % 2 : 0) : static_cast<uint8_t>(i * 37 + 11);
  }
}

}  // namespace

bool PlanInputs::Make(const PlanFunction& function) {
  for (const uint32_t id : function.inputs) {
    if (!Add(function.values[id])) return false;
  }
  return true;
}

bool PlanInputs::Add(const PlanValue& value) {
  TensorView view;
  view.dtype = value.dtype;
  view.rank = value.rank;
  int64_t elements = 1;
  for (int axis = 0; axis < value.rank; ++axis) {
    const Dim extent = value.extents[axis];
    view.extents[axis] = extent.is_constant() ? extent.constant() : kDynamicExtent;
    // Strides are products of extents, also of those beside an extent of 0.
    elements *= std::clamp<int64_t>(view.extents[axis], 1, kMaxElements + 1);
    if (elements > kMaxElements) return false;
  }
  elements = ElementCount(view);
  DenseStrides(view.rank, view.extents, view.strides);
  auto& words = storage.emplace_back(static_cast<size_t>(elements * BytesOf(value.dtype) / 8 + 1));
  view.data = words.data();
  Fill(value.dtype, elements, words);
  views.push_back(view);
  return true;
}

bool IsCheap(const PlanFunction& function, const PlanInputs& inputs) {
  Array<int64_t> symbols;
  for (const PlanSymbol& symbol : function.symbols) {
    if (symbol.source == SymbolSource::kComputed) {
      // Whatever a run computes: what it takes is bounded by the arena.
      if (!symbols.Push(2).ok()) return true;
      continue;
    }
    const auto value = SymbolValue(symbol, inputs.views[symbol.input]);
    if (!value.ok() || !symbols.Push(*value).ok()) return true;
  }
  DimValues dims;
  if (!dims.Evaluate(function, symbols.span()).ok()) return true;
  const auto small = [&](int rank, const Dim* extents) {
    int64_t elements = 1;
    for (int axis = 0; axis < rank; ++axis) {
      const auto extent = dims.Resolve(extents[axis]);
      if (!extent.ok() || *extent < 0) return true;  // Refused by the binder.
      elements = std::min(elements, kMaxElements + 1) * std::min(*extent, kMaxElements + 1);
    }
    return elements <= kMaxElements;
  };
  return std::all_of(function.values.begin(), function.values.end(),
                     [&](const PlanValue& v) { return small(v.rank, v.extents); }) &&
         std::all_of(function.views.begin(), function.views.end(),
                     [&](const PlanView& v) { return small(v.rank, v.extents); });
}

}  // namespace stint::fuzz
