// A Map that alone reads a rearranged result of a product or the like is done before the
// rearrangement: there it becomes an epilogue, and who reads it reads the rearranged view itself.
// So the scale of attention's scores costs nothing, which exporters put behind the split into
// heads. Readers that take no strides keep the Map, which then is the copy that they need.
// Behind a window op the axes of a Map of several operands are put into the op's order: exporters
// of channels-last frameworks transpose around each convolution, and add its bias behind that.
#include <algorithm>

#include "runtime/ops/map.h"
#include "tools/compiler/graph/image_layout.h"
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

// The view's axes in the order of its value, when the view is the value with its axes in another.
std::optional<std::vector<size_t>> PermutationOf(const View& view, Function& function) {
  const View plain = function.ViewOf(view.value);
  if (plain.dims.size() != view.dims.size() || plain.offset != view.offset) return std::nullopt;
  std::vector<size_t> order;
  for (size_t axis = 0; axis < plain.dims.size(); ++axis) {
    size_t from = 0;
    const auto fits = [&](size_t i) {
      return view.dims[i] == plain.dims[axis] && view.strides[i] == plain.strides[axis] &&
             std::find(order.begin(), order.end(), i) == order.end();
    };
    while (from < view.dims.size() && !fits(from)) ++from;
    if (from == view.dims.size()) return std::nullopt;
    order.push_back(from);
  }
  return order;
}

class Hoisting {
 public:
  explicit Hoisting(Function& function) : function_(function), uses_(function) {}

  Patch Run() {
    for (size_t i = 0; i < function_.nodes.size(); ++i) {
      const Node& map = function_.nodes[i];
      if (map.op->kind != OpKind::kMap || !HasPlainResult(map, function_)) continue;
      const bool anywhere = !ReadsCoordinates(map.attributes.as<MapAttributes>().program);
      for (size_t k = 0; anywhere && k < map.operands.size(); ++k) {
        if (TryHoist(i, k)) break;
      }
    }
    return std::move(patch_);
  }

 private:
  // Before the rearrangement of operand `k`.
  bool TryHoist(size_t index, size_t k) {
    const Node& map = function_.nodes[index];
    const View& view = map.operands[k];
    if (IsPlain(view, function_) || uses_.of(view.value).size() != 1) return false;
    const Node* const core = uses_.writer(view.value);
    if (core == nullptr || core->op->epilogue == nullptr) return false;
    if (!HasPlainResult(*core, function_) || view.dims != map.results[0].dims) return false;
    if (map.operands.size() == 1 && IsRearrangement(view, function_) &&
        IsReadByStrides(map.results[0].value, view, false)) {
      Hoist(index, map, k);
      return true;
    }
    const auto order = IsWindowOp(*core) ? PermutationOf(view, function_) : std::nullopt;
    if (!order || ReadsCoreInOrder(map) || !IsReadByStrides(map.results[0].value, view, true))
      return false;
    Hoist(index, PermuteAxes(map, *order), k);
    return true;
  }

  // Whether the Map has the order of such an op already: two orders would take turns for ever.
  bool ReadsCoreInOrder(const Node& map) {
    return std::any_of(map.operands.begin(), map.operands.end(), [&](const View& view) {
      if (view.dims != map.results[0].dims || !IsPlain(view, function_)) return false;
      const Node* const core = uses_.writer(view.value);
      return core != nullptr && core->op->epilogue != nullptr;
    });
  }

  bool IsReadByStrides(ValueId value, const View& view, bool by_outputs) {
    const auto& readers = uses_.of(value);
    const auto takes_strides = [&](const Use& use) {
      if (use.node == Use::kOutput) return by_outputs;
      return TakesStrides(*function_.nodes[use.node].op, use.index);
    };
    return std::all_of(readers.begin(), readers.end(), takes_strides) &&
           CanRedirect(value, view, uses_, function_);
  }

  // `hoisted` is the Map with the axes that operand `k` has before the rearrangement.
  void Hoist(size_t index, Node hoisted, size_t k) {
    const Node& map = function_.nodes[index];
    View shown = map.operands[k];
    Value value;
    value.dtype = function_[map.results[0].value].dtype;
    value.dims = function_[shown.value].dims;
    hoisted.operands[k] = function_.ViewOf(shown.value);
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
