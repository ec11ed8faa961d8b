#include "tools/compiler/emit/lower_graph.h"

#include <algorithm>
#include <map>
#include <optional>

#include "tools/compiler/emit/assign_regions.h"
#include "tools/compiler/emit/pack_constants.h"
#include "tools/compiler/emit/winograd_forms.h"

namespace stint::compiler {

namespace {

constexpr const char* kProducer = "stint 0.1.0";
constexpr const char* kMinRuntime = "0.1.0";

class FunctionLowering {
 public:
  FunctionLowering(Function& function, std::span<const CostProfile* const> targets,
                   PlanDescription& plan)
      : function_(function),
        plan_(plan),
        layouts_(ChooseLayouts(function)),
        forms_(ChooseWinogradForms(function, layouts_, targets)) {}

  Result<FunctionDescription> Run() {
    result_.name = function_.name;
    for (const ValueId input : function_.inputs) result_.inputs.push_back(ValueIndex(input));
    STINT_ASSIGN(const Regions regions, AssignRegions(function_));
    std::vector<std::vector<size_t>> nodes(regions.count);
    for (size_t i = 0; i < function_.nodes.size(); ++i) nodes[regions.of_node[i]].push_back(i);
    for (const std::vector<size_t>& region : nodes) LowerRegion(region);
    for (const Output& output : function_.outputs) {
      if (output.is_shape) continue;
      result_.outputs.push_back({output.name, Use(output.view)});
    }
    for (const DimCheck& check : function_.dims.checks()) {
      result_.checks.push_back({Lower(check.a), Lower(check.b)});
    }
    if (!status_.ok()) return std::move(status_);
    return std::move(result_);
  }

 private:
  void LowerRegion(const std::vector<size_t>& nodes) {
    const size_t before = result_.ops.size();
    for (const size_t node : nodes) LowerNode(function_.nodes[node]);
    result_.region_sizes.push_back(static_cast<uint32_t>(result_.ops.size() - before));
  }

  void LowerNode(const Node& node) {
    OpDescription op = {node.op, node.name, node.attributes, {}, {}};
    LowerAttributes(*node.op, op.attributes);
    for (const View& operand : node.operands) op.operands.push_back(Use(operand));
    for (const View& view : node.results) op.results.push_back(Use(view));
    result_.ops.push_back(std::move(op));
  }

  void LowerAttributes(const OpInfo& op, Attributes& attributes) {
    for (const Field& field : op.fields) {
      if (field.type == FieldType::kExtents) {
        LowerList(FieldAs<DimList>(field, attributes.data()));
      } else if (field.type == FieldType::kLongExtents) {
        LowerList(FieldAs<LongDimList>(field, attributes.data()));
      } else if (field.type == FieldType::kFloatList) {
        LowerList(FieldAs<FloatList>(field, attributes.data()));
      }
    }
  }

  template <typename List>
  void LowerList(List& list) {
    for (int64_t i = 0; i < list.size; ++i) list[i] = Lower(list[i]);
  }

  std::vector<Dim> LowerAll(const std::vector<Dim>& dims) {
    std::vector<Dim> lowered;
    for (const Dim dim : dims) lowered.push_back(Lower(dim));
    return lowered;
  }

  Real Lower(Real real) { return Real::FromBits(Lower(real.bits())); }

  // The Dim as an expression of the plan's shape program.
  Dim Lower(Dim dim) {
    if (dim.is_constant()) return dim;
    const auto found = expressions_.find(dim.raw());
    if (found != expressions_.end()) return found->second;
    const DimStep step = function_.dims.Describe(dim);
    if (const auto folded = FoldedSymbol(step)) return *folded;
    PlanExpression expression = {step.op, 0, 0, 0};
    if (step.op == DimOp::kSymbol) {
      expression.a = SymbolIndex(step.a.constant());
    } else {
      expression.a = Lower(step.a);
      expression.b = Lower(step.b);
      if (ArityOf(step.op) == 3) expression.c = Lower(step.c);
    }
    result_.expressions.push_back(expression);
    const Dim lowered = Dim::Expression(static_cast<uint32_t>(result_.expressions.size() - 1));
    expressions_[dim.raw()] = lowered;
    return lowered;
  }

  // The number that a computed symbol turned out to be while the graph was optimised.
  std::optional<Dim> FoldedSymbol(const DimStep& step) const {
    if (step.op != DimOp::kSymbol) return std::nullopt;
    const Symbol& symbol = function_.dims.symbols()[static_cast<size_t>(step.a.constant())];
    if (!symbol.is_computed) return std::nullopt;
    const View& view = function_.outputs[symbol.input].view;
    if (!function_[view.value].is_constant()) return std::nullopt;
    const auto elements = HoldsReals(function_[view.value].dtype) ? RealsOf(view, function_)
                                                                  : ElementsOf(view, function_);
    if (!elements) return std::nullopt;
    return (*elements)[symbol.index];
  }

