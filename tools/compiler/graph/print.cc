#include "tools/compiler/graph/print.h"

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "tools/compiler/graph/dim_text.h"
#include "tools/compiler/graph/text_names.h"
#include "tools/compiler/graph/text_numbers.h"

namespace stint::compiler {

namespace {

template <typename Items, typename ToText>
std::string Join(const Items& items, const ToText& to_text) {
  std::string text;
  for (const auto& item : items) {
    if (!text.empty()) text += ", ";
    text += to_text(item);
  }
  return text;
}

std::string FloatText(double number) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&number);
  const auto text = NumberText(DType::kFloat64, bytes);
  return text ? *text : "nan";
}

class FunctionPrinter {
 public:
  FunctionPrinter(Function& function, const PrintOptions& options)
      : function_(function), options_(options), dims_(function.dims) {}

  std::string Print() {
    FindUsed();
    for (const ValueId id : function_.inputs) PrintInput(id);
    for (ValueId id = 0; id < function_.values.size(); ++id) {
      if (used_[id] && function_[id].is_constant()) PrintConstant(id);
    }
    PrintNodes();
    for (const Output& output : function_.outputs) {
      body_ += std::string("  output ") + (output.is_shape ? "shape " : "") + Quoted(output.name) +
               " = " + ViewText(output.view) + "\n";
    }
    const std::string checks = ChecksText();
    return "function " + Quoted(function_.name) + " {\n" + HeaderText() + checks + body_ + "}\n";
  }

 private:
  // Values that the text names, and those that nodes write as a whole in their own shape.
  void FindUsed() {
    used_.assign(function_.values.size(), false);
    declared_.assign(function_.values.size(), false);
    for (const ValueId id : function_.inputs) used_[id] = declared_[id] = true;
    for (const Node& node : function_.nodes) {
      for (const View& view : node.operands) {
        if (view.present()) used_[view.value] = true;
      }
    }
    for (const Output& output : function_.outputs) used_[output.view.value] = true;
  }

  std::string DimList(const std::vector<Dim>& dims) {
    return "[" + Join(dims, [this](Dim dim) { return dims_.Text(dim); }) + "]";
  }

  std::string TypeText(const Value& value) { return NameOf(value.dtype) + DimList(value.dims); }

  // Names the value for the rest of the text: its own name where that is free.
  std::string Declare(ValueId id) {
    const Value& value = function_[id];
    declared_[id] = true;
    std::string name;
    std::string alias;
    if (!value.name.empty() && taken_.insert(value.name).second) {
      name = "%" + (IsPlainName(value.name) ? value.name : Quoted(value.name));
    } else {
      name = "%" + std::to_string(numbered_++);
      if (!value.name.empty()) alias = " as " + Quoted(value.name);
    }
    names_.resize(std::max<size_t>(names_.size(), id + size_t{1}));
    names_[id] = name;
    std::string text = name + alias + ": " + TypeText(value);
    if (value.elements) text += " elements " + DimList(*value.elements);
    return text;
  }

  void PrintInput(ValueId id) {
    body_ += "  input " + Declare(id);
    if (function_[id].data != nullptr)
      body_ += " = " + PrintData(function_[id].dtype, *function_[id].data, options_);
    body_ += '\n';
  }

  void PrintConstant(ValueId id) {
    body_ += "  constant " + Declare(id) + " = " +
             PrintData(function_[id].dtype, *function_[id].data, options_) + "\n";
  }

  // "%x" where the view is the whole value, then what differs.
  std::string ViewText(const View& view) {
    if (!view.present()) return "none";
    const Value& value = function_[view.value];
    std::string text = names_[view.value];
    const std::vector<Dim> dense = DenseStrides(value.dims, function_.dims);
    const bool same_dims = view.dims == value.dims;
    if (same_dims && view.strides == dense && view.offset == Dim(0)) return text;
    if (const auto axes = Permutation(view, value.dims, dense); axes && view.offset == Dim(0)) {
      return text + " transposed [" +
             Join(*axes, [](size_t axis) { return std::to_string(axis); }) + "]";
    }
    text += DimList(view.dims);
    if (view.strides != DenseStrides(view.dims, function_.dims))
      text += " strides " + DimList(view.strides);
    if (view.offset != Dim(0)) text += " offset " + dims_.Text(view.offset);
    return text;
  }

  // The axes of the value in the view's order; nothing when the view is no transposition.
  static std::optional<std::vector<size_t>> Permutation(const View& view,
                                                        const std::vector<Dim>& dims,
                                                        const std::vector<Dim>& strides) {
    if (view.dims.size() != dims.size()) return std::nullopt;
    std::vector<bool> taken(dims.size(), false);
    std::vector<size_t> axes;
    for (size_t i = 0; i < dims.size(); ++i) {
      size_t axis = 0;
      while (axis < dims.size() &&
             (taken[axis] || view.dims[i] != dims[axis] || view.strides[i] != strides[axis])) {
        ++axis;
      }
      if (axis == dims.size()) return std::nullopt;
      taken[axis] = true;
      axes.push_back(axis);
    }
    return axes;
  }

  void PrintNodes() {
    for (const Node& node : function_.nodes) PrintNode(node);
  }

