// Runs nodes whose operands are all constants, by the reference kernels, within the byte budget.
#include <memory>

#include "tools/compiler/graph/builder.h"
#include "tools/compiler/passes/passes.h"
#include "tools/compiler/passes/queries.h"

namespace stint::compiler {

Result<Patch> FoldConstants(Function& function, PassContext& context) {
  Patch patch;
  for (size_t i = 0; i < function.nodes.size(); ++i) {
    const Node& node = function.nodes[i];
    if (!CanEvaluate(node, function, context.fold_budget_bytes)) continue;
    if (!HasPlainResults(node, function)) continue;
    STINT_ASSIGN(std::vector<Bytes> results, EvaluateNode(node, function));
    for (size_t k = 0; k < node.results.size(); ++k) {
      if (!node.results[k].present()) continue;
      Value value = function[node.results[k].value];
      context.fold_budget_bytes -= results[k].size();
      value.data = std::make_shared<const Bytes>(std::move(results[k]));
      patch.redirect.emplace_back(node.results[k].value,
                                  function.ViewOf(function.AddValue(std::move(value))));
    }
    patch.erase.push_back(i);
  }
  return patch;
}

}  // namespace stint::compiler
