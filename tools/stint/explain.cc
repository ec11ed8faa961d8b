// stint explain: which device and kernel run each op of a plan, and why others do not.
#include <memory>
#include <string>
#include <vector>

#include "tools/stint/arguments.h"
#include "tools/stint/commands.h"
#include "tools/stint/console.h"
#include "tools/stint/device_choice.h"
#include "tools/stint/files.h"
#include "tools/stint/inputs.h"
#include "tools/stint/model.h"
#include "tools/stint/placement.h"

namespace stint::cli {

namespace {

struct ExplainArguments {
  std::string model;
  DeviceArguments devices;
  ShapeArguments shapes;
  InputArguments inputs;
  std::string json;
};

std::vector<StepInfo> StepsOf(const Session& session) {
  std::vector<StepInfo> steps;
  for (size_t i = 0; i < session.step_count(); ++i) steps.push_back(session.step(i));
  return steps;
}

// By op of the plan.
std::vector<std::vector<RefusalInfo>> RefusalsOf(const Session& session, size_t ops) {
  std::vector<std::vector<RefusalInfo>> refusals(ops);
  for (size_t i = 0; i < session.refusal_count(); ++i) {
    const RefusalInfo refusal = session.refusal(i);
    refusals[refusal.op].push_back(refusal);
  }
  return refusals;
}

Json StepJson(const StepInfo& step) {
  if (step.kernel == nullptr) {
    return {{"copy", step.bytes}, {"from", step.source}, {"device", step.device}};
  }
  return {{"op", step.op == kNoIndex ? Json() : Json(step.op)},
          {"runs", step.name},
          {"device", step.device},
          {"kernel", step.kernel},
          {"group", step.group == kNoIndex ? Json() : Json(step.group)},
          {"alone", step.alone == nullptr ? Json() : Json(step.alone)},
          {"predicted_ms", RoundedMilliseconds(step.predicted_seconds * 1e3)}};
}

Json OpsJson(const PlanFunction& function, const Session& session) {
  const auto refusals = RefusalsOf(session, function.ops.size());
  Json ops = Json::array();
  for (size_t i = 0; i < function.ops.size(); ++i) {
    Json refused = Json::array();
    for (const RefusalInfo& refusal : refusals[i]) {
      refused.push_back(
          {{"device", refusal.device}, {"kernel", refusal.kernel}, {"reason", refusal.reason}});
    }
    ops.push_back({{"index", i},
                   {"op", function.ops[i].info->name},
                   {"name", std::string(function.ops[i].name)},
                   {"refused", refused}});
  }
  return ops;
}

Json GroupsJson(const Session& session) {
  Json groups = Json::array();
  for (size_t i = 0; i < session.group_count(); ++i) {
    const GroupInfo group = session.group(i);
    groups.push_back({{"first_step", group.first_step},
                      {"end_step", group.end_step},
                      {"lines", group.lines},
                      {"kept_bytes", group.kept_bytes}});
  }
  return groups;
}

Json Document(const PlanFunction& function, const DeviceSet& devices, const Session& session) {
  Json steps = Json::array();
  for (const StepInfo& step : StepsOf(session)) steps.push_back(StepJson(step));
  const SessionStatistics statistics = session.statistics();
  return {{"schema", 1},
          {"device", DeviceNames(devices)},
          {"placement", PlacementJson(session)},
          {"submissions", statistics.submissions},
          {"transfers", statistics.transfers},
          {"arena_bytes", statistics.arena_bytes},
          {"steps", steps},
          {"groups", GroupsJson(session)},
          {"ops", OpsJson(function, session)}};
}

std::string StepText(const StepInfo& step, const PlanFunction& function) {
  if (step.kernel == nullptr) {
    return Format("     copy     %s -> %s, %s\n", step.source, step.device,
                  BytesText(step.bytes).c_str());
  }
  std::string text = step.op == kNoIndex ? std::string("     ") : Format("%4u ", step.op);
  text += Format("%-8s %s %s, predicted %.3f ms", step.name, step.device, step.kernel,
                 step.predicted_seconds * 1e3);
  if (step.op == kNoIndex) return text + ", makes an output\n";
  return text + "  '" + Printable(function.ops[step.op].name) + "'\n";
}

// Why a step is not in one command with the one before it, and the group that it begins.
std::string GroupText(const Session& session, const StepInfo& step, size_t index) {
  std::string text;
  if (step.alone != nullptr) {
    text = Format("              not one command with the step before: %s\n", step.alone);
  }
  if (step.group == kNoIndex) return text;
  const GroupInfo group = session.group(step.group);
  if (group.first_step != index) return "              one command with the step before\n";
  return text +
         Format("              one command with the %zu steps behind, %u lines at a time, %s\n",
                group.end_step - group.first_step - 1, group.lines,
                BytesText(group.kept_bytes).c_str());
}

// Steps in order, the refusals of an op behind its first step.
std::string Text(const PlanFunction& function, const DeviceSet& devices, const Session& session) {
  const SessionStatistics statistics = session.statistics();
  auto refusals = RefusalsOf(session, function.ops.size());
  std::string text =
      Format("%s: %s; %u submissions and %u transfers a run, arena %s\n",
             DeviceNames(devices).c_str(), PlacementText(session).c_str(), statistics.submissions,
             statistics.transfers, BytesText(statistics.arena_bytes).c_str());
  size_t index = 0;
  for (const StepInfo& step : StepsOf(session)) {
    text += StepText(step, function) + GroupText(session, step, index++);
    if (step.op == kNoIndex) continue;
    for (const RefusalInfo& refusal : refusals[step.op]) {
      const bool whole = refusal.kernel[0] == '\0';
      text += Format("              not %s%s%s: %s\n", refusal.device, whole ? "" : " ",
                     refusal.kernel, refusal.reason);
    }
    refusals[step.op].clear();
  }
  return text;
}

Result<int> RunExplain(const ExplainArguments& arguments) {
  STINT_ASSIGN(const Shapes shapes, ParseShapes(arguments.shapes));
  STINT_ASSIGN(const DeviceSet devices, OpenDevices(arguments.devices));
  STINT_ASSIGN(const Model model, LoadModel(arguments.model, shapes, Verify::kMetadata));
  const PlanFunction& function = model.plan->main();
  STINT_ASSIGN(const std::vector<HostTensor> inputs,
               MakeInputs(function, arguments.inputs, model.compiled ? Shapes() : shapes));
  STINT_ASSIGN(const auto session, CreateSession(*model.plan, devices, arguments.devices));
  STINT_TRY(ListSteps(*session, function, ViewsOf(inputs)));
  FileTransaction files;
  STINT_TRY(WriteJson(Document(function, devices, *session), arguments.json, files));
  STINT_TRY(PrintSummary(Text(function, devices, *session), arguments.json));
  STINT_TRY(files.Commit());
  return 0;
}

}  // namespace

void AddExplain(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<ExplainArguments>();
  CLI::App& command =
      *app.add_subcommand("explain", "Say which device and kernel run each op, and why");
  AddOption(command, "model", arguments->model, "A plan, or an ONNX model to compile in memory",
            "PLAN|MODEL.onnx")
      ->required();
  AddInputOptions(command, arguments->inputs);
  AddShapeOptions(command, arguments->shapes);
  AddDeviceOptions(command, arguments->devices);
  AddOption(command, "--json", arguments->json, "Write a JSON document; '-' is stdout", "FILE|-");
  command.footer(
      "Nothing is run, unless extents depend on what an op finds in the data.\nExample: stint "
      "explain model.stint -d vulkan\n");
  command.callback(
      [arguments, &action] { action = [arguments] { return RunExplain(*arguments); }; });
}

}  // namespace stint::cli