  void PrintNode(const Node& node) {
    size_t results = node.results.size();
    while (results > 0 && !node.results[results - 1].present()) --results;
    size_t operands = node.operands.size();
    while (operands > 0 && !node.operands[operands - 1].present()) --operands;
    for (size_t i = 0; i < results; ++i) DeclareSlots(node.results[i]);
    std::string text = "  ";
    const std::span<const View> operand_views(node.operands.data(), operands);
    const std::string arguments =
        Join(operand_views, [this](const View& view) { return ViewText(view); });
    const std::span<const View> result_views(node.results.data(), results);
    text += Join(result_views, [this](const View& view) { return ResultText(view); });
    text += std::string(" = ") + node.op->name + "(" + arguments + ")";
    if (!node.name.empty()) text += " @" + Quoted(node.name);
    body_ += text + AttributesText(node) + "\n";
  }

  // A value that a node writes in part, or in other dims than its own, stands on a line before.
  void DeclareSlots(const View& view) {
    if (!view.present() || declared_[view.value] || IsPlain(view)) return;
    body_ += "  value " + Declare(view.value) + "\n";
  }

  bool IsPlain(const View& view) {
    const Value& value = function_[view.value];
    return view.dims == value.dims && view.offset == Dim(0) &&
           view.strides == DenseStrides(value.dims, function_.dims);
  }

  std::string ResultText(const View& view) {
    if (view.present() && !declared_[view.value]) return Declare(view.value);
    return ViewText(view);
  }

  std::string AttributesText(const Node& node) {
    const Attributes defaults(*node.op);
    std::string text;
    for (const Field& field : node.op->fields) {
      const std::string value = FieldText(field, node.attributes.data());
      if (value != FieldText(field, defaults.data())) {
        text += std::string("    ") + field.name + " = " + value + "\n";
      }
    }
    return text.empty() ? "" : " {\n" + text + "  }";
  }

  std::string FieldText(const Field& field, const void* attributes) {
    const auto integer = [](int64_t number) { return std::to_string(number); };
    const auto dim = [this](Dim number) { return dims_.Text(number); };
    const auto real = [this](Real number) {
      return number.is_constant() ? FloatText(number.value())
                                  : "(" + dims_.Text(number.bits()) + ")";
    };
    switch (field.type) {
      case FieldType::kInt:
      case FieldType::kFunction:
      case FieldType::kConstant:
        return std::to_string(FieldAs<int64_t>(field, attributes));
      case FieldType::kEnum:
        return field.enumerators[FieldAs<int64_t>(field, attributes)];
      case FieldType::kFloat:
        return FloatText(FieldAs<double>(field, attributes));
      case FieldType::kIntList:
        return "[" + Join(FieldAs<IntList>(field, attributes).span(), integer) + "]";
      case FieldType::kFloatList:
        return "[" + Join(FieldAs<FloatList>(field, attributes).span(), real) + "]";
      case FieldType::kExtents:
        return "[" + Join(FieldAs<stint::DimList>(field, attributes).span(), dim) + "]";
      case FieldType::kLongExtents:
        return "[" + Join(FieldAs<LongDimList>(field, attributes).span(), dim) + "]";
      case FieldType::kBytes:
        return "hex \"" + Hex(FieldAs<SmallBytes>(field, attributes).span()) + "\"";
      case FieldType::kProgram: {
        const auto& program = FieldAs<MapProgram>(field, attributes);
        return program.present() ? PrintProgram(program, "    ") : "none";
      }
    }
    return "none";
  }

  std::string ChecksText() {
    std::string text;
    for (const DimCheck& check : function_.dims.checks()) {
      text += "  check " + dims_.Text(check.a) + " == " + dims_.Text(check.b) + "\n";
    }
    return text;
  }

  // Symbols, and the long expressions that the rest of the text names.
  std::string HeaderText() {
    std::string text;
    for (size_t i = 0; i < function_.dims.symbols().size(); ++i) {
      const Symbol& symbol = function_.dims.symbols()[i];
      text += "  symbol " + dims_.SymbolText(i);
      if (dims_.SymbolText(i) != symbol.name && !symbol.name.empty()) {
        text += " as " + Quoted(symbol.name);
      }
      text += std::string(" = ") + (symbol.is_element ? "element " : "extent ") +
              std::to_string(symbol.index) + (symbol.is_computed ? " of output " : " of input ") +
              std::to_string(symbol.input) + "\n";
    }
    for (size_t i = 0; i < dims_.definitions().size(); ++i) {
      text += "  dim #" + std::to_string(i) + " = " + dims_.definitions()[i] + "\n";
    }
    return text;
  }

  Function& function_;
  const PrintOptions& options_;
  DimText dims_;
  std::string body_;
  std::vector<bool> used_;
  std::vector<bool> declared_;
  std::set<std::string> taken_;
  std::vector<std::string> names_;
  size_t numbered_ = 0;
};

}  // namespace

std::string PrintGraph(Graph& graph, const PrintOptions& options) {
  std::string text;
  for (const auto& [key, value] : graph.properties) {
    text += "property " + Quoted(key) + " = " + Quoted(value) + "\n";
  }
  for (Function& function : graph.functions) {
    text += FunctionPrinter(function, options).Print();
  }
  return text;
}

}  // namespace stint::compiler
