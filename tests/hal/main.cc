// The conformance suite of the HAL: what every device must do, run on one of them.
//
//   stint-hal-tests [--device NAME] [--lists FOLDER] [Catch2 options] [CASE...]
//
// NAME is as -d takes it (cpu, null, vulkan:1); default cpu. FOLDER has the lists of what devices
// do not pass; default: that of this file. Cases that the device's lists name are left out
// (unsupported) or must fail (expected failures): see case_lists.h. Exit 1 also when a list names
// no case, or a case that was expected to fail passes. Closes with `N passed, N failed`.
#include <algorithm>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/catch_session.h"
#include "tests/hal/case_lists.h"
#include "tests/hal/hal_testing.h"

// Buffers of any size are asked for: that there is no memory is an answer, not an error.
extern "C" const char* __asan_default_options() {  // NOLINT(bugprone-reserved-identifier)
  return "allocator_may_return_null=1";
}
extern "C" const char* __tsan_default_options() {  // NOLINT(bugprone-reserved-identifier)
  return "allocator_may_return_null=1";
}

namespace stint::testing {

namespace {

// The cases without those that the device does not support, which are told.
std::set<std::string> Supported(const std::set<std::string>& cases, const CaseList& unsupported) {
  std::set<std::string> supported;
  for (const std::string& name : cases) {
    if (const ListedCase* const entry = Find(unsupported, name); entry != nullptr) {
      std::printf("unsupported: %s: %s\n", name.c_str(), entry->reason.c_str());
    } else {
      supported.insert(name);
    }
  }
  return supported;
}

// Compares which cases passed with the list; the number of cases that went wrong.
size_t Judge(const std::map<std::string, bool>& outcomes, const CaseList& expected) {
  size_t wrong = 0;
  for (const auto& [name, passed] : outcomes) {
    const ListedCase* const entry = Find(expected, name);
    if (passed && entry != nullptr) {
      std::printf("failed: %s: found that it passes, allowed no entry in %s\n", name.c_str(),
                  expected.path.c_str());
    } else if (!passed) {
      std::printf("%s: %s%s%s\n", entry == nullptr ? "failed" : "expected failure", name.c_str(),
                  entry == nullptr ? "" : ": ", entry == nullptr ? "" : entry->reason.c_str());
    }
    wrong += passed == (entry != nullptr);
  }
  return wrong;
}

int RunSuite(CatchSession& session, const std::string& folder) {
  const std::string stem = BackendName();
  const CaseList unsupported = ReadCaseList(folder + "/unsupported_" + stem + ".txt");
  const CaseList expected = ReadCaseList(folder + "/expected_failures_" + stem + ".txt");
  size_t wrong = 0;
  for (const CaseList* list : {&unsupported, &expected}) {
    std::vector<std::string> problems = UnusedEntries(*list, session.AllCases());
    if (!list->error.empty()) problems.push_back(list->error);
    for (const std::string& problem : problems) std::printf("failed: %s\n", problem.c_str());
    wrong += problems.size();
  }
  if (session.OnlyLists()) return session.Run();
  const std::set<std::string> chosen = session.ChosenCases();
  if (chosen.empty()) {
    std::printf("failed: found no case of this name, allowed those of --list-tests\n");
    ++wrong;
  }
  const std::map<std::string, bool> outcomes = session.Run(Supported(chosen, unsupported));
  wrong += Judge(outcomes, expected);
  std::printf("hal.%s: %zu passed, %zu failed\n", DeviceName(),
              outcomes.size() - std::min(outcomes.size(), wrong), wrong);
  return wrong == 0 ? 0 : 1;
}

}  // namespace

}  // namespace stint::testing

int main(int argc, char** argv) {
  std::string device = "cpu";
  std::string lists = STINT_HAL_LISTS;
  stint::testing::CatchSession session;
  session.AddOption("--device", "NAME", device, "the device, as -d takes it");
  session.AddOption("--lists", "FOLDER", lists, "where unsupported_NAME.txt lies");
  if (const auto ended = session.Parse(argc, argv)) return *ended;
  stint::testing::SetDeviceName(device);
  return stint::testing::RunSuite(session, lists);
}
