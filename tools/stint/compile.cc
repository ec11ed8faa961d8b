// stint compile: an ONNX model becomes a plan file.
#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include "tools/stint/arguments.h"
#include "tools/stint/commands.h"
#include "tools/stint/console.h"
#include "tools/stint/files.h"
#include "tools/stint/model.h"
#include "tools/stint/stopwatch.h"

namespace stint::cli {

namespace {

struct CompileArguments {
  std::string model;
  std::string output;
  std::string target = "generic";
  std::string dump_after;
  int stop_after = -1;
  ShapeArguments shapes;
};

#ifdef STINT_HAS_COMPILER

Status CheckArguments(const CompileArguments& arguments) {
  if (arguments.target != "generic") {
    return Error(Code::kInvalid, "--target",
                 "found '%s', allowed generic: named targets are not "
                 "in this version",
                 arguments.target.c_str());
  }
  if (arguments.output.empty() && arguments.dump_after.empty()) {
    return Error(Code::kInvalid, "--output", "found none, allowed -o PLAN.stint");
  }
  STINT_ASSIGN(const bool is_plan, IsPlan(arguments.model));
  if (!is_plan) return {};
  return Error(Code::kInvalid, arguments.model.c_str(), "found a plan, allowed an ONNX model");
}

std::string Summary(const CompileArguments& arguments, const Model& model, size_t bytes,
                    double milliseconds) {
  return Format("%s: %s, %zu ops, weights %s, compiled in %.0f ms\n",
                Printable(arguments.output).c_str(), BytesText(bytes).c_str(),
                model.plan->main().ops.size(), BytesText(model.plan->weights_bytes()).c_str(),
                milliseconds);
}

Result<int> RunCompile(const CompileArguments& arguments) {
  STINT_TRY(CheckArguments(arguments));
  STINT_ASSIGN(Shapes shapes, ParseShapes(arguments.shapes));
  std::ostringstream dump;
  compiler::CompileOptions options;
  options.input_shapes = std::move(shapes.inputs);
  options.dims = std::move(shapes.dims);
  options.dump_after = arguments.dump_after;
  options.dump_stream = &dump;
  options.stop_after = arguments.stop_after;
  const Stopwatch watch;
  STINT_ASSIGN(const std::vector<uint8_t> bytes, Compile(arguments.model, options));
  const double milliseconds = watch.milliseconds();
  STINT_ASSIGN(const Model model, LoadCompiled(bytes));
  FileTransaction files;
  if (!arguments.output.empty()) STINT_TRY(files.Stage(arguments.output, bytes));
  STINT_TRY(PrintResult(
      dump.str() +
      (arguments.output.empty() ? "" : Summary(arguments, model, bytes.size(), milliseconds))));
  STINT_TRY(files.Commit());
  return 0;
}

#else

Result<int> RunCompile(const CompileArguments& arguments) { return NoCompiler(arguments.model); }

#endif

}  // namespace

void AddCompile(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<CompileArguments>();
  CLI::App& command = *app.add_subcommand("compile", "Compile an ONNX model into a plan");
  AddOption(command, "model", arguments->model, "The ONNX model", "MODEL.onnx")->required();
  AddOption(command, "-o,--output", arguments->output, "The plan to write", "PLAN.stint");
  AddOption(command, "--target", arguments->target,
            "What to choose algorithms for; generic: they are chosen where the plan is loaded",
            "TARGET")
      ->capture_default_str();
  AddShapeOptions(command, arguments->shapes);
  AddOption(command, "--dump-after", arguments->dump_after,
            "Print the graph as text after this pass; -o may be left out then", "PASS");
  AddOption(command, "--stop-after", arguments->stop_after, "Run only the first N passes", "N")
      ->check(CLI::NonNegativeNumber);
  command.footer(
      "Dims that nothing fixes stay dynamic in the plan.\n"
      "Example: stint compile model.onnx -o model.stint --dim batch=1\n");
  command.callback(
      [arguments, &action] { action = [arguments] { return RunCompile(*arguments); }; });
}

}  // namespace stint::cli
