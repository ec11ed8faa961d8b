// The last step of compiling: a graph becomes the description of a plan.
#ifndef STINT_TOOLS_COMPILER_EMIT_LOWER_GRAPH_H_
#define STINT_TOOLS_COMPILER_EMIT_LOWER_GRAPH_H_

#include "tools/compiler/emit/plan_writer.h"
#include "tools/compiler/graph/graph.h"

namespace stint::compiler {

// Only what is used is described: values, symbols and expressions in the order of first use. The
// description borrows the bytes of the graph's constants. (`graph` is changed only in that its dims
// may intern parts of expressions.) kLimit: expressions without end.
Result<PlanDescription> LowerGraph(Graph& graph);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_EMIT_LOWER_GRAPH_H_
