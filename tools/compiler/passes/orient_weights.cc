// Gives constant matrices the order of memory that panels are packed from: one row an output
// column. What is computed stays the same.
#include <map>
#include <memory>
#include <utility>

#include "tools/compiler/passes/passes.h"
#include "tools/compiler/passes/queries.h"

namespace stint::compiler {

namespace {

bool IsConstantMatrix(const View& weight, Function& function) {
  if (!weight.present()) return false;
  const Value& value = function[weight.value];
  return value.is_constant() && value.dtype == DType::kFloat32 && weight.dims.size() == 2 &&
         IsStatic(weight);
}

View Transposed(View matrix) {
  std::swap(matrix.dims[0], matrix.dims[1]);
  std::swap(matrix.strides[0], matrix.strides[1]);
  return matrix;
}

// A product reads [K, N], a recurrent layer rows.
bool ReadsColumns(const Node& node) { return node.op->kind == OpKind::kMatMul; }

// Both orders of one element are the same.
bool HasOneElement(const View& matrix) {
  return matrix.dims[0] == Dim(1) && matrix.dims[1] == Dim(1);
}

// Whether operand `index` is a constant matrix that lies in another order than it is packed from.
bool IsAskew(const Node& node, size_t index, Function& function) {
  if (index >= node.operands.size() || !IsConstantMatrix(node.operands[index], function)) {
    return false;
  }
  const View& weight = node.operands[index];
  const bool plain = IsPlain(weight, function);
  if (ReadsColumns(node)) return index == 1 && plain && !HasOneElement(weight);
  return node.op->kind == OpKind::kRecurrent && (index == 1 || index == 2) && !plain;
}

// The values that were made of others: by the other and what is seen of it, as rows.
class OrientedValues {
 public:
  // A value that holds `rows` of a constant densely.
  ValueId Find(const View& rows, Function& function) {
    auto& made = made_[rows.value];
    for (const auto& [view, value] : made) {
      if (view == rows) return value;
    }
    Value value = function[rows.value];
    value.dims = rows.dims;
    value.elements.reset();
    value.data = std::make_shared<const Bytes>(*ConstantBytesOf(rows, function));
    made.emplace_back(rows, function.AddValue(std::move(value)));
    return made.back().second;
  }

 private:
  std::map<ValueId, std::vector<std::pair<View, ValueId>>> made_;
};

}  // namespace

Result<Patch> OrientWeights(Function& function, PassContext&) {
  Patch patch;
  OrientedValues oriented;
  for (size_t i = 0; i < function.nodes.size(); ++i) {
    Node node = function.nodes[i];
    bool changed = false;
    for (const size_t index : {size_t{1}, size_t{2}}) {
      if (!IsAskew(node, index, function)) continue;
      View& weight = node.operands[index];
      const bool columns = ReadsColumns(node);
      const ValueId value = oriented.Find(columns ? Transposed(weight) : weight, function);
      weight = columns ? Transposed(function.ViewOf(value)) : function.ViewOf(value);
      changed = true;
    }
    if (changed) patch.replace.emplace_back(i, std::move(node));
  }
  return patch;
}

}  // namespace stint::compiler
