// stint-opt: reads a graph from its text form or from ONNX, runs passes on it and prints it. It is
// how passes are tested and how one looks at what the compiler does; nothing on a device needs it.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "tools/compiler/emit/lower_graph.h"
#include "tools/compiler/emit/write_file.h"
#include "tools/compiler/graph/parse.h"
#include "tools/compiler/graph/print.h"
#include "tools/compiler/import/onnx/import_model.h"
#include "tools/compiler/passes/pipeline.h"

namespace stint::compiler {

namespace {

struct Options {
  std::string input;
  std::vector<std::string> passes;
  bool pipeline = false;
  bool brief = false;
  bool list = false;
  bool quiet = false;
  std::string plan;
  CompileOptions compile;
};

Result<std::string> ReadText(const std::string& path) {
  if (path == "-") {
    return std::string(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return Error(Code::kIo, path.c_str(), "found no readable file, allowed a text or ONNX file");
  }
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

Result<Graph> ReadGraph(const Options& options) {
  constexpr std::string_view kOnnx = ".onnx";
  if (options.input.ends_with(kOnnx)) return ImportModel(options.input, options.compile, nullptr);
  STINT_ASSIGN(const std::string text, ReadText(options.input));
  return ParseGraph(text);
}

Status RunPasses(const Options& options, Graph& graph) {
  PassContext context;
  context.fold_budget_bytes = options.compile.fold_budget_bytes;
  for (const std::string& name : options.passes) {
    const Pass* pass = FindPass(name);
    if (pass == nullptr) {
      return Error(Code::kInvalid, "pass", "found '%s', allowed those that --list shows",
                   name.c_str());
    }
    STINT_TRY(RunPass(*pass, graph, context));
  }
  return options.pipeline ? RunPipeline(graph, options.compile) : Status();
}

Status Run(Options& options) {
  if (options.list) {
    for (const Pass& pass : Pipeline()) std::cout << pass.name << ": " << pass.reason << "\n";
    return {};
  }
  STINT_ASSIGN(Graph graph, ReadGraph(options));
  STINT_TRY(RunPasses(options, graph));
  if (!options.plan.empty()) {
    STINT_ASSIGN(const PlanDescription plan, LowerGraph(graph));
    STINT_ASSIGN(const std::vector<uint8_t> bytes, WritePlan(plan));
    STINT_TRY(WriteFileAtomically(options.plan, bytes));
  }
  if (!options.quiet) {
    std::cout << PrintGraph(graph, {options.brief ? uint64_t{256} : UINT64_MAX});
  }
  return {};
}

}  // namespace

}  // namespace stint::compiler

int main(int argc, char** argv) {
  stint::compiler::Options options;
  CLI::App app("Reads a graph as text or ONNX, runs passes on it and prints it as text.");
  app.add_option("input", options.input, "A text file, a file that ends in .onnx, or - for stdin");
  app.add_option("--pass", options.passes, "Run this pass; may be given several times, in order")
      ->expected(1)
      ->take_all();
  app.add_flag("--pipeline", options.pipeline, "Then run the whole pipeline");
  app.add_option("--stop-after", options.compile.stop_after, "Passes of the pipeline to run");
  app.add_flag("--brief", options.brief, "Print the hash of large constants only");
  app.add_flag("--quiet", options.quiet, "Print no graph");
  app.add_flag("--list", options.list, "List the pipeline with its reasons");
  app.add_option("--emit", options.plan, "Write the plan to this file");
  CLI11_PARSE(app, argc, argv);
  if (options.input.empty() && !options.list) options.input = "-";
  options.compile.dump_stream = &std::cout;
  const stint::Status status = stint::compiler::Run(options);
  if (status.ok()) return 0;
  std::cerr << "stint-opt: " << status.where() << ": " << status.message() << "\n";
  return static_cast<int>(status.code());
}
