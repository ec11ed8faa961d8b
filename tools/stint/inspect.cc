// stint inspect: what is in a plan, or in the plan that a model becomes.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/plan/header.h"
#include "tools/stint/arguments.h"
#include "tools/stint/commands.h"
#include "tools/stint/console.h"
#include "tools/stint/device_choice.h"
#include "tools/stint/files.h"
#include "tools/stint/golden.h"
#include "tools/stint/model.h"
#include "tools/stint/plan_text.h"

namespace stint::cli {

namespace {

struct InspectArguments {
  std::string model;
  ShapeArguments shapes;
  std::string json;
};

PlanUse UseOf(uint32_t value) { return {.value = value, .view = kNoIndex}; }

// The arena that the CPU needs, if no shape is open. A model that cannot be bound can still be
// looked at.
std::optional<uint64_t> ArenaBytes(const Plan& plan) {
  const PlanFunction& function = plan.main();
  if (!function.symbols.empty()) return std::nullopt;
  const auto devices = OpenDevices(DeviceArguments());
  if (!devices.ok()) return std::nullopt;
  const auto session = CreateSession(plan, *devices, DeviceArguments());
  if (!session.ok()) return std::nullopt;
  std::vector<TensorView> inputs;
  for (const uint32_t input : function.inputs) {
    const PlanValue& value = function.values[input];
    TensorView view;
    view.dtype = value.constant == kNoIndex ? value.dtype : DType::kNone;
    view.rank = value.rank;
    for (int axis = 0; axis < value.rank; ++axis) {
      view.extents[axis] = value.extents[axis].constant();
    }
    DenseStrides(view.rank, view.extents, view.strides);
    inputs.push_back(view);
  }
  if (!(*session)->Bind(inputs).ok()) return std::nullopt;
  return (*session)->statistics().arena_bytes;
}

Json EndpointJson(const PlanFunction& function, std::string_view name, const PlanUse& use) {
  return {{"name", std::string(name)},
          {"dtype", NameOf(DTypeOf(function, use))},
          {"shape", ShapeJson(function, use)}};
}

Json Document(const Plan& plan, const std::optional<uint64_t>& arena) {
  const PlanFunction& function = plan.main();
  Json inputs = Json::array();
  for (const uint32_t input : function.inputs) {
    inputs.push_back(EndpointJson(function, function.values[input].name, UseOf(input)));
  }
  Json outputs = Json::array();
  for (size_t i = 0; i < function.outputs.size(); ++i) {
    outputs.push_back(EndpointJson(function, function.output_names[i], function.outputs[i]));
  }
  Json ops = Json::array();
  for (size_t i = 0; i < function.ops.size(); ++i) {
    ops.push_back({{"index", i},
                   {"op", function.ops[i].info->name},
                   {"name", std::string(function.ops[i].name)}});
  }
  Json metadata = Json::object();
  for (const PlanProperty& property : plan.properties()) {
    metadata[std::string(property.key)] = std::string(property.value);
  }
  return {{"schema", 1},
          {"format_version", kPlanFormatVersion},
          {"min_runtime", std::string(plan.min_runtime())},
          {"inputs", inputs},
          {"outputs", outputs},
          {"regions", function.region_sizes.size()},
          {"ops", ops},
          {"weights_bytes", WeightsBytes(plan)},
          {"arena_bytes", arena ? Json(*arena) : Json()},
          {"golden", SummarizeGolden(plan).pairs},
          {"metadata", metadata}};
}

std::string EndpointLine(const PlanFunction& function, std::string_view name, const PlanUse& use,
                         const char* note) {
  return "  " + Printable(name) + ": " + NameOf(DTypeOf(function, use)) + " " +
         ShapeText(function, use) + note + "\n";
}

std::string EndpointLines(const PlanFunction& function) {
  std::string text = "inputs\n";
  for (const uint32_t input : function.inputs) {
    const PlanValue& value = function.values[input];
    const char* note = value.constant == kNoIndex ? "" : " (optional)";
    text += EndpointLine(function, value.name, UseOf(input), note);
  }
  text += "outputs\n";
  for (size_t i = 0; i < function.outputs.size(); ++i) {
    text += EndpointLine(function, function.output_names[i], function.outputs[i], "");
  }
  return text;
}

// "ops 12: Conv 8, Map 4".
std::string OpsLine(const PlanFunction& function) {
  std::string text = Format("ops      %zu", function.ops.size());
  const char* separator = ": ";
  for (const auto& [name, count] : CountOps(function)) {
    text += separator + name + " " + std::to_string(count);
    separator = ", ";
  }
  if (function.region_sizes.size() > 1) {
    text += Format("; %zu regions, whose extents depend on data", function.region_sizes.size());
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

std::string Summary(const InspectArguments& arguments, const Plan& plan,
                    const std::optional<uint64_t>& arena) {
  std::string text = Format(
      "%s: plan format %u, needs Stint %s, written by %s, %s\n", Printable(arguments.model).c_str(),
      kPlanFormatVersion, Printable(plan.min_runtime()).c_str(), Printable(plan.producer()).c_str(),
      BytesText(plan.file_bytes()).c_str());
  text += EndpointLines(plan.main()) + OpsLine(plan.main());
  text += "weights  " + BytesText(WeightsBytes(plan)) + "\n";
  text += "arena    " + (arena ? BytesText(*arena) : "depends on the shapes of the inputs") + "\n";
  const GoldenSummary golden = SummarizeGolden(plan);
  if (golden.pairs > 0) {
    text += Format("golden   %zu pairs, %s\n", golden.pairs, BytesText(golden.bytes).c_str());
  }
  if (!plan.properties().empty()) text += "properties\n";
  for (const PlanProperty& property : plan.properties()) {
    text += "  " + Printable(property.key) + ": " + Shortened(property.value) + "\n";
  }
  return text;
}

Result<int> RunInspect(const InspectArguments& arguments) {
  STINT_ASSIGN(const Shapes shapes, ParseShapes(arguments.shapes));
  STINT_ASSIGN(const Model model, LoadModel(arguments.model, shapes, Verify::kAll));
  const std::optional<uint64_t> arena = ArenaBytes(*model.plan);
  FileTransaction files;
  STINT_TRY(WriteJson(Document(*model.plan, arena), arguments.json, files));
  STINT_TRY(PrintSummary(Summary(arguments, *model.plan, arena), arguments.json));
  STINT_TRY(files.Commit());
  return 0;
}

}  // namespace

void AddInspect(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<InspectArguments>();
  CLI::App& command = *app.add_subcommand("inspect", "Show what is in a plan or model");
  AddOption(command, "model", arguments->model, "A plan, or an ONNX model to compile in memory",
            "PLAN|MODEL.onnx")
      ->required();
  AddShapeOptions(command, arguments->shapes);
  AddOption(command, "--json", arguments->json,
            "Write a JSON document, which lists every op; '-' is stdout", "FILE|-");
  command.footer("Example: stint inspect model.stint\n");
  command.callback(
      [arguments, &action] { action = [arguments] { return RunInspect(*arguments); }; });
}

}  // namespace stint::cli
