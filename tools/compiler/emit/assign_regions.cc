#include "tools/compiler/emit/assign_regions.h"

#include <algorithm>
#include <map>

namespace stint::compiler {

namespace {

class RegionAssignment {
 public:
  explicit RegionAssignment(Function& function)
      : function_(function), of_value_(function.values.size(), 0) {
    result_.of_node.assign(function.nodes.size(), 0);
  }

  // Regions only ever rise, until nothing changes: a value that is written in parts has one region,
  // which its first writer learns from its last.
  Result<Regions> Run() {
    for (bool changed = true; changed;) {
      changed = false;
      known_.clear();
      for (size_t i = 0; i < function_.nodes.size(); ++i) changed = Raise(i) || changed;
      if (result_.count > function_.nodes.size() + 1) {
        return Error(Code::kInternal, function_.name.c_str(),
                     "found a node whose extents follow from its own results, allowed from others");
      }
    }
    for (const Output& output : function_.outputs) {
      if (!output.is_shape) Count(RegionOf(output.view));
    }
    for (const DimCheck& check : function_.dims.checks()) {
      Count(std::max(RegionOf(check.a), RegionOf(check.b)));
    }
    return std::move(result_);
  }

 private:
  void Count(uint32_t region) { result_.count = std::max(result_.count, region + 1); }

  bool Raise(size_t index) {
    const Node& node = function_.nodes[index];
    uint32_t region = std::max(result_.of_node[index], RegionOfAttributes(node));
    for (const View& view : node.operands) region = std::max(region, RegionOf(view));
    for (const View& view : node.results) region = std::max(region, RegionOf(view));
    bool changed = region != result_.of_node[index];
    result_.of_node[index] = region;
    for (const View& view : node.results) {
      if (!view.present() || of_value_[view.value] == region) continue;
      of_value_[view.value] = region;
      changed = true;
    }
    Count(region);
    return changed;
  }

  uint32_t RegionOf(const View& view) {
    if (!view.present()) return 0;
    uint32_t region = std::max(of_value_[view.value], RegionOf(view.offset));
    for (const Dim dim : view.dims) region = std::max(region, RegionOf(dim));
    for (const Dim dim : view.strides) region = std::max(region, RegionOf(dim));
    for (const Dim dim : function_[view.value].dims) region = std::max(region, RegionOf(dim));
    return region;
  }

  uint32_t RegionOf(Real real) { return RegionOf(real.bits()); }

  template <typename List>
  uint32_t RegionOfList(const Field& field, const Node& node) {
    uint32_t region = 0;
    for (const auto number : FieldAs<List>(field, node.attributes.data()).span()) {
      region = std::max(region, RegionOf(number));
    }
    return region;
  }

  uint32_t RegionOfAttributes(const Node& node) {
    uint32_t region = 0;
    for (const Field& field : node.op->fields) {
      if (field.type == FieldType::kExtents) {
        region = std::max(region, RegionOfList<DimList>(field, node));
      } else if (field.type == FieldType::kLongExtents) {
        region = std::max(region, RegionOfList<LongDimList>(field, node));
      } else if (field.type == FieldType::kFloatList) {
        region = std::max(region, RegionOfList<FloatList>(field, node));
      }
    }
    return region;
  }

  uint32_t RegionOf(Dim dim) {
    if (dim.is_constant()) return 0;
    const auto found = known_.find(dim.raw());
    if (found != known_.end()) return found->second;
    const DimStep step = function_.dims.Describe(dim);
    uint32_t region = 0;
    if (step.op == DimOp::kSymbol) {
      region = RegionOfSymbol(function_.dims.symbols()[static_cast<size_t>(step.a.constant())]);
    } else {
      region = std::max({RegionOf(step.a), RegionOf(step.b), RegionOf(step.c)});
    }
    known_[dim.raw()] = region;
    return region;
  }

  uint32_t RegionOfSymbol(const Symbol& symbol) const {
    if (!symbol.is_computed) return 0;
    const ValueId source = function_.outputs[symbol.input].view.value;
    const Value& value = function_[source];
    return value.is_input || value.is_constant() ? 0 : of_value_[source] + 1;
  }

  Function& function_;
  std::vector<uint32_t> of_value_;
  std::map<int64_t, uint32_t> known_;  // By Dim, with what of_value_ says.
  Regions result_;
};

}  // namespace

Result<Regions> AssignRegions(Function& function) { return RegionAssignment(function).Run(); }

}  // namespace stint::compiler
