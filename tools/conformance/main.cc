// stint-conformance: ONNX's own cases against the compiler and a device.
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tools/conformance/cases.h"
#include "tools/conformance/executor.h"
#include "tools/conformance/isolation.h"
#include "tools/conformance/lists.h"
#include "tools/conformance/remote.h"
#include "tools/conformance/report.h"
#include "tools/conformance/run_case.h"
#include "tools/stint/arguments.h"
#include "tools/stint/command.h"
#include "tools/stint/console.h"
#include "tools/stint/device_choice.h"
#include "tools/stint/files.h"
#include "tools/stint/program.h"

namespace stint::conformance {

namespace {

using cli::Json;

// An emulator or another machine is reached slowly: a runner stays for so many cases.
constexpr size_t kRunnerBatch = 256;

struct Arguments {
  std::vector<std::string> suites;
  std::string filter;
  std::string via = "onnx";
  std::string runner;
  cli::DeviceArguments devices = {.devices = "cpu", .threads = 1};
  std::string failures;
  std::string unsupported;
  std::string distant;
  std::string inexact;
  std::string truth;
  std::string json;
  bool list_all = false;
  IsolationOptions isolation = {
      .processes = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()))};
};

Json ResultOf(const Answer& answer) {
  if (!answer.answered) return {{"verdict", kFail}, {"detail", answer.text}};
  Json result = Json::parse(answer.text, nullptr, false);
  if (!result.is_discarded()) return result;
  return {{"verdict", kFail}, {"detail", "an answer that is no JSON"}};
}

Result<std::unique_ptr<Executor>> MakeExecutor(const Arguments& arguments) {
  std::unique_ptr<Executor> executor;
  if (!arguments.runner.empty()) {
    executor = std::make_unique<RemoteExecutor>(arguments.runner);
    return executor;
  }
  STINT_ASSIGN(cli::DeviceSet devices, cli::OpenDevices(arguments.devices));
  const Via via = arguments.via == "plan" ? Via::kPlan : Via::kOnnx;
  executor = std::make_unique<LocalExecutor>(via, std::move(devices), arguments.devices);
  return executor;
}

Result<std::vector<Json>> RunCases(const std::vector<TestCase>& cases, const Arguments& arguments) {
  const auto start = [&]() -> Job {
    auto made = std::make_shared<Result<std::unique_ptr<Executor>>>(MakeExecutor(arguments));
    return [&, made](size_t i) {
      const Json result = made->ok()
                              ? RunCase(cases[i], arguments.truth, ***made)
                              : Json{{"verdict", kFail}, {"detail", made->status().message()}};
      return result.dump(-1, ' ', false, Json::error_handler_t::replace);
    };
  };
  IsolationOptions isolation = arguments.isolation;
  if (!arguments.runner.empty()) isolation.batch = kRunnerBatch;
  STINT_ASSIGN(const std::vector<Answer> answers, RunIsolated(cases.size(), isolation, start));
  std::vector<Json> results;
  for (const Answer& answer : answers) results.push_back(ResultOf(answer));
  return results;
}

Result<KnownLists> ReadLists(const Arguments& arguments) {
  KnownLists lists;
  STINT_ASSIGN(lists.failures, KnownCases::Read(arguments.failures));
  STINT_ASSIGN(lists.unsupported, KnownCases::Read(arguments.unsupported));
  STINT_ASSIGN(lists.distant, KnownCases::Read(arguments.distant));
  STINT_ASSIGN(lists.inexact, KnownCases::Read(arguments.inexact));
  return lists;
}

std::vector<std::string> StaleEntries(const KnownLists& lists, const std::vector<TestCase>& cases) {
  std::vector<std::string> stale;
  for (const KnownCases* list :
       {&lists.failures, &lists.unsupported, &lists.distant, &lists.inexact}) {
    for (const std::string& entry : list->Stale(cases)) {
      stale.push_back(list->path() + ": found " + entry + ", allowed patterns of cases there");
    }
  }
  return stale;
}

Json Document(const Arguments& arguments, const std::vector<TestCase>& cases,
              const std::vector<Json>& results) {
  Json by_case = Json::object();
  for (size_t i = 0; i < cases.size(); ++i) by_case[cases[i].id()] = results[i];
  return {{"schema", 1},
          {"device", arguments.devices.devices},
          {"via", arguments.runner.empty() ? arguments.via : "runner"},
          {"totals", TotalsOf(cases, results)},
          {"cases", by_case}};
}

