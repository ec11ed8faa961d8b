// stint inspect: what is in a plan, or in the plan that a model becomes.
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <stint/stint.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tools/stint/arguments.h"
#include "tools/stint/command.h"
#include "tools/stint/commands.h"
#include "tools/stint/console.h"
#include "tools/stint/files.h"
#include "tools/stint/model.h"
#include "tools/stint/plan_text.h"

namespace stint::cli {

namespace {

struct InspectArguments {
  std::string model;
  ShapeArguments shapes;
  std::string json;
};

// A plan as an app sees it, and its inside for how extents are computed.
struct Inspected {
  const api::Plan& plan;
  const PlanFunction& inside;
  std::optional<uint64_t> arena_bytes;
};

// The arena that the CPU needs, if no shape is open. A model that cannot be bound can still be
// looked at.
std::optional<uint64_t> ArenaBytes(const api::Plan& plan) try {
  std::vector<api::Tensor> inputs;
  for (size_t i = 0; i < plan.input_count(); ++i) {
    const api::TensorInfo input = plan.input(i);
    const std::span<const int64_t> shape(input.shape, static_cast<size_t>(input.rank));
    if (std::count(shape.begin(), shape.end(), -1) > 0) return std::nullopt;
    inputs.push_back(input.optional != 0 ? api::Tensor()
                                         : api::Tensor(input.dtype, shape, nullptr));
  }
  if (plan.info().regions > 1) return std::nullopt;
  api::Session session(plan);
  session.Prepare(inputs);
  return session.statistics().arena_bytes;
} catch (const api::Error&) {
  return std::nullopt;
}

PlanUse InputUse(const Inspected& inspected, size_t i) {
  return {.value = inspected.inside.inputs[i], .view = kNoIndex};
}

Json EndpointJson(const Inspected& inspected, const api::TensorInfo& info, const PlanUse& use) {
  return {{"name", NameOf(info)},
          {"dtype", stint_dtype_name(info.dtype)},
          {"shape", ShapeJson(inspected.inside, use)}};
}

Json OpsJson(const api::Plan& plan) {
  Json ops = Json::array();
  for (const stint_op_info& op : plan.ops()) {
    ops.push_back({{"index", ops.size()}, {"op", op.kind}, {"name", op.name}});
  }
  return ops;
}

Json Document(const Inspected& inspected) {
  const api::Plan& plan = inspected.plan;
  const stint_plan_info info = plan.info();
  Json inputs = Json::array();
  for (size_t i = 0; i < plan.input_count(); ++i) {
    inputs.push_back(EndpointJson(inspected, plan.input(i), InputUse(inspected, i)));
  }
  Json outputs = Json::array();
  for (size_t i = 0; i < plan.output_count(); ++i) {
    outputs.push_back(EndpointJson(inspected, plan.output(i), inspected.inside.outputs[i]));
  }
  Json metadata = Json::object();
  for (const auto& [key, value] : plan.properties()) metadata[key] = value;
  return {{"schema", 1},
          {"format_version", info.format_version},
          {"min_runtime", info.min_runtime},
          {"inputs", inputs},
          {"outputs", outputs},
          {"regions", info.regions},
          {"ops", OpsJson(plan)},
          {"weights_bytes", WeightsBytes(plan)},
          {"arena_bytes", inspected.arena_bytes ? Json(*inspected.arena_bytes) : Json()},
          {"golden", info.golden_pairs},
          {"metadata", metadata}};
}

std::string EndpointLine(const Inspected& inspected, const api::TensorInfo& info,
                         const PlanUse& use) {
  const char* const note = info.optional != 0 ? " (optional)" : "";
  return "  " + Printable(NameOf(info)) + ": " + stint_dtype_name(info.dtype) + " " +
         ShapeText(inspected.inside, use) + note + "\n";
}

std::string EndpointLines(const Inspected& inspected) {
  const api::Plan& plan = inspected.plan;
  std::string text = "inputs\n";
  for (size_t i = 0; i < plan.input_count(); ++i) {
    text += EndpointLine(inspected, plan.input(i), InputUse(inspected, i));
  }
  text += "outputs\n";
  for (size_t i = 0; i < plan.output_count(); ++i) {
    text += EndpointLine(inspected, plan.output(i), inspected.inside.outputs[i]);
  }
  return text;
}

// "ops 12: Conv 8, Map 4".
std::string OpsLine(const api::Plan& plan) {
  const stint_plan_info info = plan.info();
  std::string text = Format("ops      %llu", static_cast<unsigned long long>(info.ops));
  const char* separator = ": ";
  for (const auto& [name, count] : CountOps(plan)) {
    text += separator + name + " " + std::to_string(count);
    separator = ", ";
  }
  if (info.regions > 1) {
    text += Format("; %u regions, whose extents depend on data", info.regions);
  }
  return text + "\n";
}

// Cut before a character of UTF-8, not within.
std::string Shortened(std::string_view text) {
  constexpr size_t kShown = 100;
  if (text.size() <= kShown) return Printable(text);
  size_t end = kShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return Printable(text.substr(0, end)) + "...";
}

std::string Summary(const InspectArguments& arguments, const Inspected& inspected) {
  const api::Plan& plan = inspected.plan;
  const stint_plan_info info = plan.info();
  const auto& arena = inspected.arena_bytes;
  std::string text = Format("%s: plan format %u, needs Stint %s, written by %s, %s\n",
                            Printable(arguments.model).c_str(), info.format_version,
                            Printable(info.min_runtime).c_str(), Printable(info.producer).c_str(),
                            BytesText(info.file_bytes).c_str());
  text += EndpointLines(inspected) + OpsLine(plan);
  text += "weights  " + BytesText(WeightsBytes(plan)) + "\n";
  text += "arena    " + (arena ? BytesText(*arena) : "depends on the shapes of the inputs") + "\n";
  if (info.golden_pairs > 0) {
    text +=
        Format("golden   %u pairs, %s\n", info.golden_pairs, BytesText(info.golden_bytes).c_str());
  }
  const auto properties = plan.properties();
  if (!properties.empty()) text += "properties\n";
  for (const auto& [key, value] : properties) {
    text += "  " + Printable(key) + ": " + Shortened(value) + "\n";
  }
  return text;
}

Result<int> RunInspect(const InspectArguments& arguments) {
  STINT_ASSIGN(const Shapes shapes, ParseShapes(arguments.shapes));
  STINT_ASSIGN(const Model model, LoadModel(arguments.model, shapes));
  if (!model.compiled() && !(shapes.inputs.empty() && shapes.dims.empty())) {
    return Error(Code::kInvalid, arguments.model.c_str(),
                 "found a plan, allowed an ONNX model with --input-shape and --dim");
  }
  STINT_ASSIGN(const auto inside, OpenInside(model, arguments.model));
  if (inside->main().inputs.size() != model.plan.input_count() ||
      inside->main().outputs.size() != model.plan.output_count()) {
    return Error(Code::kIo, arguments.model.c_str(),
                 "found another plan when it was read again, allowed the same");
  }
  const Inspected inspected = {model.plan, inside->main(), ArenaBytes(model.plan)};
  FileTransaction files;
  STINT_TRY(WriteJson(Document(inspected), arguments.json, files));
  STINT_TRY(PrintSummary(Summary(arguments, inspected), arguments.json));
  STINT_TRY(files.Commit());
  return 0;
}

}  // namespace

void AddInspect(Command& program) {
  auto arguments = std::make_shared<InspectArguments>();
  Command command = program.AddCommand("inspect", "Show what is in a plan or model");
  command
      .AddOption("model", arguments->model, "A plan, or an ONNX model to compile in memory",
                 "PLAN|MODEL.onnx")
      .Required();
  AddShapeOptions(command, arguments->shapes);
  command.AddOption("--json", arguments->json,
                    "Write a JSON document, which lists every op; '-' is stdout", "FILE|-");
  command.Footer("Example: stint inspect model.stint\n");
  command.Does([arguments] { return RunInspect(*arguments); });
}

}  // namespace stint::cli
