// Runs nodes whose operands are all constants, by the reference kernels, within the byte budget.
// What counts is by how much the plan grows: constants that nothing else reads go.
#include <algorithm>
#include <memory>

#include "tools/compiler/graph/builder.h"
#include "tools/compiler/passes/passes.h"
#include "tools/compiler/passes/queries.h"

namespace stint::compiler {

namespace {

// No single node makes more than this, whatever it replaces.
constexpr uint64_t kMaxResultBytes = uint64_t{1} << 30;

// Bytes of the constants that nobody but this node reads.
uint64_t BytesOfOwnOperands(const Node& node, const Uses& uses, const Function& function) {
  uint64_t bytes = 0;
  for (const View& operand : node.operands) {
    if (!operand.present() || uses.of(operand.value).size() != 1) continue;
    bytes += function[operand.value].data->size();
  }
  return bytes;
}

uint64_t BytesOfResults(const Node& node, const Function& function) {
  uint64_t bytes = 0;
  for (const View& result : node.results) {
    if (!result.present()) continue;
    auto size = static_cast<uint64_t>(BytesOf(function[result.value].dtype));
    for (const Dim dim : result.dims) size *= static_cast<uint64_t>(dim.constant());
    bytes += size;
  }
  return bytes;
}

Status Fold(size_t index, Function& function, Patch& patch) {
  const Node& node = function.nodes[index];
  STINT_ASSIGN(std::vector<Bytes> results, EvaluateNode(node, function));
  for (size_t k = 0; k < node.results.size(); ++k) {
    if (!node.results[k].present()) continue;
    Value value = function[node.results[k].value];
    value.data = std::make_shared<const Bytes>(std::move(results[k]));
    patch.redirect.emplace_back(node.results[k].value,
                                function.ViewOf(function.AddValue(std::move(value))));
  }
  patch.erase.push_back(index);
  return {};
}

}  // namespace

Result<Patch> FoldConstants(Function& function, PassContext& context) {
  Patch patch;
  const Uses uses(function);
  for (size_t i = 0; i < function.nodes.size(); ++i) {
    const Node& node = function.nodes[i];
    if (!CanEvaluate(node, function, kMaxResultBytes)) continue;
    if (!HasPlainResults(node, function)) continue;
    const uint64_t made = BytesOfResults(node, function);
    if (!SpendEvaluation(node, function)) continue;
    const uint64_t freed = std::min(made, BytesOfOwnOperands(node, uses, function));
    if (!context.SpendFolding(made - freed)) continue;
    STINT_TRY(Fold(i, function, patch));
  }
  return patch;
}

}  // namespace stint::compiler
