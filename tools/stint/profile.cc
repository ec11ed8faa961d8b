// stint profile: where the time of a run goes, op by op.
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tools/stint/arguments.h"
#include "tools/stint/command.h"
#include "tools/stint/commands.h"
#include "tools/stint/compare_groups.h"
#include "tools/stint/console.h"
#include "tools/stint/device_choice.h"
#include "tools/stint/files.h"
#include "tools/stint/inputs.h"
#include "tools/stint/model.h"
#include "tools/stint/named_files.h"

namespace stint::cli {

namespace {

struct ProfileArguments {
  std::string model;
  DeviceArguments devices;
  ShapeArguments shapes;
  InputArguments inputs;
  int warmup = 3;
  int iterations = 20;
  bool compare_groups = false;
  std::string trace;
  std::string json;
};

// A step with the least of its times over the runs that were measured: what it takes undisturbed.
struct Measured {
  stint_step step;
  std::string name;  // Of the plan's op.
  double seconds = 0;
};

std::string NameOf(const stint_step& step) {
  if (step.op >= 0) return step.name;
  return step.kernel != nullptr ? "output" : std::string("from ") + step.source;
}

std::vector<Measured> Measure(const ProfileArguments& arguments, api::Session& session,
                              const std::vector<api::Tensor>& inputs) {
  for (int i = 0; i < arguments.warmup; ++i) session.Run(inputs);
  std::vector<Measured> measured;
  for (int i = 0; i < arguments.iterations; ++i) {
    session.Run(inputs);
    const std::vector<stint_step> steps = session.steps();
    std::vector<Measured> run;
    for (const stint_step& step : steps) run.push_back({step, NameOf(step), step.seconds});
    // Other steps than before: a device was lost, and what it took is of no interest.
    for (size_t k = 0; measured.size() == run.size() && k < run.size(); ++k) {
      run[k].seconds = std::min(run[k].seconds, measured[k].seconds);
    }
    measured = std::move(run);
  }
  return measured;
}

double SumOf(const std::vector<Measured>& steps) {
  double sum = 0;
  for (const Measured& one : steps) sum += one.seconds;
  return sum;
}

Json StepJson(const Measured& one) {
  return {{"op", one.step.op < 0 ? Json() : Json(one.step.op)},
          {"runs", one.step.kind},
          {"name", one.name},
          {"device", one.step.device},
          {"kernel", one.step.kernel == nullptr ? Json() : Json(one.step.kernel)},
          {"group", one.step.group == 0 ? Json() : Json(one.step.group - 1)},
          {"ms", RoundedMilliseconds(one.seconds * 1e3)},
          {"bytes", one.step.bytes},
          {"macs", static_cast<uint64_t>(one.step.operations)}};
}

Json Document(const DeviceSet& devices, const std::vector<Measured>& steps) {
  Json list = Json::array();
  for (const Measured& one : steps) list.push_back(StepJson(one));
  return {{"schema", 1},
          {"device", DeviceNames(devices)},
          {"threads", ThreadsOf(devices)},
          {"sum_ms", RoundedMilliseconds(SumOf(steps) * 1e3)},
          {"steps", list}};
}

// What chrome://tracing and Perfetto read: the steps one behind the other, a row a device.
Json Trace(const std::vector<Measured>& steps) {
  Json events = Json::array();
  double begin = 0;
  for (const Measured& one : steps) {
    events.push_back({{"name", one.name.empty() ? one.step.kind : one.name},
                      {"cat", one.step.kind},
                      {"ph", "X"},
                      {"ts", begin * 1e6},
                      {"dur", one.seconds * 1e6},
                      {"pid", 1},
                      {"tid", one.step.device},
                      {"args",
                       {{"kernel", one.step.kernel == nullptr ? "copy" : one.step.kernel},
                        {"bytes", one.step.bytes},
                        {"macs", one.step.operations}}}});
    begin += one.seconds;
  }
  return {{"traceEvents", events}, {"displayTimeUnit", "ms"}};
}

// Steps of a group are one: its first, with the work of all.
std::vector<Measured> JoinGroups(const std::vector<Measured>& steps) {
  std::vector<Measured> joined;
  for (const Measured& one : steps) {
    const bool more =
        one.step.group != 0 && !joined.empty() && joined.back().step.group == one.step.group;
    if (!more) {
      joined.push_back(one);
      continue;
    }
    joined.back().name += " + " + one.name;
    joined.back().step.bytes += one.step.bytes;
    joined.back().step.operations += one.step.operations;
  }
  return joined;
}

// The longest first.
std::string Text(const DeviceSet& devices, const std::vector<Measured>& single) {
  std::vector<Measured> steps = JoinGroups(single);
  std::stable_sort(steps.begin(), steps.end(),
                   [](const auto& a, const auto& b) { return a.seconds > b.seconds; });
  const double sum = SumOf(steps);
  std::string text =
      Format("%s, %d threads: %.3f ms in %zu steps, the longest first\n",
             DeviceNames(devices).c_str(), ThreadsOf(devices), sum * 1e3, steps.size());
  text += "      ms      %  GMAC/s    GB/s  op       kernel\n";
  for (const Measured& one : steps) {
    const double seconds = std::max(one.seconds, 1e-9);
    text +=
        Format("%8.4f  %5.1f  %6.1f  %6.1f  %-8s %s %s  '%s'\n", one.seconds * 1e3,
               sum > 0 ? one.seconds / sum * 100 : 0, one.step.operations / seconds * 1e-9,
               static_cast<double>(one.step.bytes) / seconds * 1e-9, one.step.kind, one.step.device,
               one.step.kernel == nullptr ? "copy" : one.step.kernel, Printable(one.name).c_str());
  }
  return text;
}

Result<int> RunProfile(const ProfileArguments& arguments) {
  STINT_ASSIGN(const Shapes shapes, ParseShapes(arguments.shapes));
  STINT_ASSIGN(const DeviceSet devices, OpenDevices(arguments.devices));
  STINT_ASSIGN(const auto given, NamesGiven(arguments.inputs.files));
  STINT_ASSIGN(const Model model,
               LoadModel(arguments.model, shapes, STINT_PLAN_SKIP_CONTENT_CHECK, given));
  STINT_ASSIGN(const std::vector<HostTensor> tensors,
               MakeInputs(model.plan, arguments.inputs, model.compiled() ? Shapes() : shapes));
  const std::vector<api::Tensor> inputs = TensorsOf(tensors);
  api::Session session = MakeSession(model.plan, devices, arguments.devices, true);
  if (arguments.compare_groups) {
    return CompareGroups(model.plan, devices, arguments.devices, inputs, session,
                         {arguments.warmup, arguments.iterations, arguments.json});
  }
  const std::vector<Measured> steps = Measure(arguments, session, inputs);
  FileTransaction files;
  STINT_TRY(WriteJson(Trace(steps), arguments.trace, files));
  STINT_TRY(WriteJson(Document(devices, steps), arguments.json, files));
  STINT_TRY(PrintSummary(Text(devices, steps), arguments.json));
  STINT_TRY(files.Commit());
  return 0;
}

}  // namespace

void AddProfile(Command& program) {
  auto arguments = std::make_shared<ProfileArguments>();
  Command command = program.AddCommand("profile", "Show where the time of a run goes");
  command
      .AddOption("model", arguments->model, "A plan, or an ONNX model to compile in memory",
                 "PLAN|MODEL.onnx")
      .Required();
  command.AddOption("-w,--warmup", arguments->warmup, "Runs that are not counted", "N")
      .ShowDefault()
      .Range(0, 1000000);
  command
      .AddOption("-n,--iterations", arguments->iterations,
                 "Runs that are measured; each step shows the least of its times", "N")
      .ShowDefault()
      .Range(1, 1000000);
  AddInputOptions(command, arguments->inputs);
  AddShapeOptions(command, arguments->shapes);
  AddDeviceOptions(command, arguments->devices);
  command
      .AddOption("--trace", arguments->trace,
                 "Write a trace that chrome://tracing and Perfetto show", "FILE")
      .Check(
          [](const std::string& file) { return file == "-" ? "found '-', allowed a file" : ""; });
  command
      .AddFlag("--compare-groups", arguments->compare_groups,
               "Instead: each group of ops that run as one, against its ops run alone")
      .Excludes("--no-groups")
      .Excludes("--trace");
  command.AddOption("--json", arguments->json, "Write a JSON document; '-' is stdout", "FILE|-");
  command.Footer("Example: stint profile model.stint -j 1 --trace trace.json\n");
  command.Does([arguments] { return RunProfile(*arguments); });
}

}  // namespace stint::cli
