// stint bench: how long a model takes, and how much memory.
#include <sys/resource.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
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
#include "tools/stint/region_markers.h"
#include "tools/stint/stopwatch.h"

namespace stint::cli {

namespace {

struct BenchArguments {
  std::string model;
  DeviceArguments devices;
  ShapeArguments shapes;
  InputArguments inputs;
  int warmup = 3;
  int iterations = 50;
  double seconds = std::numeric_limits<double>::infinity();
  bool region = false;
  bool verify = false;
  std::string json;
};

// What the devices counted, all together.
struct Counters {
  stint_device_counters total = STINT_DEVICE_COUNTERS_INIT;
  bool any_gpu = false;
};

// Times in milliseconds.
struct Measurements {
  double compile = 0;
  double load = 0;
  double first_run = 0;
  std::vector<double> runs;  // Ascending.
  Counters warm;             // Before the runs that are measured,
  Counters end;              // and behind them.
};

// The smallest measurement that `percent` of them do not exceed.
double Percentile(const std::vector<double>& sorted, double percent) {
  const double rank = std::ceil(percent / 100 * static_cast<double>(sorted.size()));
  return sorted[static_cast<size_t>(std::max(rank, 1.0)) - 1];
}

double MeanOf(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Of a sample; 0 for a single value.
double DeviationOf(const std::vector<double>& values) {
  if (values.size() < 2) return 0;
  const double mean = MeanOf(values);
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

uint64_t PeakResidentBytes() {
  struct rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
  return static_cast<uint64_t>(usage.ru_maxrss);
#else
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
#endif
}

Counters CountersOf(const DeviceSet& devices) {
  Counters counters;
  for (const api::Device& device : devices) {
    if ((device.info().features & STINT_DEVICE_HOST_MEMORY) != 0) continue;
    counters.any_gpu = true;
    const stint_device_counters one = device.counters();
    counters.total.submissions += one.submissions;
    counters.total.dispatches += one.dispatches;
    counters.total.recorded += one.recorded;
    counters.total.allocations += one.allocations;
    counters.total.pipelines_compiled += one.pipelines_compiled;
    counters.total.pipeline_hits += one.pipeline_hits;
  }
  return counters;
}

void MeasureRuns(const BenchArguments& arguments, const DeviceSet& devices, api::Session& session,
                 const std::vector<api::Tensor>& inputs, Measurements& measured) {
  const Stopwatch first;
  session.Run(inputs);
  measured.first_run = first.milliseconds();
  for (int i = 0; i < arguments.warmup; ++i) session.Run(inputs);
  measured.warm = CountersOf(devices);
  const Stopwatch all;
  for (int i = 0; i < arguments.iterations; ++i) {
    const bool mark = arguments.region && i + 1 == arguments.iterations;
    const Stopwatch one;
    if (mark) MarkRegionBegin();
    session.Run(inputs);
    if (mark) MarkRegionEnd();
    measured.runs.push_back(one.milliseconds());
    if (all.milliseconds() >= arguments.seconds * 1000) break;
  }
  measured.end = CountersOf(devices);
  std::sort(measured.runs.begin(), measured.runs.end());
}

// What GPUs did in the measured runs, a run; pipelines since the start of the process.
Json CountersJson(const Measurements& measured) {
  const stint_device_counters& begin = measured.warm.total;
  const stint_device_counters& end = measured.end.total;
  const auto a_run = [&](uint64_t from, uint64_t to) {
    return static_cast<double>(to - from) / static_cast<double>(measured.runs.size());
  };
  return {{"submissions_per_run", a_run(begin.submissions, end.submissions)},
          {"dispatches_per_run", a_run(begin.dispatches, end.dispatches)},
          {"commands_recorded_per_run", a_run(begin.recorded, end.recorded)},
          {"allocations_per_run", a_run(begin.allocations, end.allocations)},
          {"pipelines_compiled", end.pipelines_compiled},
          {"cache_hits", end.pipeline_hits}};
}

Json RunsJson(const std::vector<double>& runs) {
  const auto rounded = [](double milliseconds) { return RoundedMilliseconds(milliseconds); };
  return {{"min", rounded(runs.front())},
          {"p50", rounded(Percentile(runs, 50))},
          {"p90", rounded(Percentile(runs, 90))},
          {"p95", rounded(Percentile(runs, 95))},
          {"p99", rounded(Percentile(runs, 99))},
          {"max", rounded(runs.back())},
          {"mean", rounded(MeanOf(runs))},
          {"stddev", rounded(DeviationOf(runs))},
          {"count", runs.size()}};
}

Json Document(const BenchArguments& arguments, const Model& model, const DeviceSet& devices,
              const api::Session& session, const Measurements& measured) {
  Json document = {{"schema", 1},
                   {"version", STINT_VERSION},
                   {"plan", arguments.model},
                   {"device", DeviceNames(devices)},
                   {"threads", ThreadsOf(devices)},
                   {"compile_ms", RoundedMilliseconds(measured.compile)},
                   {"load_ms", RoundedMilliseconds(measured.load)},
                   {"first_run_ms", RoundedMilliseconds(measured.first_run)},
                   {"run_ms", RunsJson(measured.runs)},
                   {"memory",
                    {{"weights_bytes", WeightsBytes(model.plan)},
                     {"arena_bytes", session.statistics().arena_bytes},
                     {"live_set_bytes", session.statistics().live_bytes},
                     {"packed_bytes", session.statistics().packed_bytes},
                     {"peak_rss_bytes", PeakResidentBytes()}}},
                   {"placement", PlacementJson(session)}};
  if (measured.end.any_gpu) document["counters"] = CountersJson(measured);
  return document;
}

std::string Summary(const BenchArguments& arguments, const Model& model, const DeviceSet& devices,
                    const api::Session& session, const Measurements& measured) {
  const std::vector<double>& runs = measured.runs;
  std::string text = Format("%s on %s, %d threads\n", Printable(arguments.model).c_str(),
                            DeviceNames(devices).c_str(), ThreadsOf(devices));
  if (model.compiled()) text += Format("compile    %10.3f ms\n", measured.compile);
  text += Format("load       %10.3f ms\nfirst run  %10.3f ms\n", measured.load, measured.first_run);
  text += Format(
      "run        %10.3f ms (p50 of %zu; min %.3f, p90 %.3f, p99 %.3f, max %.3f, "
      "mean %.3f, stddev %.3f)\n",
      Percentile(runs, 50), runs.size(), runs.front(), Percentile(runs, 90), Percentile(runs, 99),
      runs.back(), MeanOf(runs), DeviationOf(runs));
  text += "weights    " + BytesText(WeightsBytes(model.plan)) + "\n";
  text += "arena      " + BytesText(session.statistics().arena_bytes) + "\n";
  text += "packed     " + BytesText(session.statistics().packed_bytes) + "\n";
  text += "peak RSS   " + BytesText(PeakResidentBytes()) + "\n";
  return text + "placement  " + PlacementText(session) + "\n";
}

Result<int> RunBench(const BenchArguments& arguments) {
  STINT_ASSIGN(const Shapes shapes, ParseShapes(arguments.shapes));
  STINT_ASSIGN(const DeviceSet devices, OpenDevices(arguments.devices));
  const uint32_t flags = arguments.verify ? 0 : STINT_PLAN_SKIP_CONTENT_CHECK;
  STINT_ASSIGN(const auto given, NamesGiven(arguments.inputs.files));
  STINT_ASSIGN(const Model model, LoadModel(arguments.model, shapes, flags, given));
  STINT_ASSIGN(const std::vector<HostTensor> tensors,
               MakeInputs(model.plan, arguments.inputs, model.compiled() ? Shapes() : shapes));
  const std::vector<api::Tensor> inputs = TensorsOf(tensors);
  const Stopwatch watch;
  api::Session session = MakeSession(model.plan, devices, arguments.devices);
  session.Prepare(inputs);
  Measurements measured;
  measured.compile = model.compile_ms;
  measured.load = model.load_ms + watch.milliseconds();
  MeasureRuns(arguments, devices, session, inputs, measured);
  FileTransaction files;
  STINT_TRY(
      WriteJson(Document(arguments, model, devices, session, measured), arguments.json, files));
  STINT_TRY(PrintSummary(Summary(arguments, model, devices, session, measured), arguments.json));
  STINT_TRY(files.Commit());
  return 0;
}

}  // namespace

void DescribeBench(Command& command) {
  auto arguments = std::make_shared<BenchArguments>();
  command.Description("Measure how long a model takes");
  command
      .AddOption("model", arguments->model, "A plan, or an ONNX model to compile in memory",
                 "PLAN|MODEL.onnx")
      .Required();
  command
      .AddOption("-w,--warmup", arguments->warmup,
                 "Runs that are not counted, behind the first one", "N")
      .ShowDefault()
      .Range(0, 1000000);
  command.AddOption("-n,--iterations", arguments->iterations, "Runs that are counted", "N")
      .ShowDefault()
      .Range(1, 10000000);
  command
      .AddOption("-t,--time", arguments->seconds,
                 "Stop after this time even if iterations are left; default: no limit", "SECONDS")
      .Range(0.0, 1e9);
  AddInputOptions(command, arguments->inputs);
  AddShapeOptions(command, arguments->shapes);
  AddDeviceOptions(command, arguments->devices);
  command
      .AddFlag("--roi", arguments->region,
               "Mark the last counted run for programs that count instructions")
      .Excludes("--time");
  command.AddFlag("--verify", arguments->verify,
                  "Check every byte of a plan, not its metadata only");
  command.AddOption("--json", arguments->json, "Write a JSON document; '-' is stdout", "FILE|-");
  command.Footer(
      "load is from opening the plan to being ready to run, without compiling.\n"
      "Example: stint bench model.stint -n 100 -j 2\n");
  command.Does([arguments] { return RunBench(*arguments); });
}

void AddBench(Command& program) {
  Command command = program.AddCommand("bench", "");
  DescribeBench(command);
}

}  // namespace stint::cli
