// stint explain: which device and kernel run each op of a plan, and why others do not.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tools/stint/arguments.h"
#include "tools/stint/command.h"
#include "tools/stint/commands.h"
#include "tools/stint/console.h"
#include "tools/stint/device_choice.h"
#include "tools/stint/files.h"
#include "tools/stint/inputs.h"
#include "tools/stint/model.h"
#include "tools/stint/named_files.h"
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

// By op of the plan.
std::vector<std::vector<stint_refusal>> RefusalsOf(const api::Session& session, size_t ops) {
  std::vector<std::vector<stint_refusal>> refusals(ops);
  for (const stint_refusal& refusal : session.refusals()) {
    refusals[static_cast<size_t>(refusal.op)].push_back(refusal);
  }
  return refusals;
}

Json StepJson(const stint_step& step) {
  if (step.kernel == nullptr) {
    return {{"copy", step.bytes}, {"from", step.source}, {"device", step.device}};
  }
  return {{"op", step.op < 0 ? Json() : Json(step.op)},
          {"runs", step.kind},
          {"device", step.device},
          {"kernel", step.kernel},
          {"group", step.group == 0 ? Json() : Json(step.group - 1)},
          {"alone", step.alone == nullptr ? Json() : Json(step.alone)},
          {"predicted_ms", RoundedMilliseconds(step.predicted_seconds * 1e3)}};
}

Json OpsJson(const api::Plan& plan, const api::Session& session) {
  const std::vector<stint_op_info> all = plan.ops();
  const auto refusals = RefusalsOf(session, all.size());
  Json ops = Json::array();
  for (size_t i = 0; i < all.size(); ++i) {
    Json refused = Json::array();
    for (const stint_refusal& refusal : refusals[i]) {
      refused.push_back(
          {{"device", refusal.device}, {"kernel", refusal.kernel}, {"reason", refusal.reason}});
    }
    ops.push_back({{"index", i}, {"op", all[i].kind}, {"name", all[i].name}, {"refused", refused}});
  }
  return ops;
}

Json GroupsJson(const api::Session& session) {
  Json groups = Json::array();
  for (const stint_group& group : session.groups()) {
    groups.push_back({{"first_step", group.first_step},
                      {"end_step", group.end_step},
                      {"lines", group.lines},
                      {"kept_bytes", group.kept_bytes}});
  }
  return groups;
}

// Of each device that has some.
Json RulesJson(const DeviceSet& devices) {
  Json all = Json::array();
  for (const api::Device& device : devices) {
    const std::vector<std::string> rules = device.rules();
    if (!rules.empty()) all.push_back({{"device", device.info().name}, {"rules", rules}});
  }
  return all;
}

std::string RulesText(const DeviceSet& devices) {
  std::string text;
  for (const api::Device& device : devices) {
    const std::vector<std::string> rules = device.rules();
    if (!rules.empty()) text += Format("rules of %s:\n", device.info().name);
    for (const std::string& rule : rules) text += "  " + rule + "\n";
  }
  return text;
}

Json Document(const api::Plan& plan, const DeviceSet& devices, const api::Session& session) {
  Json steps = Json::array();
  for (const stint_step& step : session.steps()) steps.push_back(StepJson(step));
  const stint_statistics statistics = session.statistics();
  return {{"schema", 1},
          {"device", DeviceNames(devices)},
          {"placement", PlacementJson(session)},
          {"submissions", statistics.submissions},
          {"transfers", statistics.transfers},
          {"arena_bytes", statistics.arena_bytes},
          {"packed_bytes", statistics.packed_bytes},
          {"steps", steps},
          {"groups", GroupsJson(session)},
          {"ops", OpsJson(plan, session)},
          {"rules", RulesJson(devices)}};
}

std::string StepText(const stint_step& step) {
  if (step.kernel == nullptr) {
    return Format("     copy     %s -> %s, %s\n", step.source, step.device,
                  BytesText(step.bytes).c_str());
  }
  std::string text =
      step.op < 0 ? std::string("     ") : Format("%4lld ", static_cast<long long>(step.op));
  text += Format("%-8s %s %s, predicted %.3f ms", step.kind, step.device, step.kernel,
                 step.predicted_seconds * 1e3);
  if (step.op < 0) return text + ", makes an output\n";
  return text + "  '" + Printable(step.name) + "'\n";
}

