// Equality of graphs whose values and expressions carry other numbers.
#include <algorithm>
#include <map>

#include "tools/compiler/graph/dim_text.h"
#include "tools/compiler/graph/print.h"

namespace stint::compiler {

namespace {

class FunctionComparison {
 public:
  FunctionComparison(const Function& a, const Function& b)
      : a_(a), b_(b), order_a_(a.dims), order_b_(b.dims) {}

  bool Equal() {
    return a_.name == b_.name && a_.dims.symbols() == b_.dims.symbols() && EqualInputs() &&
           EqualNodes() && EqualOutputs() && EqualChecks();
  }

 private:
  bool EqualDim(Dim a, Dim b) { return order_a_.HashOf(a) == order_b_.HashOf(b); }

  template <typename Dims>
  bool EqualDims(const Dims& a, const Dims& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [this](Dim x, Dim y) { return EqualDim(x, y); });
  }

  bool EqualReals(std::span<const Real> a, std::span<const Real> b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [this](Real x, Real y) { return EqualDim(x.bits(), y.bits()); });
  }

  bool EqualChecks() {
    const auto& a = a_.dims.checks();
    const auto& b = b_.dims.checks();
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [this](const DimCheck& x, const DimCheck& y) {
                        return EqualDim(x.a, y.a) && EqualDim(x.b, y.b);
                      });
  }

  // Values are equal when they have the same content and stand in the same places.
  bool EqualValue(ValueId a, ValueId b) {
    if (a == kNoValue || b == kNoValue) return a == b;
    const auto [known, added] = values_.emplace(a, b);
    if (!added) return known->second == b;
    if (!taken_.emplace(b, a).second) return false;
    const Value& x = a_[a];
    const Value& y = b_[b];
    if (x.name != y.name || x.dtype != y.dtype || x.is_input != y.is_input) return false;
    if (!EqualDims(x.dims, y.dims)) return false;
    if ((x.data == nullptr) != (y.data == nullptr)) return false;
    if (x.data != nullptr && *x.data != *y.data) return false;
    if (x.elements.has_value() != y.elements.has_value()) return false;
    return !x.elements || EqualDims(*x.elements, *y.elements);
  }

  bool EqualView(const View& a, const View& b) {
    return EqualValue(a.value, b.value) && EqualDims(a.dims, b.dims) &&
           EqualDims(a.strides, b.strides) && EqualDim(a.offset, b.offset);
  }

  bool EqualViews(const std::vector<View>& a, const std::vector<View>& b) {
    const View absent;
    for (size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
      if (!EqualView(i < a.size() ? a[i] : absent, i < b.size() ? b[i] : absent)) return false;
    }
    return true;
  }

  bool EqualInputs() {
    return std::equal(a_.inputs.begin(), a_.inputs.end(), b_.inputs.begin(), b_.inputs.end(),
                      [this](ValueId x, ValueId y) { return EqualValue(x, y); });
  }

  bool EqualNodes() {
    return std::equal(a_.nodes.begin(), a_.nodes.end(), b_.nodes.begin(), b_.nodes.end(),
                      [this](const Node& x, const Node& y) {
                        return x.op == y.op && x.name == y.name &&
                               EqualViews(x.operands, y.operands) &&
                               EqualViews(x.results, y.results) && EqualAttributes(x, y);
                      });
  }

  bool EqualOutputs() {
    return std::equal(a_.outputs.begin(), a_.outputs.end(), b_.outputs.begin(), b_.outputs.end(),
                      [this](const Output& x, const Output& y) {
                        return x.name == y.name && x.is_shape == y.is_shape &&
                               EqualView(x.view, y.view);
                      });
  }

  bool EqualAttributes(const Node& a, const Node& b) {
    return std::all_of(a.op->fields.begin(), a.op->fields.end(), [&](const Field& field) {
      return EqualField(field, a.attributes.data(), b.attributes.data());
    });
  }

  template <typename List>
  static bool EqualList(const Field& field, const void* a, const void* b) {
    const auto x = FieldAs<List>(field, a).span();
    const auto y = FieldAs<List>(field, b).span();
    return std::equal(x.begin(), x.end(), y.begin(), y.end());
  }

  bool EqualField(const Field& field, const void* a, const void* b) {
    switch (field.type) {
      case FieldType::kInt:
      case FieldType::kEnum:
      case FieldType::kFunction:
      case FieldType::kConstant:
        return FieldAs<int64_t>(field, a) == FieldAs<int64_t>(field, b);
      case FieldType::kFloat:
        return FieldAs<double>(field, a) == FieldAs<double>(field, b);
      case FieldType::kIntList:
        return EqualList<IntList>(field, a, b);
      case FieldType::kFloatList:
        return EqualReals(FieldAs<FloatList>(field, a).span(), FieldAs<FloatList>(field, b).span());
      case FieldType::kBytes:
        return EqualList<SmallBytes>(field, a, b);
      case FieldType::kExtents:
        return EqualDims(FieldAs<DimList>(field, a).span(), FieldAs<DimList>(field, b).span());
      case FieldType::kLongExtents:
        return EqualDims(FieldAs<LongDimList>(field, a).span(),
                         FieldAs<LongDimList>(field, b).span());
      case FieldType::kProgram:
        return FieldAs<MapProgram>(field, a) == FieldAs<MapProgram>(field, b);
    }
    return false;
  }

  const Function& a_;
  const Function& b_;
  DimOrder order_a_;
  DimOrder order_b_;
  std::map<ValueId, ValueId> values_;
  std::map<ValueId, ValueId> taken_;
};

}  // namespace

bool EqualGraphs(const Graph& a, const Graph& b) {
  return a.properties == b.properties &&
         std::equal(
             a.functions.begin(), a.functions.end(), b.functions.begin(), b.functions.end(),
             [](const Function& x, const Function& y) { return FunctionComparison(x, y).Equal(); });
}

}  // namespace stint::compiler
