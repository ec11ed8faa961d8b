// Copies that only show a part of one source in another order are views. (Where an op needs the
// elements dense, materialize_views makes a Copy again, one for all its readers.)
#include <optional>
#include <set>

#include "runtime/ops/copy.h"
#include "tools/compiler/passes/passes.h"
#include "tools/compiler/passes/queries.h"

namespace stint::compiler {

namespace {

// What the Copy's result shows of its source; nothing when it shows fill, repeats or mirrors.
std::optional<View> ViewOfCopy(const Node& node, SymbolicDims& dims) {
  const auto& attributes = node.attributes.as<CopyAttributes>();
  if (node.operands.size() != 1) return std::nullopt;
  for (const int64_t table : attributes.tables.span()) {
    if (table != static_cast<int64_t>(AxisTable::kAffine)) return std::nullopt;
  }
  View view = node.operands[0];
  for (size_t axis = 0; axis < view.dims.size(); ++axis) {
    const auto i = static_cast<int64_t>(axis);
    const Dim first = dims.Sub(0, attributes.starts[i]);
    const Dim room = dims.Sub(view.dims[axis], dims.Add(first, attributes.extents[i]));
    if (!dims.IsNonNegative(first) || !dims.IsNonNegative(room)) return std::nullopt;
    view.offset = dims.Add(view.offset, dims.Mul(first, view.strides[axis]));
    view.dims[axis] = attributes.extents[i];
  }
  return view;
}

}  // namespace

Result<Patch> SimplifyCopies(Function& function, PassContext&) {
  Patch patch;
  const Uses uses(function);
  std::set<ValueId> moved;
  for (size_t i = 0; i < function.nodes.size(); ++i) {
    const Node& node = function.nodes[i];
    if (node.op->kind != OpKind::kCopy || !HasPlainResult(node, function)) continue;
    std::optional<View> view = ViewOfCopy(node, function.dims);
    const ValueId result = node.results[0].value;
    // Views of what moves in this patch wait for the next one.
    if (!view || moved.count(view->value) > 0 || !CanRedirect(result, *view, uses, function))
      continue;
    patch.redirect.emplace_back(result, std::move(*view));
    patch.erase.push_back(i);
    moved.insert(result);
  }
  return patch;
}

}  // namespace stint::compiler
