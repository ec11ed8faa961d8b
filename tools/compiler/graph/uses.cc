#include "tools/compiler/graph/uses.h"

namespace stint::compiler {

Uses::Uses(const Function& function)
    : function_(function), readers_(function.values.size()), writers_(function.values.size()) {
  for (size_t i = 0; i < function.nodes.size(); ++i) {
    const Node& node = function.nodes[i];
    for (size_t k = 0; k < node.operands.size(); ++k) {
      if (node.operands[k].present()) readers_[node.operands[k].value].push_back({i, k});
    }
    for (const View& result : node.results) {
      if (result.present()) writers_[result.value].push_back(i);
    }
  }
  for (size_t k = 0; k < function.outputs.size(); ++k) {
    readers_[function.outputs[k].view.value].push_back({Use::kOutput, k});
  }
}

}  // namespace stint::compiler
