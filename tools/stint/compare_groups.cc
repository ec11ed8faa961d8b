#include "tools/stint/compare_groups.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "tools/stint/arguments.h"
#include "tools/stint/console.h"
#include "tools/stint/files.h"

namespace stint::cli {

namespace {

// Seconds of a stretch of steps: a group, or all of a run.
struct Stretch {
  size_t first_step = 0, end_step = 0;
  uint32_t lines = 0;
  uint64_t kept_bytes = 0;
  std::string name;  // Of its first op.
  double joined = 1e9, single = 1e9;
  std::vector<double> ratios;

  double MedianRatio() {
    auto middle = ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() / 2);
    std::nth_element(ratios.begin(), middle, ratios.end());
    return *middle;
  }
};

std::vector<double> RunTimed(api::Session& session, const std::vector<api::Tensor>& inputs) {
  session.Run(inputs);
  std::vector<double> seconds;
  for (const stint_step& step : session.steps()) seconds.push_back(step.seconds);
  return seconds;
}

double Sum(const std::vector<double>& seconds, const Stretch& stretch) {
  double sum = 0;
  for (size_t i = stretch.first_step; i < stretch.end_step; ++i) sum += seconds[i];
  return sum;
}

std::vector<Stretch> StretchesOf(const api::Session& session) {
  const std::vector<stint_step> steps = session.steps();
  std::vector<Stretch> stretches;
  for (const stint_group& group : session.groups()) {
    Stretch stretch;
    stretch.first_step = group.first_step;
    stretch.end_step = group.end_step;
    stretch.lines = group.lines;
    stretch.kept_bytes = group.kept_bytes;
    stretch.name = steps[group.first_step].name;
    stretches.push_back(std::move(stretch));
  }
  Stretch whole;
  whole.end_step = steps.size();
  stretches.push_back(whole);
  return stretches;
}

std::string Text(std::vector<Stretch>& stretches, const api::Session& joined,
                 const api::Session& single) {
  std::string text = "  joined   single  ratio  median   ops  lines  kept        first op\n";
  for (Stretch& one : stretches) {
    const bool whole = one.lines == 0;
    text += Format("%8.4f %8.4f  %5.3f   %5.3f  %4zu  %5s  %-10s  '%s'\n", one.joined * 1e3,
                   one.single * 1e3, one.joined / one.single, one.MedianRatio(),
                   one.end_step - one.first_step, whole ? "all" : std::to_string(one.lines).c_str(),
                   whole ? "" : BytesText(one.kept_bytes).c_str(), Printable(one.name).c_str());
  }
  return text + "arena " + BytesText(joined.statistics().arena_bytes) + ", without groups " +
         BytesText(single.statistics().arena_bytes) + "\n";
}

Json Document(std::vector<Stretch>& stretches, const api::Session& joined,
              const api::Session& single) {
  Json list = Json::array();
  for (Stretch& one : stretches) {
    list.push_back({{"first_step", one.first_step},
                    {"end_step", one.end_step},
                    {"lines", one.lines},
                    {"kept_bytes", one.kept_bytes},
                    {"joined_ms", RoundedMilliseconds(one.joined * 1e3)},
                    {"single_ms", RoundedMilliseconds(one.single * 1e3)},
                    {"median_ratio", one.MedianRatio()}});
  }
  const Json whole = list.back();
  list.erase(list.size() - 1);
  return {{"schema", 1},
          {"groups", list},
          {"run", whole},
          {"arena_bytes", joined.statistics().arena_bytes},
          {"arena_bytes_single", single.statistics().arena_bytes}};
}

}  // namespace

Result<int> CompareGroups(const api::Plan& plan, const DeviceSet& devices,
                          const DeviceArguments& arguments, const std::vector<api::Tensor>& inputs,
                          api::Session& joined, const CompareOptions& options) {
  DeviceArguments alone = arguments;
  alone.no_groups = true;
  api::Session single = MakeSession(plan, devices, alone, true);
  for (int i = 0; i < options.warmup; ++i) {
    joined.Run(inputs);
    single.Run(inputs);
  }
  ListSteps(joined, plan, inputs);
  std::vector<Stretch> stretches = StretchesOf(joined);
  for (int i = 0; i < options.rounds; ++i) {
    const std::vector<double> one = RunTimed(joined, inputs);
    const std::vector<double> other = RunTimed(single, inputs);
    if (one.size() != other.size()) {
      return Error(Code::kUnavailable, "devices",
                   "found %zu steps with groups and %zu without, "
                   "allowed the same ops on the same devices",
                   one.size(), other.size());
    }
    for (Stretch& stretch : stretches) {
      const double a = Sum(one, stretch);
      const double b = std::max(Sum(other, stretch), 1e-9);
      stretch.joined = std::min(stretch.joined, a);
      stretch.single = std::min(stretch.single, b);
      stretch.ratios.push_back(a / b);
    }
  }
  FileTransaction files;
  STINT_TRY(WriteJson(Document(stretches, joined, single), options.json, files));
  STINT_TRY(PrintSummary(Text(stretches, joined, single), options.json));
  STINT_TRY(files.Commit());
  return 0;
}

}  // namespace stint::cli