  int64_t SymbolIndex(int64_t symbol) {
    const Symbol& source = function_.dims.symbols()[static_cast<size_t>(symbol)];
    if (source.is_computed) {
      result_.symbols.push_back(ComputedSymbol(source));
    } else {
      result_.symbols.push_back({source.name,
                                 source.is_element ? SymbolSource::kElement : SymbolSource::kExtent,
                                 source.input, source.index});
    }
    return static_cast<int64_t>(result_.symbols.size() - 1);
  }

  // Passes may have made the output another view of what it shows.
  SymbolDescription ComputedSymbol(const Symbol& symbol) {
    const View& view = function_.outputs[symbol.input].view;
    int64_t position = view.offset.constant();
    int64_t rest = symbol.index;
    for (size_t axis = view.dims.size(); axis-- > 0;) {
      position += rest % view.dims[axis].constant() * view.strides[axis].constant();
      rest /= view.dims[axis].constant();
    }
    SymbolDescription result = {symbol.name, SymbolSource::kComputed, ValueIndex(view.value),
                                static_cast<uint32_t>(position)};
    const auto& inputs = function_.inputs;
    const auto input = std::find(inputs.begin(), inputs.end(), view.value);
    if (input == inputs.end()) return result;
    result.source = SymbolSource::kElement;
    result.input = static_cast<uint32_t>(input - inputs.begin());
    return result;
  }

  uint32_t ValueIndex(ValueId id) {
    const auto found = values_.find(id);
    if (found != values_.end()) return found->second;
    const Value& value = function_[id];
    ValueDescription description = {value.name, value.dtype, LowerAll(value.dims), kNoIndex};
    if (value.data != nullptr) {
      description.constant = static_cast<uint32_t>(plan_.constants.size());
      plan_.constants.push_back(LowerConstant(id));
    }
    result_.values.push_back(std::move(description));
    const auto index = static_cast<uint32_t>(result_.values.size() - 1);
    values_[id] = index;
    if (const auto forms = forms_.find(id); forms != forms_.end()) {
      for (const Layout layout : forms->second) AddForm(value, layout, index);
    }
    return index;
  }

  void AddForm(const Value& value, Layout layout, uint32_t index) {
    result_.forms.push_back({index, static_cast<uint32_t>(plan_.constants.size())});
    plan_.constants.push_back(Packed(value, layout));
  }

  ConstantDescription LowerConstant(ValueId id) {
    const Value& value = function_[id];
    const auto layout = layouts_.find(id);
    if (layout == layouts_.end()) return {Layout::kDense, *value.data};
    return Packed(value, layout->second);
  }

  ConstantDescription Packed(const Value& value, Layout layout) {
    auto packed = PackConstant(value, layout);
    if (!packed.ok()) {
      status_ = packed.TakeStatus();
      return {Layout::kDense, *value.data};
    }
    plan_.packed.push_back(std::move(*packed));
    return {layout, plan_.packed.back(), value.dtype, value.dims};
  }

  PlanUse Use(const View& view) {
    if (!view.present()) return {};
    PlanUse use = {ValueIndex(view.value), kNoIndex};
    const Value& value = function_[view.value];
    if (view.dims == value.dims && view.offset == Dim(0) && IsContiguous(view, function_.dims)) {
      return use;
    }
    use.view = ViewIndex(view);
    return use;
  }

  uint32_t ViewIndex(const View& view) {
    std::vector<int64_t> key = {view.offset.raw()};
    for (const Dim dim : view.dims) key.push_back(dim.raw());
    for (const Dim stride : view.strides) key.push_back(stride.raw());
    const auto found = views_.find(key);
    if (found != views_.end()) return found->second;
    result_.views.push_back({LowerAll(view.dims), LowerAll(view.strides), Lower(view.offset)});
    const auto index = static_cast<uint32_t>(result_.views.size() - 1);
    views_[std::move(key)] = index;
    return index;
  }

  Function& function_;
  PlanDescription& plan_;
  const std::map<ValueId, Layout> layouts_;
  const std::map<ValueId, std::set<Layout>> forms_;
  FunctionDescription result_;
  Status status_;
  std::map<int64_t, Dim> expressions_;
  std::map<ValueId, uint32_t> values_;
  std::map<std::vector<int64_t>, uint32_t> views_;
};

}  // namespace

Result<PlanDescription> LowerGraph(Graph& graph, std::span<const CostProfile* const> targets) {
  PlanDescription plan;
  plan.producer = kProducer;
  plan.min_runtime = kMinRuntime;
  plan.properties = graph.properties;
  for (Function& function : graph.functions) {
    STINT_ASSIGN(FunctionDescription lowered, FunctionLowering(function, targets, plan).Run());
    plan.functions.push_back(std::move(lowered));
    if (!function.dims.ok()) return function.dims.TakeStatus();
  }
  return plan;
}

}  // namespace stint::compiler
