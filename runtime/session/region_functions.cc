#include "runtime/session/region_functions.h"

#include <algorithm>

#include "runtime/session/bound_session.h"

namespace stint {

namespace {

// In place of a symbol that a region does not know yet. The loader has seen that nothing uses it;
// evaluating it is an error of the expressions that do.
constexpr PlanExpression kUnknown = {DimOp::kFloorDiv, 0, 0, 0};

template <typename T>
Status CopyAll(const Array<T>& from, Array<T>* to) {
  STINT_TRY(to->Resize(from.size()));
  std::copy(from.begin(), from.end(), to->begin());
  return {};
}

class RegionSplitter {
 public:
  RegionSplitter(const PlanFunction& function, Array<RegionFunction>& regions)
      : function_(function), regions_(regions) {}

  Status Run() {
    STINT_TRY(regions_.Resize(function_.region_sizes.size()));
    STINT_TRY(needed_.Resize(function_.values.size()));
    STINT_TRY(places_.Resize(function_.values.size()));
    STINT_TRY(input_places_.Resize(function_.values.size()));
    uint32_t op = 0;
    for (uint32_t region = 0; region < regions_.size(); ++region) {
      regions_[region].first_op = op;
      STINT_TRY(Fill(region));
      op += function_.region_sizes[region];
    }
    return {};
  }

 private:
  bool IsLast(uint32_t region) const { return region + 1 == regions_.size(); }

  Status Fill(uint32_t region) {
    PlanFunction& made = regions_[region].function;
    made.name = function_.name;
    STINT_TRY(made.region_sizes.Push(function_.region_sizes[region]));
    const PlanOp* const first = function_.ops.begin() + regions_[region].first_op;
    for (const PlanOp* op = first; op != first + function_.region_sizes[region]; ++op) {
      STINT_TRY(made.ops.Push(*op));
    }
    STINT_TRY(CopyAll(function_.views, &made.views));
    FindNeeded(region);
    STINT_TRY(FillValues(region));
    STINT_TRY(FillShapes(region));
    if (!IsLast(region)) return {};
    STINT_TRY(CopyAll(function_.output_names, &made.output_names));
    return CopyAll(function_.outputs, &made.outputs);
  }

  // needed_[v]: whether the region has a use for value v.
  void FindNeeded(uint32_t region) {
    const auto mark = [this](std::span<const PlanUse> uses) {
      for (const PlanUse& use : uses) {
        if (use.value != kNoIndex) needed_[use.value] = 1;
      }
    };
    std::fill(needed_.begin(), needed_.end(), uint8_t{0});
    for (const PlanOp& op : regions_[region].function.ops) {
      mark(op.operands);
      mark(op.results);
    }
    if (IsLast(region)) mark(function_.outputs.span());
    for (const PlanSymbol& symbol : function_.symbols) {
      if (IsKnown(symbol, region)) needed_[symbol.input] = 1;
    }
  }

  // Whether an earlier region computes the symbol.
  bool IsKnown(const PlanSymbol& symbol, uint32_t region) const {
    return symbol.source == SymbolSource::kComputed &&
           function_.value_regions[symbol.input] < region;
  }

  Status FillValues(uint32_t region) {
    PlanFunction& made = regions_[region].function;
    STINT_TRY(CopyAll(function_.values, &made.values));
    STINT_TRY(CopyAll(function_.forms, &made.forms));
    STINT_TRY(CopyAll(function_.inputs, &made.inputs));
    for (uint32_t i = 0; i < made.values.size(); ++i) {
      const bool computed = !made.values[i].is_input && made.values[i].constant == kNoIndex;
      if (needed_[i] == 0 && computed) made.values[i] = {};
      if (needed_[i] == 0 || !computed || function_.value_regions[i] >= region) continue;
      made.values[i].is_input = true;
      input_places_[i] = static_cast<uint32_t>(made.inputs.size());
      STINT_TRY(made.inputs.Push(i));
      STINT_TRY(Carry(i, region));
    }
    return {};
  }

