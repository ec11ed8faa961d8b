// What a pass is: a function that looks at a graph and returns a patch. Passes never change nodes
// themselves; they may add values and Dims, which nothing sees until a patched node names them.
#ifndef STINT_TOOLS_COMPILER_PASSES_PASS_H_
#define STINT_TOOLS_COMPILER_PASSES_PASS_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "runtime/base/result.h"
#include "tools/compiler/graph/graph.h"

namespace stint::compiler {

// Changes to one function. Indices are those of its nodes before the patch.
struct Patch {
  std::vector<size_t> erase;
  std::vector<std::pair<size_t, Node>> replace;
  std::vector<std::pair<size_t, Node>> insert;  // Before the node; nodes.size() appends.
  // Whoever reads the value, nodes of this patch included, reads the view instead: it shows the
  // value's elements in row-major order. Every reading view must compose with it.
  std::vector<std::pair<ValueId, View>> redirect;
  std::vector<std::pair<size_t, View>>
      outputs;  // What an output of the function shows from now on.

  bool empty() const {
    return erase.empty() && replace.empty() && insert.empty() && redirect.empty() &&
           outputs.empty();
  }
};

// What a run of the pipeline shares between passes.
struct PassContext {
  // Bytes that folding may still add to the plan.
  uint64_t fold_budget_bytes = uint64_t{64} << 20;
  bool fold_budget_hit = false;  // Something was not folded for want of it.
  size_t patches = 0;            // That were applied.

  // Takes bytes from the budget; false: there are not as many.
  bool SpendFolding(uint64_t bytes) {
    if (bytes > fold_budget_bytes) {
      fold_budget_hit = true;
      return false;
    }
    fold_budget_bytes -= bytes;
    return true;
  }

  // Functions for which assign_layouts has decided.
  std::set<const Function*> with_layouts;
};

struct Pass {
  const char* name;    // Also the stem of its file, its flag and its test.
  const char* reason;  // Why it runs where it stands in the pipeline.
  // Runs until its patch is empty; each patch must bring it closer to that.
  Result<Patch> (*run)(Function& function, PassContext& context);
};

// Applies a patch. kInternal when a reading view does not compose with its redirection.
Status ApplyPatch(Patch patch, Function& function);

// Whether every reader of `value` can read `view` instead.
class Uses;
bool CanRedirect(ValueId value, const View& view, const Uses& uses, Function& function);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_PASSES_PASS_H_
