// Gives constant matrices that multiply from the right the order of memory that panels are packed
// from: one row an output column. What is computed stays the same.
#include <map>
#include <memory>

#include "tools/compiler/passes/passes.h"
#include "tools/compiler/passes/queries.h"

namespace stint::compiler {

namespace {

bool IsMatrixWeight(const Node& node, Function& function) {
  if (node.op->kind != OpKind::kMatMul) return false;
  const View& weight = node.operands[1];
  const Value& value = function[weight.value];
  return value.is_constant() && value.dtype == DType::kFloat32 && weight.dims.size() == 2 &&
         IsPlain(weight, function) && IsStatic(weight);
}

}  // namespace

Result<Patch> OrientWeights(Function& function, PassContext&) {
  Patch patch;
  std::map<ValueId, ValueId> oriented;
  for (size_t i = 0; i < function.nodes.size(); ++i) {
    if (!IsMatrixWeight(function.nodes[i], function)) continue;
    const View weight = function.nodes[i].operands[1];
    const View columns = {weight.value,
                          {weight.dims[1], weight.dims[0]},
                          {weight.strides[1], weight.strides[0]},
                          weight.offset};
    auto [found, inserted] = oriented.try_emplace(weight.value, kNoValue);
    if (inserted) {
      Value value = function[weight.value];
      value.dims = columns.dims;
      value.data = std::make_shared<const Bytes>(*ConstantBytesOf(columns, function));
      found->second = function.AddValue(std::move(value));
    }
    View rows = function.ViewOf(found->second);
    std::swap(rows.dims[0], rows.dims[1]);
    std::swap(rows.strides[0], rows.strides[1]);
    Node node = function.nodes[i];
    node.operands[1] = rows;
    patch.replace.emplace_back(i, std::move(node));
  }
  return patch;
}

}  // namespace stint::compiler
