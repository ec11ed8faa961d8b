// Gives dense storage to what must be dense: operands of ops that take no strides, and outputs.
// Equal views of a value share one Copy. Afterwards every node can run as it stands.
#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "runtime/ops/copy.h"
#include "tools/compiler/passes/passes.h"

namespace stint::compiler {

namespace {

bool TakesStrides(const OpInfo& op, size_t operand) {
  return (op.strided_operands >> std::min<size_t>(operand, 15) & 1) != 0;
}

class Materializer {
 public:
  explicit Materializer(Function& function) : function_(function) {}

  Patch Run() {
    for (size_t i = 0; i < function_.nodes.size(); ++i) VisitNode(i);
    for (size_t i = 0; i < function_.outputs.size(); ++i) VisitOutput(i);
    return std::move(patch_);
  }

 private:
  void VisitNode(size_t index) {
    const Node& node = function_.nodes[index];
    Node changed = node;
    bool dirty = false;
    for (size_t k = 0; k < node.operands.size(); ++k) {
      const View& operand = node.operands[k];
      if (!operand.present() || TakesStrides(*node.op, k)) continue;
      if (IsContiguous(operand, function_.dims)) continue;
      changed.operands[k] = DenseCopy(operand, index, node.name);
      dirty = true;
    }
    if (dirty) patch_.replace.emplace_back(index, std::move(changed));
  }

  // An output is a whole value.
  void VisitOutput(size_t index) {
    const Output& output = function_.outputs[index];
    if (IsWhole(output.view, function_, function_.dims)) return;
    patch_.outputs.emplace_back(index, DenseCopy(output.view, function_.nodes.size(), output.name));
  }

  View DenseCopy(const View& view, size_t before, const std::string& name) {
    const auto found = std::find_if(copies_.begin(), copies_.end(),
                                    [&](const auto& copy) { return copy.first == view; });
    if (found != copies_.end()) return found->second;
    CopyAttributes attributes;
    for (const Dim dim : view.dims) {
      attributes.extents.Push(dim);
      attributes.starts.Push(0);
    }
    const Value& source = function_[view.value];
    Value value;
    value.dtype = source.dtype;
    value.dims = view.dims;
    const View result = function_.ViewOf(function_.AddValue(std::move(value)));
    patch_.insert.emplace_back(
        before, Node{FindOp(OpKind::kCopy), name, Attributes::Of(attributes), {view}, {result}});
    copies_.emplace_back(view, result);
    return result;
  }

  Function& function_;
  Patch patch_;
  std::vector<std::pair<View, View>> copies_;
};

}  // namespace

Result<Patch> MaterializeViews(Function& function, PassContext&) {
  return Materializer(function).Run();
}

}  // namespace stint::compiler
