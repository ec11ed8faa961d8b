// Who reads and who writes each value of a function. A snapshot: nothing follows later changes.
#ifndef STINT_TOOLS_COMPILER_GRAPH_USES_H_
#define STINT_TOOLS_COMPILER_GRAPH_USES_H_

#include <cstddef>
#include <vector>

#include "tools/compiler/graph/graph.h"

namespace stint::compiler {

// One operand of a node, or one output of the function.
struct Use {
  static constexpr size_t kOutput = SIZE_MAX;
  size_t node = kOutput;  // kOutput: an output of the function.
  size_t index = 0;       // Of the operand or output.
};

class Uses {
 public:
  explicit Uses(const Function& function);

  const std::vector<Use>& of(ValueId value) const { return readers_[value]; }
  // Nodes that write the value or a part of it, in order.
  const std::vector<size_t>& writers(ValueId value) const { return writers_[value]; }
  // The one node that writes the value; nullptr for inputs, constants and values made of slots.
  const Node* writer(ValueId value) const {
    return writers_[value].size() == 1 ? &function_.nodes[writers_[value][0]] : nullptr;
  }
  // The view that `use` reads through.
  const View& view(const Use& use) const {
    return use.node == Use::kOutput ? function_.outputs[use.index].view
                                    : function_.nodes[use.node].operands[use.index];
  }

 private:
  const Function& function_;
  std::vector<std::vector<Use>> readers_;
  std::vector<std::vector<size_t>> writers_;
};

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_GRAPH_USES_H_