// Why a step is not in one command with the one before it, and the group that it begins.
std::string GroupText(const std::vector<stint_group>& groups, const stint_step& step,
                      size_t index) {
  std::string text;
  if (step.alone != nullptr) {
    text = Format("              not one command with the step before: %s\n", step.alone);
  }
  if (step.group == 0) return text;
  const stint_group& group = groups[step.group - 1];
  if (group.first_step != index) return "              one command with the step before\n";
  const auto behind = static_cast<unsigned long long>(group.end_step - group.first_step - 1);
  return text +
         Format("              one command with the %llu steps behind, %u lines at a time, %s\n",
                behind, group.lines, BytesText(group.kept_bytes).c_str());
}

// Steps in order, the refusals of an op behind its first step.
std::string Text(const api::Plan& plan, const DeviceSet& devices, const api::Session& session) {
  const stint_statistics statistics = session.statistics();
  auto refusals = RefusalsOf(session, static_cast<size_t>(plan.info().ops));
  const std::vector<stint_group> groups = session.groups();
  std::string text =
      Format("%s: %s; %u submissions and %u transfers a run, arena %s, constants packed %s\n",
             DeviceNames(devices).c_str(), PlacementText(session).c_str(), statistics.submissions,
             statistics.transfers, BytesText(statistics.arena_bytes).c_str(),
             BytesText(statistics.packed_bytes).c_str());
  size_t index = 0;
  for (const stint_step& step : session.steps()) {
    text += StepText(step) + GroupText(groups, step, index++);
    if (step.op < 0) continue;
    auto& of_op = refusals[static_cast<size_t>(step.op)];
    for (const stint_refusal& refusal : of_op) {
      const bool whole = refusal.kernel[0] == '\0';
      text += Format("              not %s%s%s: %s\n", refusal.device, whole ? "" : " ",
                     refusal.kernel, refusal.reason);
    }
    of_op.clear();
  }
  return text + RulesText(devices);
}

Result<int> RunExplain(const ExplainArguments& arguments) {
  STINT_ASSIGN(const Shapes shapes, ParseShapes(arguments.shapes));
  STINT_ASSIGN(const DeviceSet devices, OpenDevices(arguments.devices));
  STINT_ASSIGN(const auto given, NamesGiven(arguments.inputs.files));
  STINT_ASSIGN(const Model model,
               LoadModel(arguments.model, shapes, STINT_PLAN_SKIP_CONTENT_CHECK, given));
  STINT_ASSIGN(const std::vector<HostTensor> inputs,
               MakeInputs(model.plan, arguments.inputs, model.compiled() ? Shapes() : shapes));
  api::Session session = MakeSession(model.plan, devices, arguments.devices);
  ListSteps(session, model.plan, TensorsOf(inputs));
  FileTransaction files;
  STINT_TRY(WriteJson(Document(model.plan, devices, session), arguments.json, files));
  STINT_TRY(PrintSummary(Text(model.plan, devices, session), arguments.json));
  STINT_TRY(files.Commit());
  return 0;
}

}  // namespace

void AddExplain(Command& program) {
  auto arguments = std::make_shared<ExplainArguments>();
  Command command =
      program.AddCommand("explain", "Say which device and kernel run each op, and why");
  command
      .AddOption("model", arguments->model, "A plan, or an ONNX model to compile in memory",
                 "PLAN|MODEL.onnx")
      .Required();
  AddInputOptions(command, arguments->inputs);
  AddShapeOptions(command, arguments->shapes);
  AddDeviceOptions(command, arguments->devices);
  command.AddOption("--json", arguments->json, "Write a JSON document; '-' is stdout", "FILE|-");
  command.Footer(
      "Nothing is run, unless extents depend on what an op finds in the data.\nExample: stint "
      "explain model.stint -d vulkan\n");
  command.Does([arguments] { return RunExplain(*arguments); });
}

}  // namespace stint::cli
