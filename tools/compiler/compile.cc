#include "tools/compiler/compile.h"

#include "tools/compiler/emit/golden.h"
#include "tools/compiler/emit/lower_graph.h"
#include "tools/compiler/emit/plan_writer.h"
#include "tools/compiler/import/onnx/import_model.h"
#include "tools/compiler/passes/pipeline.h"
#include "tools/compiler/targets.h"

namespace stint::compiler {

namespace {

// A model's own property of that name is replaced.
void StoreTargets(const std::vector<const CostProfile*>& targets, PlanDescription& plan) {
  std::string names;
  for (const CostProfile* target : targets) {
    names += (names.empty() ? "" : ",") + std::string(target->name);
  }
  std::erase_if(plan.properties,
                [](const auto& property) { return property.first == kTargetProperty; });
  if (!names.empty()) plan.properties.emplace_back(kTargetProperty, names);
}

}  // namespace

Result<std::vector<uint8_t>> CompileModel(const std::string& path, const CompileOptions& options,
                                          ModelReport* report) {
  STINT_ASSIGN(Graph graph, ImportModel(path, options, report));
  STINT_TRY(RunPipeline(graph, options, report));
  const std::vector<const CostProfile*> targets = NamedTargets(options.targets);
  STINT_ASSIGN(PlanDescription plan, LowerGraph(graph, targets));
  StoreTargets(targets, plan);
  STINT_ASSIGN(std::vector<uint8_t> bytes, WritePlan(plan));
  if (!options.make_golden) return bytes;
  STINT_ASSIGN(const std::vector<GoldenPair> pairs, options.make_golden(bytes));
  AddGolden(pairs, plan);
  return WritePlan(plan);
}

}  // namespace stint::compiler
