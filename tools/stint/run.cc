// stint run: runs a model once, and shows, writes or checks its outputs.
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tools/stint/arguments.h"
#include "tools/stint/command.h"
#include "tools/stint/commands.h"
#include "tools/stint/compare.h"
#include "tools/stint/console.h"
#include "tools/stint/device_choice.h"
#include "tools/stint/files.h"
#include "tools/stint/inputs.h"
#include "tools/stint/model.h"
#include "tools/stint/named_files.h"
#include "tools/stint/outputs.h"
#include "tools/stint/placement.h"

namespace stint::cli {

namespace {

struct RunArguments {
  std::string model;
  DeviceArguments devices;
  ShapeArguments shapes;
  InputArguments inputs;
  std::string output_folder;
  std::string output_format = "npy";
  std::vector<std::string> expected;
  Tolerance tolerance;
  std::string json;

  TensorFormat format() const {
    return output_format == "pb" ? TensorFormat::kPb : TensorFormat::kNpy;
  }
};

// Before anything runs: whether the outputs can be written at all.
Status CheckOutputFormat(const RunArguments& arguments, const api::Plan& plan) {
  if (arguments.output_folder.empty()) return {};
  for (size_t i = 0; i < plan.output_count(); ++i) {
    const api::TensorInfo output = plan.output(i);
    STINT_TRY(CheckFormat(arguments.format(), NameOf(output), static_cast<DType>(output.dtype)));
  }
  return {};
}

Result<std::vector<HostTensor>> ReadExpected(const RunArguments& arguments,
                                             const std::vector<std::string>& names) {
  std::vector<std::string> positions;
  for (size_t i = 0; i < names.size(); ++i) positions.push_back("out" + std::to_string(i));
  return ReadNamedFiles({names, positions, "--expect", "output", nullptr}, arguments.expected);
}

// One error line an output that differs.
bool PrintDifferences(const std::vector<std::string>& names,
                      const std::vector<HostTensor>& expected, const api::Session& session,
                      const Tolerance& tolerance) {
  bool differs = false;
  for (size_t i = 0; i < names.size(); ++i) {
    if (!expected[i].present()) continue;
    const auto difference =
        FindDifference(ViewOf(session.output(i)), expected[i].View(), tolerance);
    if (!difference) continue;
    PrintError("differs", "output '" + names[i] + "'", *difference);
    differs = true;
  }
  return differs;
}

// Stages the output files and returns their paths; empty ones without --output-dir.
Result<std::vector<std::string>> StageOutputs(const RunArguments& arguments,
                                              const std::vector<std::string>& names,
                                              const api::Session& session, FileTransaction& files) {
  std::vector<std::string> paths(names.size());
  if (arguments.output_folder.empty()) return paths;
  STINT_TRY(files.CreateFolder(arguments.output_folder));
  const std::vector<std::string> file_names = OutputFileNames(names, arguments.format());
  for (size_t i = 0; i < names.size(); ++i) {
    paths[i] = arguments.output_folder + "/" + file_names[i];
    STINT_ASSIGN(const std::vector<uint8_t> file,
                 EncodeTensorFile(arguments.format(), names[i], ViewOf(session.output(i))));
    STINT_TRY(files.Stage(paths[i], file));
  }
  return paths;
}

Json Document(const DeviceSet& devices, const api::Session& session,
              const std::vector<std::string>& names, const std::vector<std::string>& paths) {
  Json outputs = Json::array();
  for (size_t i = 0; i < names.size(); ++i) {
    const TensorView output = ViewOf(session.output(i));
    outputs.push_back({{"name", names[i]},
                       {"dtype", NameOf(output.dtype)},
                       {"shape", ExtentsOf(output)},
                       {"file", paths[i].empty() ? Json() : Json(paths[i])}});
  }
  return {{"schema", 1},
          {"device", DeviceNames(devices)},
          {"outputs", outputs},
          {"placement", PlacementJson(session)}};
}

std::string Summary(const api::Session& session, const std::vector<std::string>& names,
                    const std::vector<std::string>& paths,
                    const std::vector<HostTensor>& expected) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    const TensorView output = ViewOf(session.output(i));
    if (paths[i].empty()) {
      text += SummaryLine(names[i], output);
    } else {
      text += Printable(paths[i]) + ": " + NameOf(output.dtype) + " " +
              ExtentsText(ExtentsOf(output)) + "\n";
    }
    if (expected[i].present()) text += Printable(names[i]) + ": as expected\n";
  }
  return text;
}

