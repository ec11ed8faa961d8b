#include "tools/compiler/passes/pipeline.h"

#include <algorithm>
#include <ostream>
#include <string>

#include "tools/compiler/graph/print.h"
#include "tools/compiler/passes/passes.h"

namespace stint::compiler {

namespace {

constexpr Pass kPipeline[] = {
    {"eliminate_dead_nodes", "what no output needs costs time in every later pass",
     EliminateDeadNodes},
    {"fold_constants",
     "what is known now is not computed at every run, and its values steer the rest",
     FoldConstants},
    {"widen_halves",
     "kernels and later passes know float32; after folding, which rounds as the model says",
     WidenHalves},
    {"eliminate_common_subexpressions",
     "equal work is done once; before fusing, which would hide that it is equal",
     EliminateCommonSubexpressions},
    {"simplify_copies", "a Copy that is a view moves nothing, and hides Maps from each other",
     SimplifyCopies},
    {"fold_pads", "window ops pad without touching memory", FoldPads},
    {"simplify_maps", "canonical programs with numbers inside are what the next passes match",
     SimplifyMaps},
    {"name_layer_norm",
     "normalisations in single operators are one op; before fusing, which mixes their parts",
     NameLayerNorm},
    {"name_softmax", "likewise softmax, whose rows are read once instead of five times",
     NameSoftmax},
    {"eliminate_dead_nodes", "parts of what was named would hold back fusing by reading its input",
     EliminateDeadNodes},
    {"hoist_maps", "biases behind a transpose fold into convolutions once they are before it",
     HoistMaps},
    {"fold_channel_scales",
     "scales of channels cost nothing inside weights; before fusing, which mixes them with others",
     FoldChannelScales},
    {"fuse_maps", "what is between Maps is never stored", FuseMaps},
    {"simplify_maps", "fusing brings numbers and equal operands together", SimplifyMaps},
    {"hoist_maps",
     "a Map before a transpose is an epilogue, and behind it a pass over memory; after fusing, so "
     "that it is one Map",
     HoistMaps},
    {"fuse_epilogues",
     "a core op finishes its result in registers; after fusing, so that one Map "
     "holds all that follows",
     FuseEpilogues},
    {"fuse_prologues", "what no epilogue took is done while the next op loads", FusePrologues},
    {"eliminate_dead_nodes", "folding and fusing leave producers without readers",
     EliminateDeadNodes},
    {"orient_weights",
     "products read a constant matrix in panels of its columns; before layouts, which are chosen "
     "by "
     "what readers see",
     OrientWeights},
    {"assign_layouts",
     "where channels lie decides what convolutions cost; late, because it turns views of tensors "
     "into strides that other passes could not follow",
     AssignLayouts},
    {"materialize_views",
     "from here on every node can run as it stands: late, because it makes "
     "Copies of the views that the others removed",
     MaterializeViews},
    {"alias_concats",
     "what is concatenated is written where it belongs; last, because each other pass wants values "
     "that one node writes",
     AliasConcats},
};

// Constants of more bytes are hashes in dumps, which are for eyes.
constexpr uint64_t kDumpedConstantBytes = 256;

// Patches that a pass may return: each works on at least one node, so that more than a few for each
// node there was show that the pass undoes its own work.
size_t MaxRounds(const Function& function) { return 64 + 4 * function.nodes.size(); }

Status RunPass(const Pass& pass, Function& function, PassContext& context) {
  const size_t limit = MaxRounds(function);
  for (size_t round = 0; round < limit; ++round) {
    STINT_ASSIGN(Patch patch, pass.run(function, context));
    if (patch.empty()) return {};
    ++context.patches;
    STINT_TRY(ApplyPatch(std::move(patch), function));
    STINT_TRY(CheckFunction(function));
  }
  return Error(Code::kInternal, function.name.c_str(), "found more than %zu patches, allowed fewer",
               limit);
}

std::string PassNames() {
  std::string names;
  for (const Pass& pass : kPipeline) {
    if (names.find(pass.name) == names.npos)
      names += (names.empty() ? "" : ", ") + std::string(pass.name);
  }
  return names;
}

size_t CountOps(const Graph& graph) {
  size_t count = 0;
  for (const Function& function : graph.functions) count += function.nodes.size();
  return count;
}

// What somebody who compiles a model may want to change.
void Warn(const Graph& graph, const PassContext& context, ModelReport& report) {
  std::vector<std::string>& warnings = report.warnings;
  const Function& function = graph.main();
  size_t defaults = 0;
  for (const ValueId input : function.inputs) {
    const Value& value = function[input];
    defaults += value.data != nullptr ? 1 : 0;
    const auto is_open = [](Dim dim) { return !dim.is_constant(); };
    if (std::none_of(value.dims.begin(), value.dims.end(), is_open)) continue;
    warnings.push_back("input '" + value.name +
                       "' has dynamic dims: memory is planned at each new shape; --dim or "
                       "--input-shape fixes them");
  }
  if (defaults > 0) {
    warnings.push_back(std::to_string(defaults) +
                       " inputs are initialisers too: no weight of these is packed or folded; "
                       "--constant-initializers makes them constants");
  }
  if (!report.unfused.empty()) {
    warnings.push_back(std::to_string(report.unfused.size()) +
                       " nodes of a quantised model compute in float32: stint check lists them");
  }
  if (context.fold_budget_hit) {
    warnings.emplace_back(
        "constants were left to be computed at every run: folding them would add more bytes to "
        "the plan than allowed");
  }
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

Status RunPipeline(Graph& graph, const CompileOptions& options, ModelReport* report) {
  if (!options.dump_after.empty() && FindPass(options.dump_after) == nullptr) {
    return Error(Code::kInvalid, "dump-after", "found '%s', allowed %s", options.dump_after.c_str(),
                 PassNames().c_str());
  }
  ModelReport own;
  if (report == nullptr) report = &own;
  PassContext context;
  context.fold_budget_bytes = options.fold_budget_bytes;
  for (Function& function : graph.functions) STINT_TRY(CheckFunction(function));
  int count = 0;
  for (const Pass& pass : kPipeline) {
    if (options.stop_after >= 0 && count++ >= options.stop_after) break;
    if (options.keep_halves && pass.run == WidenHalves) continue;
    const size_t patches = context.patches;
    STINT_TRY(RunPass(pass, graph, context));
    report->passes.push_back({pass.name, context.patches - patches, CountOps(graph)});
    if (options.dump_after == pass.name && options.dump_stream != nullptr) {
      *options.dump_stream << PrintGraph(graph, {kDumpedConstantBytes});
    }
  }
  report->folded_bytes = options.fold_budget_bytes - context.fold_budget_bytes;
  Warn(graph, context, *report);
  return {};
}

}  // namespace stint::compiler
