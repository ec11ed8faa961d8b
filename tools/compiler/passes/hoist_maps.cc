// A Map of one operand that alone reads a rearranged result of a product or the like is done before
// the rearrangement: there it becomes an epilogue, and who reads it reads the rearranged view
// itself. So the scale of attention's scores costs nothing, which exporters put behind the split
// into heads. Readers that take no strides keep the Map, which then is the copy that they need.
#include <algorithm>

#include "runtime/ops/map.h"
#include "tools/compiler/passes/map_edits.h"
#include "tools/compiler/passes/passes.h"
#include "tools/compiler/passes/queries.h"

namespace stint::compiler {

namespace {

bool IsOne(Dim dim) { return dim.is_constant() && dim.constant() == 1; }

// Whether the view shows each element of its value once, in whatever order.
bool IsRearrangement(const View& view, Function& function) {
  if (!view.offset.is_constant() || view.offset.constant() != 0) return false;
  std::vector<bool> walked(view.dims.size());
  for (size_t axis = 0; axis < walked.size(); ++axis) walked[axis] = IsOne(view.dims[axis]);
  Dim covered = 1;
  for (size_t round = 0; round < walked.size(); ++round) {
    for (size_t axis = 0; axis < walked.size(); ++axis) {
      if (walked[axis] || view.strides[axis] != covered) continue;
      walked[axis] = true;
      covered = function.dims.Mul(covered, view.dims[axis]);
    }
  }
  Dim elements = 1;
  for (const Dim dim : function[view.value].dims) elements = function.dims.Mul(elements, dim);
  return covered == elements &&
         std::all_of(walked.begin(), walked.end(), [](bool is) { return is; });
}

class Hoisting {
 public:
  explicit Hoisting(Function& function) : function_(function), uses_(function) {}

  Patch Run() {
    for (size_t i = 0; i < function_.nodes.size(); ++i) {
      if (IsHoistable(function_.nodes[i])) Hoist(i);
    }
    return std::move(patch_);
  }

 private:
  bool IsHoistable(const Node& map) {
    if (map.op->kind != OpKind::kMap || !HasPlainResult(map, function_)) return false;
    if (map.operands.size() != 1 || ReadsCoordinates(map.attributes.as<MapAttributes>().program)) {
      return false;
    }
    const View& view = map.operands[0];
    if (IsPlain(view, function_) || uses_.of(view.value).size() != 1) return false;
    const Node* const core = uses_.writer(view.value);
    if (core == nullptr || core->op->epilogue == nullptr) return false;
    return HasPlainResult(*core, function_) && view.dims == map.results[0].dims &&
           IsRearrangement(view, function_) && IsReadByStrides(map.results[0].value, view);
  }

  bool IsReadByStrides(ValueId value, const View& view) {
    const auto& readers = uses_.of(value);
    const auto takes_strides = [&](const Use& use) {
      return use.node != Use::kOutput && TakesStrides(*function_.nodes[use.node].op, use.index);
    };
    return std::all_of(readers.begin(), readers.end(), takes_strides) &&
           CanRedirect(value, view, uses_, function_);
  }

  void Hoist(size_t index) {
    const Node& map = function_.nodes[index];
    const View& view = map.operands[0];
    Value value;
    value.dtype = function_[map.results[0].value].dtype;
    value.dims = function_[view.value].dims;
    View shown = view;
    Node hoisted = map;
    hoisted.operands[0] = function_.ViewOf(view.value);
    hoisted.results[0] = function_.ViewOf(function_.AddValue(std::move(value)));
    shown.value = hoisted.results[0].value;
    KeepExtents(hoisted.results[0].dims, function_, hoisted);
    patch_.redirect.emplace_back(map.results[0].value, std::move(shown));
    patch_.replace.emplace_back(index, std::move(hoisted));
  }

  Function& function_;
  Uses uses_;
  Patch patch_;
};

}  // namespace

Result<Patch> HoistMaps(Function& function, PassContext&) { return Hoisting(function).Run(); }

}  // namespace stint::compiler
