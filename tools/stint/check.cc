// stint check: whether a model can be compiled, and every node that stands in the way.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tools/stint/arguments.h"
#include "tools/stint/command.h"
#include "tools/stint/commands.h"
#include "tools/stint/console.h"
#include "tools/stint/files.h"
#include "tools/stint/model.h"

namespace stint::cli {

namespace {

struct CheckArguments {
  std::string model;
  ShapeArguments shapes;
  std::string json;
};

#ifdef STINT_HAS_COMPILER

Json NodesJson(const std::vector<compiler::ReportedNode>& nodes) {
  Json list = Json::array();
  for (const compiler::ReportedNode& node : nodes) {
    list.push_back({{"name", node.name},
                    {"op", node.op},
                    {"domain", node.domain},
                    {"version", node.version},
                    {"operands", node.operands},
                    {"reason", node.reason}});
  }
  return list;
}

Json Document(const CheckArguments& arguments, const compiler::ModelReport& report) {
  return {{"schema", 1},
          {"model", arguments.model},
          {"supported", report.unsupported.empty()},
          {"unsupported", NodesJson(report.unsupported)},
          {"unfused", NodesJson(report.unfused)}};
}

std::string NodesText(const std::vector<compiler::ReportedNode>& nodes) {
  std::string text;
  for (const compiler::ReportedNode& node : nodes) {
    const std::string domain = node.domain.empty() ? "" : node.domain + ".";
    text += Printable(Format("  '%s': %s%s-%lld(%s): %s", node.name.c_str(), domain.c_str(),
                             node.op.c_str(), static_cast<long long>(node.version),
                             node.operands.c_str(), node.reason.c_str())) +
            "\n";
  }
  return text;
}

std::string Summary(const CheckArguments& arguments, const compiler::ModelReport& report) {
  const std::string model = Printable(arguments.model);
  std::string text = model + ": every node is supported\n";
  if (!report.unsupported.empty()) {
    text = Format("%s: unsupported nodes: %zu\n", model.c_str(), report.unsupported.size()) +
           NodesText(report.unsupported);
  }
  if (report.unfused.empty()) return text;
  return text + Format("quantised nodes that are not fused: %zu\n", report.unfused.size()) +
         NodesText(report.unfused);
}

Result<int> RunCheck(const CheckArguments& arguments) {
  STINT_ASSIGN(Shapes shapes, ParseShapes(arguments.shapes));
  STINT_ASSIGN(const bool is_plan, IsPlan(arguments.model));
  if (is_plan) {
    return Error(Code::kInvalid, arguments.model.c_str(), "found a plan, allowed an ONNX model");
  }
  compiler::CompileOptions options;
  options.input_shapes = std::move(shapes.inputs);
  options.dims = std::move(shapes.dims);
  compiler::ModelReport report;
  Status status = compiler::CompileModel(arguments.model, options, &report).TakeStatus();
  // Without a single node to show, an unsupported model is an error like any other; so is one that
  // contradicts itself behind them.
  const bool shows = status.code() == Code::kUnsupported && !report.unsupported.empty();
  if (!status.ok() && !shows) return status;
  FileTransaction files;
  STINT_TRY(WriteJson(Document(arguments, report), arguments.json, files));
  STINT_TRY(PrintSummary(Summary(arguments, report), arguments.json));
  STINT_TRY(files.Commit());
  return report.unsupported.empty() ? 0 : STINT_ERROR_UNSUPPORTED;
}

#else

Result<int> RunCheck(const CheckArguments& arguments) { return NoCompiler(arguments.model); }

#endif

}  // namespace

void AddCheck(Command& program) {
  auto arguments = std::make_shared<CheckArguments>();
  Command command =
      program.AddCommand("check", "List every node of a model that is not supported, and why");
  command.AddOption("model", arguments->model, "The ONNX model", "MODEL.onnx").Required();
  AddShapeOptions(command, arguments->shapes);
  command.AddOption("--json", arguments->json, "Write a JSON document; '-' is stdout", "FILE|-");
  command.Footer("Exit code 4 if there is any.\nExample: stint check model.onnx\n");
  command.Does([arguments] { return RunCheck(*arguments); });
}

}  // namespace stint::cli
