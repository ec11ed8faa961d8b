#include "tools/compiler/compile.h"

#include "tools/compiler/emit/lower_graph.h"
#include "tools/compiler/emit/plan_writer.h"
#include "tools/compiler/import/onnx/import_model.h"
#include "tools/compiler/passes/pipeline.h"

namespace stint::compiler {

Result<std::vector<uint8_t>> CompileModel(const std::string& path, const CompileOptions& options,
                                          ModelReport* report) {
  STINT_ASSIGN(Graph graph, ImportModel(path, options, report));
  STINT_TRY(RunPipeline(graph, options));
  STINT_ASSIGN(const PlanDescription plan, LowerGraph(graph));
  return WritePlan(plan);
}

}  // namespace stint::compiler
