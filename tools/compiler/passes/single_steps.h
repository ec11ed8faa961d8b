// Single operators, as importers make them: Maps of one instruction and plain reductions. Passes
// that name what models spell in such steps look for them here.
#ifndef STINT_TOOLS_COMPILER_PASSES_SINGLE_STEPS_H_
#define STINT_TOOLS_COMPILER_PASSES_SINGLE_STEPS_H_

#include <optional>
#include <utility>

#include "runtime/ops/map/program.h"
#include "runtime/ops/reduce.h"
#include "tools/compiler/graph/graph.h"
#include "tools/compiler/graph/uses.h"
#include "tools/compiler/passes/pass.h"

namespace stint::compiler {

// A Map of one instruction on floats: its operands are views or numbers.
struct Step {
  struct Operand {
    View view;  // Absent: a number.
    double number = 0;
  };
  MapOpcode opcode = {};
  Operand a, b;
};

class Steps {
 public:
  // A snapshot of the function's uses: nothing follows later changes.
  explicit Steps(Function& function) : function_(function), uses_(function) {}

  // The step that a Map is whose one result is a whole value; nothing when the node is more, on
  // other types, or no Map.
  std::optional<Step> Of(const Node& node) const;
  // The step of the Map whose one result the view shows in full.
  std::optional<Step> Behind(const View& view);
  // What the reduction reads whose whole result the view shows, if it is of this kind and has
  // neither prologue nor epilogue. Sets the axes that it reduces, of kMaxRank that are false.
  std::optional<View> BelowReduce(const View& view, ReduceKind kind, bool* is_reduced);
  // What the view is 1 over; absent when it is nothing such.
  View InverseBelow(const View& view);

 private:
  const Node* WriterOf(const View& view);

  Function& function_;
  Uses uses_;
};

// `op` of x, with the name and result of the step that ends its spelling. Nothing where the result
// has another type or other extents.
std::optional<Node> NamedNode(const Function& function, const Node& last, const OpInfo& op,
                              Attributes attributes, View x);

// A patch that replaces each node for which naming.Named(node) gives another one.
template <typename Naming>
Patch PatchOfNames(const Function& function, Naming& naming) {
  Patch patch;
  for (size_t i = 0; i < function.nodes.size(); ++i) {
    std::optional<Node> named = naming.Named(function.nodes[i]);
    if (named) patch.replace.emplace_back(i, std::move(*named));
  }
  return patch;
}

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_PASSES_SINGLE_STEPS_H_
