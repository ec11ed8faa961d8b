// Gives dense storage to what must be dense: operands of ops that take no strides, or none within
// the axes that they normalise, and outputs.
// Equal views of a value share one Copy. Afterwards every node can run as it stands.
#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "runtime/ops/copy.h"
#include "runtime/ops/normalize.h"
#include "tools/compiler/passes/passes.h"
#include "tools/compiler/passes/queries.h"

namespace stint::compiler {

namespace {

class Materializer {
 public:
  Materializer(Function& function, PassContext& context) : function_(function), context_(context) {}

  Patch Run() {
    for (size_t i = 0; i < function_.nodes.size(); ++i) VisitNode(i);
    for (size_t i = 0; i < function_.outputs.size(); ++i) VisitOutput(i);
    return std::move(patch_);
  }

 private:
  // Normalised axes are read twice, in one run: kernels walk them as one axis.
  bool ReadsAsItLies(const Node& node, size_t k) {
    if (!TakesStrides(*node.op, k)) return false;
    if (node.op->kind != OpKind::kNormalize || k > 0) return true;
    const View& operand = node.operands[k];
    std::optional<Dim> next;  // The stride that joins an axis with those behind it.
    const auto first = static_cast<size_t>(node.attributes.as<NormalizeAttributes>().axis);
    for (size_t axis = operand.dims.size(); axis-- > first;) {
      if (operand.dims[axis] == Dim(1)) continue;
      if (next && operand.strides[axis] != *next) return false;
      next = function_.dims.Mul(operand.strides[axis], operand.dims[axis]);
    }
    return true;
  }

  void VisitNode(size_t index) {
    const Node& node = function_.nodes[index];
    Node changed = node;
    bool dirty = false;
    for (size_t k = 0; k < node.operands.size(); ++k) {
      const View& operand = node.operands[k];
      if (!operand.present() || ReadsAsItLies(node, k)) continue;
      if (IsContiguous(operand, function_.dims)) continue;
      changed.operands[k] = DenseCopy(operand, index, node.name);
      dirty = true;
    }
    if (dirty) patch_.replace.emplace_back(index, std::move(changed));
  }

  // An output is a whole value. Of shapes single elements are read.
  void VisitOutput(size_t index) {
    const Output& output = function_.outputs[index];
    if (output.is_shape || IsWhole(output.view, function_, function_.dims)) return;
    patch_.outputs.emplace_back(index, DenseCopy(output.view, function_.nodes.size(), output.name));
  }

  // A constant is copied here and now.
  View DenseCopy(const View& view, size_t before, const std::string& name) {
    const auto found = std::find_if(copies_.begin(), copies_.end(),
                                    [&](const auto& copy) { return copy.first == view; });
    if (found != copies_.end()) return found->second;
    const View result = NewValue(view);
    copies_.emplace_back(view, result);
    if (std::optional<Bytes> bytes = ConstantBytes(view)) {
      function_[result.value].data = std::make_shared<const Bytes>(std::move(*bytes));
      return result;
    }
    CopyAttributes attributes;
    for (const Dim dim : view.dims) {
      attributes.extents.Push(dim);
      attributes.starts.Push(0);
    }
    patch_.insert.emplace_back(
        before, Node{FindOp(OpKind::kCopy), name, Attributes::Of(attributes), {view}, {result}});
    return result;
  }

  // Repeated elements only within the budget.
  std::optional<Bytes> ConstantBytes(const View& view) {
    const Value& value = function_[view.value];
    if (!value.is_constant() || !IsStatic(view)) return std::nullopt;
    uint64_t bytes = static_cast<uint64_t>(BytesOf(value.dtype));
    for (const Dim dim : view.dims) {
      if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(dim.constant()), &bytes)) {
        return std::nullopt;
      }
    }
    const uint64_t growth = bytes > value.data->size() ? bytes - value.data->size() : 0;
    if (!context_.SpendFolding(growth)) return std::nullopt;
    return ConstantBytesOf(view, function_);
  }

  View NewValue(const View& view) {
    Value value;
    value.dtype = function_[view.value].dtype;
    value.dims = view.dims;
    return function_.ViewOf(function_.AddValue(std::move(value)));
  }

  Function& function_;
  PassContext& context_;
  Patch patch_;
  std::vector<std::pair<View, View>> copies_;
};

}  // namespace

Result<Patch> MaterializeViews(Function& function, PassContext& context) {
  return Materializer(function, context).Run();
}

}  // namespace stint::compiler
