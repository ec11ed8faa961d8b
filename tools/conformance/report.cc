#include "tools/conformance/report.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "tools/conformance/run_case.h"

namespace stint::conformance {

namespace {

using cli::Json;

constexpr const char* kVerdicts[] = {kPass, kUnsupported, kExpectedFailure, kFail};

// The largest of a float32 output's distances of a kind; nothing where none was measured.
std::optional<double> LargestFloat32(const Json& result, const char* kind) {
  std::optional<double> largest;
  if (!result.contains("outputs")) return largest;
  for (const Json& output : result["outputs"]) {
    if (!output.is_object() || output["dtype"] != "float32" || !output.contains(kind)) continue;
    if (!output[kind].is_number()) continue;
    largest = std::max(largest.value_or(0), output[kind].get<double>());
  }
  return largest;
}

// Whether a float32 output is beyond kMaxUlp. JSON has no infinity: null beside a dtype with ULPs
// would read as none, but an infinite distance never passes the comparison.
bool IsDistant(const Json& result) { return LargestFloat32(result, "ulp").value_or(0) > kMaxUlp; }

// Whether the truth shows that it is the case's own values that are far from a result.
bool IsInexact(const Json& result) {
  return LargestFloat32(result, "stored_ulp").value_or(0) > kNearUlp &&
         LargestFloat32(result, "ulp").value_or(0) <= kNearUlp;
}

void Fail(Json& result, const std::string& detail) {
  result["verdict"] = kFail;
  result["detail"] = detail;
}

// Holds a property of a case against the list of those that have it.
void Hold(Json& result, const std::string& id, const KnownCases& list, bool has, const char* what) {
  if (list.path().empty()) return;
  const std::string* reason = list.ReasonOf(id);
  if (has == (reason != nullptr)) return;
  const std::string listed = " in " + list.path();
  const std::string detail = result["detail"].get<std::string>();
  Fail(result, has ? std::string(what) + ", but not" + listed + ": " + detail
                   : std::string("not ") + what + ", but" + listed + ": " + *reason);
}

void Note(Json& result, const char* key, const std::string* reason) {
  if (reason != nullptr) result[key] = *reason;
}

void SettleOne(Json& result, const std::string& id, const KnownLists& lists) {
  const bool failed = result["verdict"] == kFail;
  const std::string* reason = lists.failures.ReasonOf(id);
  // A list makes good for wrong results only, never for a crash, a time limit or a refused file.
  if (failed && (reason == nullptr || !result.contains("differs"))) return;
  Hold(result, id, lists.failures, failed, "failing");
  if (failed) {
    result["verdict"] = kExpectedFailure;
    result["detail"] = *reason;
    return;
  }
  const bool unsupported = result["verdict"] == kUnsupported;
  const bool distant = result["verdict"] == kPass && IsDistant(result);
  if (distant) Note(result, "distant", lists.distant.ReasonOf(id));
  const bool inexact = result["verdict"] == kPass && IsInexact(result);
  if (inexact) Note(result, "inexact", lists.inexact.ReasonOf(id));
  Hold(result, id, lists.unsupported, unsupported, "unsupported");
  Hold(result, id, lists.distant, distant, "above 64 ULP");
  Hold(result, id, lists.inexact, inexact, "nearer to the truth than what is expected");
}

std::string UnsupportedByOperator(const std::vector<Json>& results) {
  std::map<std::string, int> counts;
  for (const Json& result : results) {
    if (result["verdict"] != kUnsupported) continue;
    const Json& node = result["unsupported"];
    const auto domain = node["domain"].get<std::string>();
    ++counts[(domain.empty() ? "" : domain + ".") + node["op"].get<std::string>() + ": " +
             node["reason"].get<std::string>()];
  }
  std::vector<std::pair<int, std::string>> sorted;
  for (const auto& [text, count] : counts) sorted.emplace_back(-count, text);
  std::sort(sorted.begin(), sorted.end());
  std::string text;
  for (const auto& [count, what] : sorted) {
    text += cli::Format("unsupported %4d %s\n", -count, cli::Printable(what).c_str());
  }
  return text;
}

}  // namespace

void Settle(const std::vector<TestCase>& cases, const KnownLists& lists,
            std::vector<Json>& results) {
  for (size_t i = 0; i < cases.size(); ++i) SettleOne(results[i], cases[i].id(), lists);
}

std::string Summary(const std::vector<TestCase>& cases, const std::vector<Json>& results,
                    bool all) {
  std::string text;
  for (size_t i = 0; i < cases.size(); ++i) {
    if (!all && results[i]["verdict"] != kFail) continue;
    const auto detail = results[i]["detail"].get<std::string>();
    text += results[i]["verdict"].get<std::string>() + " " + cli::Printable(cases[i].id()) +
            (detail.empty() ? "" : ": " + cli::Printable(detail)) + "\n";
  }
  text += UnsupportedByOperator(results);
  const Json totals = TotalsOf(cases, results);
  for (const auto& [suite, counts] : totals.items()) {
    text += cli::Format("%-24s", suite.c_str());
    for (const char* verdict : kVerdicts) {
      text += cli::Format("%6d %s", counts[verdict].get<int>(), verdict);
    }
    text += '\n';
  }
  return text;
}

Json TotalsOf(const std::vector<TestCase>& cases, const std::vector<Json>& results) {
  Json totals = Json::object();
  for (size_t i = 0; i < cases.size(); ++i) {
    Json& counts = totals[cases[i].suite];
    if (counts.is_null()) {
      for (const char* verdict : kVerdicts) counts[verdict] = 0;
    }
    Json& count = counts[results[i]["verdict"].get<std::string>()];
    count = count.get<int>() + 1;
  }
  return totals;
}

}  // namespace stint::conformance
