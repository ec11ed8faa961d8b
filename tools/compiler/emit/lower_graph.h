// The last step of compiling: a graph becomes the description of a plan.
#ifndef STINT_TOOLS_COMPILER_EMIT_LOWER_GRAPH_H_
#define STINT_TOOLS_COMPILER_EMIT_LOWER_GRAPH_H_

#include <span>

#include "runtime/cost/profile.h"
#include "tools/compiler/emit/plan_writer.h"
#include "tools/compiler/graph/graph.h"

namespace stint::compiler {

// Only what is used is described: values, symbols and expressions in the order of first use. The
// description borrows the bytes of the graph's constants. (`graph` is changed only in that its dims
// may intern parts of expressions.) Weights that a named target wants in another form than all
// runtimes can use are stored in both. kLimit: expressions without end.
Result<PlanDescription> LowerGraph(Graph& graph, std::span<const CostProfile* const> targets = {});

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_EMIT_LOWER_GRAPH_H_
