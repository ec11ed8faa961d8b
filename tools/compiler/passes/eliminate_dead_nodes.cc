// Removes nodes none of whose results reach an output.
#include "tools/compiler/passes/passes.h"

namespace stint::compiler {

Result<Patch> EliminateDeadNodes(Function& function, PassContext&) {
  std::vector<bool> live(function.values.size(), false);
  for (const Output& output : function.outputs) live[output.view.value] = true;
  Patch patch;
  for (size_t i = function.nodes.size(); i-- > 0;) {
    const Node& node = function.nodes[i];
    bool needed = false;
    for (const View& result : node.results)
      needed = needed || (result.present() && live[result.value]);
    if (!needed) {
      patch.erase.push_back(i);
      continue;
    }
    for (const View& operand : node.operands) {
      if (operand.present()) live[operand.value] = true;
    }
  }
  return patch;
}

}  // namespace stint::compiler