Result<int> RunRun(const RunArguments& arguments) {
  STINT_ASSIGN(const Shapes shapes, ParseShapes(arguments.shapes));
  STINT_ASSIGN(const DeviceSet devices, OpenDevices(arguments.devices));
  STINT_ASSIGN(const auto given, NamesGiven(arguments.inputs.files));
  STINT_ASSIGN(const Model model, LoadModel(arguments.model, shapes, 0, given));
  const std::vector<std::string> names = OutputNames(model.plan);
  STINT_TRY(CheckOutputFormat(arguments, model.plan));
  STINT_ASSIGN(const std::vector<HostTensor> expected, ReadExpected(arguments, names));
  STINT_ASSIGN(const std::vector<HostTensor> inputs,
               MakeInputs(model.plan, arguments.inputs, model.compiled() ? Shapes() : shapes));
  api::Session session = MakeSession(model.plan, devices, arguments.devices);
  session.Run(TensorsOf(inputs));
  if (PrintDifferences(names, expected, session, arguments.tolerance)) return kExitDiffers;
  FileTransaction files;
  STINT_ASSIGN(const auto paths, StageOutputs(arguments, names, session, files));
  STINT_TRY(WriteJson(Document(devices, session, names, paths), arguments.json, files));
  STINT_TRY(PrintSummary(Summary(session, names, paths, expected), arguments.json));
  STINT_TRY(files.Commit());
  return 0;
}

void AddExpectOptions(Command& command, RunArguments& arguments) {
  command.AddOption(
      "--expect", arguments.expected,
      "What an output must be, else exit 3. A bare FILE.npz binds its members by output "
      "name, else out0, out1, ... Repeatable",
      "NAME=FILE | FILE.npz");
  const auto set_tolerance = [&](const char* flag, double& value, const char* description) {
    command.AddOption(flag, value, description, "X")
        .ShowDefault()
        .Range(0.0, 1e300)
        .WhenGiven([&arguments] { arguments.tolerance.on_integers = true; });
  };
  set_tolerance("--atol", arguments.tolerance.absolute,
                "Absolute tolerance of --expect; integers and bools must be equal unless --atol or "
                "--rtol is given");
  set_tolerance("--rtol", arguments.tolerance.relative, "Relative tolerance of --expect");
}

}  // namespace

void AddRun(Command& program) {
  auto arguments = std::make_shared<RunArguments>();
  Command command = program.AddCommand("run", "Run a model once");
  command
      .AddOption("model", arguments->model, "A plan, or an ONNX model to compile in memory",
                 "PLAN|MODEL.onnx")
      .Required();
  AddInputOptions(command, arguments->inputs);
  AddShapeOptions(command, arguments->shapes);
  command.AddOption("--output-dir", arguments->output_folder,
                    "Write each output to a file in this folder, which is created", "DIR");
  command
      .AddOption("--output-format", arguments->output_format, "Format of output files: npy, pb",
                 "FORMAT")
      .ShowDefault()
      .OneOf({"npy", "pb"});
  AddExpectOptions(command, *arguments);
  AddDeviceOptions(command, arguments->devices);
  command.AddOption("--json", arguments->json, "Write a JSON document; '-' is stdout", "FILE|-");
  command.Footer(
      "NAME=FILE splits at the first '=' behind a name that the model has.\n"
      "Example: stint run model.onnx --input image=photo.npy --output-dir results\n");
  command.Does([arguments] { return RunRun(*arguments); });
}

}  // namespace stint::cli
