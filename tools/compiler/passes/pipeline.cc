#include "tools/compiler/passes/pipeline.h"

#include <algorithm>
#include <string>

#include "tools/compiler/passes/passes.h"

namespace stint::compiler {

namespace {

constexpr Pass kPipeline[] = {
    {"eliminate_dead_nodes", "what no output needs costs time in every later pass",
     EliminateDeadNodes},
    {"materialize_views",
     "from here on every node can run as it stands: last, because it makes "
     "Copies of the views that the others removed",
     MaterializeViews},
};

// Patches that a pass may return: each works on at least one node, so that more than a few for each
// node there was show that the pass undoes its own work.
size_t MaxRounds(const Function& function) { return 64 + 4 * function.nodes.size(); }

Status RunPass(const Pass& pass, Function& function, PassContext& context) {
  const size_t limit = MaxRounds(function);
  for (size_t round = 0; round < limit; ++round) {
    STINT_ASSIGN(Patch patch, pass.run(function, context));
    if (patch.empty()) return {};
    STINT_TRY(ApplyPatch(std::move(patch), function));
    STINT_TRY(CheckFunction(function));
  }
  return Error(Code::kInternal, function.name.c_str(), "found more than %zu patches, allowed fewer",
               limit);
}

}  // namespace

std::span<const Pass> Pipeline() { return kPipeline; }

const Pass* FindPass(std::string_view name) {
  const auto* found = std::find_if(std::begin(kPipeline), std::end(kPipeline),
                                   [name](const Pass& pass) { return name == pass.name; });
  return found == std::end(kPipeline) ? nullptr : found;
}

Status RunPass(const Pass& pass, Graph& graph, PassContext& context) {
  for (Function& function : graph.functions) {
    Status status = RunPass(pass, function, context);
    if (!status.ok()) return std::move(status).At(pass.name);
  }
  return {};
}

Status RunPipeline(Graph& graph, const CompileOptions& options) {
  PassContext context;
  context.fold_budget_bytes = options.fold_budget_bytes;
  int count = 0;
  for (Function& function : graph.functions) STINT_TRY(CheckFunction(function));
  for (const Pass& pass : kPipeline) {
    if (options.stop_after >= 0 && count++ >= options.stop_after) return {};
    STINT_TRY(RunPass(pass, graph, context));
  }
  return {};
}

}  // namespace stint::compiler