  // Makes a value that an earlier region writes an output of that region.
  Status Carry(uint32_t value, uint32_t region) {
    const uint32_t writer = function_.value_regions[value];
    PlanFunction& from = regions_[writer].function;
    if (places_[value] == 0) {
      STINT_TRY(from.outputs.Push({value, kNoIndex}));
      STINT_TRY(from.output_names.Push(function_.values[value].name));
      places_[value] = static_cast<uint32_t>(from.outputs.size());
    }
    return regions_[region].carried.Push({writer, places_[value] - 1});
  }

  Status FillShapes(uint32_t region) {
    PlanFunction& made = regions_[region].function;
    STINT_TRY(CopyAll(function_.symbols, &made.symbols));
    STINT_TRY(CopyAll(function_.expressions, &made.expressions));
    for (PlanSymbol& symbol : made.symbols) {
      if (symbol.source != SymbolSource::kComputed) continue;
      if (!IsKnown(symbol, region)) {
        symbol = {};
        continue;
      }
      symbol.source = SymbolSource::kElement;
      symbol.input = input_places_[symbol.input];
    }
    for (size_t i = 0; i < made.expressions.size(); ++i) {
      if (function_.expression_regions[i] > region && made.expressions[i].op == DimOp::kSymbol) {
        made.expressions[i] = kUnknown;
      }
    }
    for (const PlanCheck& check : function_.checks) {
      if (RegionOf(check.a) <= region && RegionOf(check.b) <= region) {
        STINT_TRY(made.checks.Push(check));
      }
    }
    return RemoveUnknownSymbols(region);
  }

  uint32_t RegionOf(Dim dim) const {
    return dim.is_constant() ? 0 : function_.expression_regions[dim.expression()];
  }

  // Symbols are renumbered; only expressions refer to them.
  Status RemoveUnknownSymbols(uint32_t region) {
    PlanFunction& made = regions_[region].function;
    Array<int64_t> numbers;
    Array<PlanSymbol> known;
    for (size_t i = 0; i < made.symbols.size(); ++i) {
      STINT_TRY(numbers.Push(static_cast<int64_t>(known.size())));
      const PlanSymbol& symbol = function_.symbols[i];
      if (symbol.source == SymbolSource::kComputed && !IsKnown(symbol, region)) continue;
      STINT_TRY(known.Push(made.symbols[i]));
    }
    for (PlanExpression& expression : made.expressions) {
      if (expression.op != DimOp::kSymbol) continue;
      expression.a = numbers[static_cast<size_t>(expression.a.constant())];
    }
    made.symbols = std::move(known);
    return {};
  }

  const PlanFunction& function_;
  Array<RegionFunction>& regions_;
  Array<uint8_t> needed_;
  Array<uint32_t> places_;        // 1 + the output that carries a value; 0: none.
  Array<uint32_t> input_places_;  // Of the region being made: the input that is a carried value.
};

}  // namespace

Result<Array<RegionFunction>> MakeRegionFunctions(const PlanFunction& function,
                                                  uint64_t most_bytes) {
  // Each value may be an input or be carried: then the region's session keeps as much for it.
  constexpr uint64_t kValueBytes = sizeof(PlanValue) + sizeof(CarriedInput) + sizeof(TensorView) +
                                   (kMaxRank + 2) * sizeof(int64_t) + sizeof(uint32_t) +
                                   kMaxDevices * sizeof(void*);
  const uint64_t bytes =
      sizeof(RegionFunction) + sizeof(BoundSession) + function.values.size() * kValueBytes +
      function.forms.size() * sizeof(PlanForm) + function.views.size() * sizeof(PlanView) +
      function.symbols.size() * sizeof(PlanSymbol) +
      function.expressions.size() * sizeof(PlanExpression) +
      function.checks.size() * sizeof(PlanCheck);
  if (bytes > most_bytes / function.region_sizes.size()) {
    return Error(Code::kLimit, "regions", "found %zu of %llu bytes each, allowed %llu bytes",
                 function.region_sizes.size(), static_cast<unsigned long long>(bytes),
                 static_cast<unsigned long long>(most_bytes));
  }
  Array<RegionFunction> regions;
  STINT_TRY(RegionSplitter(function, regions).Run());
  return regions;
}

}  // namespace stint
