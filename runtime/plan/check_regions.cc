#include "runtime/plan/check_regions.h"

#include <algorithm>

#include "runtime/ops/attributes.h"

namespace stint {

namespace {

class RegionChecker {
 public:
  RegionChecker(const Path& path, PlanFunction& function) : path_(path), function_(function) {}

  Status Run() {
    STINT_TRY(FindWriters());
    STINT_TRY(FindExpressions());
    if (function_.region_sizes.size() == 1) return {};
    for (const uint32_t input : function_.inputs) {
      STINT_TRY(CheckDims(Extents(function_.values[input]), 0, path_ / "inputs"));
    }
    const Path list = path_ / "ops";
    size_t op = 0;
    for (uint32_t region = 0; region < function_.region_sizes.size(); ++region) {
      for (uint32_t i = 0; i < function_.region_sizes[region]; ++i, ++op) {
        STINT_TRY(CheckOp(function_.ops[op], region, list[op]));
      }
    }
    return {};
  }

 private:
  template <typename Shape>
  static std::span<const Dim> Extents(const Shape& shape) {
    return {shape.extents, static_cast<size_t>(shape.rank)};
  }

  Status FindWriters() {
    auto& regions = function_.value_regions;
    STINT_TRY(regions.Resize(function_.values.size()));
    std::fill(regions.begin(), regions.end(), kNoIndex);
    const Path list = path_ / "ops";
    size_t op = 0;
    for (uint32_t region = 0; region < function_.region_sizes.size(); ++region) {
      for (uint32_t i = 0; i < function_.region_sizes[region]; ++i, ++op) {
        for (const PlanUse& use : function_.ops[op].results) {
          if (use.value == kNoIndex) continue;
          if (regions[use.value] != kNoIndex && regions[use.value] != region) {
            return Error(Code::kInvalid, list[op].text().c_str(),
                         "found value %u written in regions %u and %u, allowed in one", use.value,
                         regions[use.value], region);
          }
          regions[use.value] = region;
        }
      }
    }
    return {};
  }

  // The first region that knows the symbol.
  Status RegionOf(const PlanSymbol& symbol, size_t index, uint32_t* region) const {
    *region = 0;
    if (symbol.source != SymbolSource::kComputed) return {};
    const uint32_t writer = function_.value_regions[symbol.input];
    if (writer != kNoIndex && writer + 1 < function_.region_sizes.size()) {
      *region = writer + 1;
      return {};
    }
    const Path list = path_ / "symbols";
    return Error(Code::kInvalid, list[index].text().c_str(),
                 "found an element of value %u, which no region but the last one writes, allowed "
                 "values that ops of an earlier region write",
                 symbol.input);
  }

  Status FindExpressions() {
    Array<uint32_t> symbols;
    STINT_TRY(symbols.Resize(function_.symbols.size()));
    for (size_t i = 0; i < symbols.size(); ++i) {
      STINT_TRY(RegionOf(function_.symbols[i], i, &symbols[i]));
    }
    auto& regions = function_.expression_regions;
    STINT_TRY(regions.Resize(function_.expressions.size()));
    for (size_t i = 0; i < regions.size(); ++i) {
      const PlanExpression& expression = function_.expressions[i];
      if (expression.op == DimOp::kSymbol) {
        regions[i] = symbols[static_cast<size_t>(expression.a.constant())];
        continue;
      }
      regions[i] =
          std::max({RegionOf(expression.a), RegionOf(expression.b), RegionOf(expression.c)});
    }
    return {};
  }

  uint32_t RegionOf(Dim dim) const {
    return dim.is_constant() ? 0 : function_.expression_regions[dim.expression()];
  }

  Status CheckDims(std::span<const Dim> dims, uint32_t region, const Path& path) const {
    for (const Dim dim : dims) {
      if (RegionOf(dim) <= region) continue;
      return Error(Code::kInvalid, path.text().c_str(),
                   "found an extent that is known from region %u on, allowed those that region %u "
                   "knows",
                   RegionOf(dim), region);
    }
    return {};
  }

  Status CheckUses(std::span<const PlanUse> uses, uint32_t region, const Path& path) const {
    for (const PlanUse& use : uses) {
      if (use.value == kNoIndex) continue;
      STINT_TRY(CheckDims(Extents(function_.values[use.value]), region, path));
      if (use.view == kNoIndex) continue;
      const PlanView& view = function_.views[use.view];
      STINT_TRY(CheckDims(Extents(view), region, path));
      STINT_TRY(CheckDims({view.strides, static_cast<size_t>(view.rank)}, region, path));
      STINT_TRY(CheckDims({&view.offset, 1}, region, path));
    }
    return {};
  }

  Status CheckOp(const PlanOp& op, uint32_t region, const Path& path) const {
    STINT_TRY(CheckUses(op.operands, region, path / "operands"));
    STINT_TRY(CheckUses(op.results, region, path / "results"));
    const Path list = path / "attributes";
    for (const Field& field : op.info->fields) {
      if (field.type == FieldType::kExtents) {
        STINT_TRY(CheckDims(FieldAs<DimList>(field, op.attributes).span(), region, list));
      } else if (field.type == FieldType::kLongExtents) {
        STINT_TRY(CheckDims(FieldAs<LongDimList>(field, op.attributes).span(), region, list));
      } else if (field.type == FieldType::kFloatList) {
        for (const Real real : FieldAs<FloatList>(field, op.attributes).span()) {
          const Dim bits = real.bits();
          STINT_TRY(CheckDims({&bits, 1}, region, list));
        }
      }
    }
    return {};
  }

  const Path& path_;
  PlanFunction& function_;
};

}  // namespace

Status CheckRegions(const Path& path, PlanFunction* function) {
  const bool computed = std::any_of(
      function->symbols.begin(), function->symbols.end(),
      [](const PlanSymbol& symbol) { return symbol.source == SymbolSource::kComputed; });
  if (function->region_sizes.size() == 1 && !computed) return {};
  return RegionChecker(path, *function).Run();
}

}  // namespace stint
