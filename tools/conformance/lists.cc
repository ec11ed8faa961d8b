#include "tools/conformance/lists.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "tools/stint/files.h"

namespace stint::conformance {

namespace {

constexpr uint64_t kMaxListBytes = 1 << 20;

}  // namespace

Result<KnownCases> KnownCases::Read(const std::string& path) {
  KnownCases list;
  list.path_ = path;
  if (path.empty()) return list;
  STINT_ASSIGN(const cli::FileBytes file, cli::ReadFile(path, kMaxListBytes));
  std::istringstream lines(std::string(file.span().begin(), file.span().end()));
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    const size_t slash = line.find('/');
    const size_t colon = line.find(": ");
    if (slash == std::string::npos || colon == std::string::npos || slash > colon ||
        colon + 2 == line.size()) {
      return Error(Code::kInvalid, path.c_str(), "found '%.80s', allowed 'SUITE/CASE: reason'",
                   line.c_str());
    }
    list.entries_.push_back({line.substr(0, slash), line.substr(0, colon), line.substr(colon + 2)});
  }
  return list;
}

const std::string* KnownCases::ReasonOf(const std::string& id) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return Matches(entry.pattern, id); });
  return found == entries_.end() ? nullptr : &found->reason;
}

std::vector<std::string> KnownCases::Stale(const std::vector<TestCase>& cases) const {
  std::set<std::string> suites;
  for (const TestCase& test_case : cases) suites.insert(test_case.suite);
  std::vector<std::string> stale;
  for (const Entry& entry : entries_) {
    for (const std::string& suite : suites) {
      if (!Matches(entry.suite, suite)) continue;
      const bool has_case = std::any_of(cases.begin(), cases.end(), [&](const TestCase& test_case) {
        return test_case.suite == suite && Matches(entry.pattern, test_case.id());
      });
      if (!has_case) stale.push_back(entry.pattern + " in " + suite);
    }
  }
  return stale;
}

}  // namespace stint::conformance
