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

#ifdef STINT_HAS_COMPILER
#include <stint/compile.hpp>
#endif

namespace stint::cli {

namespace {

struct CheckArguments {
  std::string model;
  ShapeArguments shapes;
  std::string json;
};

#ifdef STINT_HAS_COMPILER

Json Document(const CheckArguments& arguments,
              const std::vector<api::UnsupportedNode>& unsupported) {
  Json nodes = Json::array();
  for (const api::UnsupportedNode& node : unsupported) {
    nodes.push_back({{"name", node.name},
                     {"op", node.op},
                     {"domain", node.domain},
                     {"version", node.version},
                     {"operands", node.operands},
                     {"reason", node.reason}});
  }
  return {{"schema", 1},
          {"model", arguments.model},
          {"supported", unsupported.empty()},
          {"unsupported", nodes}};
}

std::string Summary(const CheckArguments& arguments,
                    const std::vector<api::UnsupportedNode>& unsupported) {
  if (unsupported.empty()) return Printable(arguments.model) + ": every node is supported\n";
  std::string text = Format("%s: unsupported nodes: %zu\n", Printable(arguments.model).c_str(),
                            unsupported.size());
  for (const api::UnsupportedNode& node : unsupported) {
    const std::string domain = node.domain.empty() ? "" : node.domain + ".";
    text += Printable(Format("  '%s': %s%s-%lld(%s): %s", node.name.c_str(), domain.c_str(),
                             node.op.c_str(), static_cast<long long>(node.version),
                             node.operands.c_str(), node.reason.c_str())) +
            "\n";
  }
  return text;
}

Result<int> RunCheck(const CheckArguments& arguments) {
  STINT_ASSIGN(Shapes shapes, ParseShapes(arguments.shapes));
  STINT_ASSIGN(const bool is_plan, IsPlan(arguments.model));
  if (is_plan) {
    return Error(Code::kInvalid, arguments.model.c_str(), "found a plan, allowed an ONNX model");
  }
  const api::CompileOptions options = {std::move(shapes.inputs), std::move(shapes.dims)};
  std::vector<api::UnsupportedNode> unsupported;
  try {
    api::CompileFile(arguments.model, options, &unsupported);
  } catch (const api::Error& error) {
    // Without a single node to show, an unsupported model is an error like any other; so is one
    // that contradicts itself behind them.
    if (unsupported.empty() || error.code() != STINT_ERROR_UNSUPPORTED) throw;
  }
  FileTransaction files;
  STINT_TRY(WriteJson(Document(arguments, unsupported), arguments.json, files));
  STINT_TRY(PrintSummary(Summary(arguments, unsupported), arguments.json));
  STINT_TRY(files.Commit());
  return unsupported.empty() ? 0 : STINT_ERROR_UNSUPPORTED;
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
