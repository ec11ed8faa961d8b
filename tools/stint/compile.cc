// stint compile: an ONNX model becomes a plan file.
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>

#include "tools/stint/arguments.h"
#include "tools/stint/command.h"
#include "tools/stint/commands.h"
#include "tools/stint/console.h"
#include "tools/stint/files.h"
#include "tools/stint/model.h"
#include "tools/stint/stopwatch.h"

#ifdef STINT_HAS_COMPILER
#include "tools/compiler/targets.h"
#include "tools/stint/make_golden.h"
#endif

namespace stint::cli {

namespace {

struct CompileArguments {
  std::string model;
  std::string output;
  std::string target = "generic";
  std::string dump_after;
  int stop_after = -1;
  std::string report;
  int golden = 0;
  bool constant_initializers = false;
  bool keep_halves = false;
  ShapeArguments shapes;
};

#ifdef STINT_HAS_COMPILER

std::string AllowedTargets() { return compiler::TargetNames() + ". "; }

Status CheckArguments(const CompileArguments& arguments) {
  const bool stores = !arguments.report.empty() || arguments.golden > 0;
  if (arguments.output.empty() && (arguments.dump_after.empty() || stores)) {
    return Error(Code::kInvalid, "--output", "found none, allowed -o PLAN.stint");
  }
  STINT_ASSIGN(const bool is_plan, IsPlan(arguments.model));
  if (!is_plan) return {};
  return Error(Code::kInvalid, arguments.model.c_str(), "found a plan, allowed an ONNX model");
}

Json TargetsJson(const std::vector<const CostProfile*>& targets) {
  Json list = Json::array();
  for (const CostProfile* target : targets) {
    list.push_back({{"name", target->name},
                    {"description", target->description},
                    {"vector_bytes", target->vector_bytes},
                    {"first_cache_bytes", target->first_cache_bytes},
                    {"second_cache_bytes", target->second_cache_bytes}});
  }
  return list;
}

Json PassesJson(const compiler::ModelReport& report) {
  Json list = Json::array();
  for (const compiler::PassReport& pass : report.passes) {
    list.push_back({{"name", pass.name}, {"patches", pass.patches}, {"ops", pass.ops}});
  }
  return list;
}

Json Report(const CompileArguments& arguments, const api::Plan& plan,
            const compiler::CompileOptions& options, const compiler::ModelReport& report) {
  const stint_plan_info info = plan.info();
  Json ops = Json::array();
  for (const auto& [name, count] : CountOps(plan)) {
    ops.push_back({{"op", name}, {"count", count}});
  }
  return {{"schema", 1},
          {"version", STINT_VERSION},
          {"model", arguments.model},
          {"plan", arguments.output},
          {"targets", TargetsJson(options.targets)},
          {"passes", PassesJson(report)},
          {"ops", ops},
          {"folded_bytes", report.folded_bytes},
          {"warnings", report.warnings},
          {"golden", info.golden_pairs},
          {"sizes",
           {{"plan_bytes", info.file_bytes},
            {"weights_bytes", WeightsBytes(plan)},
            {"golden_bytes", info.golden_bytes}}}};
}

std::string Summary(const CompileArguments& arguments, const api::Plan& plan, double milliseconds,
                    const std::vector<std::string>& warnings) {
  const stint_plan_info info = plan.info();
  std::string text;
  for (const std::string& warning : warnings) text += "warning: " + Printable(warning) + "\n";
  return text + Format("%s: %s, %llu ops, weights %s, compiled in %.0f ms\n",
                       Printable(arguments.output).c_str(), BytesText(info.file_bytes).c_str(),
                       static_cast<unsigned long long>(info.ops),
                       BytesText(WeightsBytes(plan)).c_str(), milliseconds);
}

Result<int> RunCompile(const CompileArguments& arguments) {
  STINT_TRY(CheckArguments(arguments));
  STINT_ASSIGN(Shapes shapes, ParseShapes(arguments.shapes));
  std::ostringstream dump;
  compiler::CompileOptions options;
  STINT_ASSIGN(options.targets, compiler::ParseTargets(arguments.target));
  options.input_shapes = std::move(shapes.inputs);
  options.dims = std::move(shapes.dims);
  if (arguments.constant_initializers) options.overridable.emplace();
  options.keep_halves = arguments.keep_halves;
  options.dump_after = arguments.dump_after;
  options.dump_stream = &dump;
  options.stop_after = arguments.stop_after;
  if (arguments.golden > 0) {
    options.make_golden = [&](const auto& made) { return MakeGolden(made, arguments.golden); };
  }
  compiler::ModelReport report;
  const Stopwatch watch;
  STINT_ASSIGN(const std::vector<uint8_t> bytes, Compile(arguments.model, options, report));
  const double milliseconds = watch.milliseconds();
  const api::Plan plan = LoadCompiled(bytes);
  FileTransaction files;
  if (!arguments.output.empty()) STINT_TRY(files.Stage(arguments.output, bytes));
  if (!arguments.report.empty()) {
    STINT_TRY(WriteJson(Report(arguments, plan, options, report), arguments.report, files));
  }
  STINT_TRY(PrintSummary(
      dump.str() +
          (arguments.output.empty() ? "" : Summary(arguments, plan, milliseconds, report.warnings)),
      arguments.report));
  STINT_TRY(files.Commit());
  return 0;
}

#else

std::string AllowedTargets() { return ""; }

Result<int> RunCompile(const CompileArguments& arguments) { return NoCompiler(arguments.model); }

#endif

}  // namespace

void AddCompile(Command& program) {
  auto arguments = std::make_shared<CompileArguments>();
  Command command = program.AddCommand("compile", "Compile an ONNX model into a plan");
  command.AddOption("model", arguments->model, "The ONNX model", "MODEL.onnx").Required();
  command.AddOption("-o,--output", arguments->output, "The plan to write", "PLAN.stint");
  command
      .AddOption("--target", arguments->target,
                 "What the plan is for: " + AllowedTargets() +
                     "generic: algorithms are chosen where the plan is loaded",
                 "TARGET[,TARGET]")
      .ShowDefault();
  AddShapeOptions(command, arguments->shapes);
  command.AddFlag("--constant-initializers", arguments->constant_initializers,
                  "Make constants of initialisers that are inputs too: faster, as packed weights "
                  "are, but no run can give others");
  command.AddFlag("--keep-halves", arguments->keep_halves,
                  "Leave float16 and bfloat16 as they are, for GPUs that store them: half the "
                  "size, but slow on the CPU, whose kernels know float32");
  command.AddOption(
      "--report", arguments->report,
      "Write a JSON document: passes, ops, folded bytes, warnings, sizes; '-' is stdout", "FILE|-");
  command
      .AddOption("--golden", arguments->golden,
                 "Store N pairs of seeded inputs and the outputs that this machine's CPU gives",
                 "N")
      .Range(0, 100);
  command.AddOption("--dump-after", arguments->dump_after,
                    "Print the graph as text after this pass; -o may be left out then", "PASS");
  command.AddOption("--stop-after", arguments->stop_after, "Run only the first N passes", "N")
      .NonNegative();
  command.Footer(
      "Dims that nothing fixes stay dynamic in the plan.\n"
      "Example: stint compile model.onnx -o model.stint --dim batch=1\n");
  command.Does([arguments] { return RunCompile(*arguments); });
}

}  // namespace stint::cli