Result<int> RunConformance(const Arguments& arguments) {
  STINT_ASSIGN(const KnownLists lists, ReadLists(arguments));
  STINT_ASSIGN(const std::vector<TestCase> cases, FindCases(arguments.suites, arguments.filter));
  STINT_ASSIGN(std::vector<Json> results, RunCases(cases, arguments));
  Settle(cases, lists, results);
  const std::vector<std::string> stale =
      arguments.filter.empty() ? StaleEntries(lists, cases) : std::vector<std::string>();
  std::string text = Summary(cases, results, arguments.list_all);
  for (const std::string& entry : stale) text += "FAIL " + cli::Printable(entry) + "\n";
  const auto failed =
      static_cast<size_t>(std::count_if(results.begin(), results.end(), [](const Json& result) {
        return result["verdict"] == kFail;
      }));
  text += cli::Format("%zu passed, %zu failed\n", results.size() - failed, failed + stale.size());
  cli::FileTransaction files;
  STINT_TRY(cli::WriteJson(Document(arguments, cases, results), arguments.json, files));
  STINT_TRY(cli::PrintSummary(text, arguments.json));
  STINT_TRY(files.Commit());
  return failed + stale.size() > 0 || results.empty() ? 1 : 0;
}

void AddExecutorOptions(cli::Command& program, Arguments& arguments) {
  program
      .AddOption("--via", arguments.via, "onnx: plans stay in memory; plan: they become files",
                 "onnx|plan")
      .ShowDefault()
      .OneOf({"onnx", "plan"});
  program
      .AddOption("--device", arguments.devices.devices, "Devices in order of preference",
                 "DEVICE[,DEVICE...]")
      .ShowDefault();
  program.AddFlag("--no-fallback", arguments.devices.no_fallback,
                  "Fail instead of running on the CPU what the device refuses");
  program
      .AddOption(
          "--runner", arguments.runner,
          "Run plans on another machine's CPU: a program with arguments, as a shell splits them, "
          "that reaches a "
          "stint-conformance-runner there, 'ssh HOST ./stint-conformance-runner'",
          "COMMAND")
      .Excludes("--via")
      .Excludes("--device")
      .Excludes("--no-fallback");
}

void AddListOptions(cli::Command& program, Arguments& arguments) {
  program.AddOption("--expected-failures", arguments.failures,
                    "Cases that must fail, a line each: SUITE/CASE: reason", "FILE");
  program.AddOption("--unsupported", arguments.unsupported,
                    "Cases that must be unsupported, and no others may be", "FILE");
  program.AddOption("--distant", arguments.distant,
                    "Cases with a float32 output more than 64 ULP away, and no others may have one",
                    "FILE");
  program.AddOption(
      "--truth", arguments.truth,
      "Float64 outputs that distances are measured from: DIR/SUITE/CASE/SET/output_N.pb", "DIR");
  program.AddOption(
      "--inexact", arguments.inexact,
      "Cases more than 10 ULP from what they expect though at most 10 from the truth, and no "
      "others with a truth may be",
      "FILE");
}

void Describe(cli::Command& program) {
  auto arguments = std::make_shared<Arguments>();
  program.Description(
      "Runs the cases of ONNX backend-test folders and compares with ONNX's tolerance.");
  program
      .AddOption("--data", arguments->suites,
                 "A folder of cases, as a suite named like it or NAME. Repeatable", "[NAME=]DIR")
      .Required();
  program.AddOption("--filter", arguments->filter, "Only cases that match: CASE or SUITE/CASE",
                    "GLOB");
  AddExecutorOptions(program, *arguments);
  AddListOptions(program, *arguments);
  program.AddOption("-j", arguments->isolation.processes, "Processes at a time", "N")
      .Range(1, 1024);
  program.AddOption("--time-limit", arguments->isolation.limit_seconds, "Of one case", "SECONDS")
      .ShowDefault()
      .Range(0.001, 3600.0);
  program.AddFlag("--list", arguments->list_all, "Print every case, not only failures");
  program.AddOption("--json", arguments->json, "Write a JSON document; '-' is stdout", "FILE|-");
  program.Footer(
      "A case PASSes, is UNSUPPORTED, is an EXPECTED FAILURE or FAILs; each runs in a process "
      "that\n"
      "may crash or hang without harm to the others. Patterns are the shell's.\n"
      "Exit codes: 0 no failure, 1 a failure or no case; others as those of stint.\n"
      "Example: stint-conformance --data onnx/backend/test/data/node --filter 'test_conv*'\n");
  program.Does([arguments] { return RunConformance(*arguments); });
}

}  // namespace

}  // namespace stint::conformance

int main(int argc, char** argv) {
  return stint::cli::RunProgram(argc, argv, "stint-conformance", stint::conformance::Describe);
}
