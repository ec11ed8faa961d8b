// Runs the passes over a graph: applies their patches, checks the graph after each, and stops a
// pass that never ends.
#ifndef STINT_TOOLS_COMPILER_PASSES_PIPELINE_H_
#define STINT_TOOLS_COMPILER_PASSES_PIPELINE_H_

#include <span>
#include <string_view>

#include "tools/compiler/compile.h"
#include "tools/compiler/graph/graph.h"
#include "tools/compiler/passes/pass.h"

namespace stint::compiler {

// The passes in the order in which they run. A pass may stand in more than one line.
std::span<const Pass> Pipeline();
// The pass of this name; nullptr: there is none.
const Pass* FindPass(std::string_view name);

// Runs one pass on every function until it has nothing left to do. kInternal: it broke a rule of
// CheckFunction, or never ends.
Status RunPass(const Pass& pass, Graph& graph, PassContext& context);

// Runs the pipeline as the options say (fold budget, stop_after, dump_after); `report` (may be
// null) says what it did. kInvalid: dump_after names no pass.
Status RunPipeline(Graph& graph, const CompileOptions& options, ModelReport* report = nullptr);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_PASSES_PIPELINE_H_
