// The conformance suite of the HAL: what every device must do, run on one of them.
//
//   stint-hal-tests [--device NAME] [--lists FOLDER] [Catch2 options] [CASE...]
//
// NAME is as -d takes it (cpu, null, vulkan:1); default cpu. FOLDER has the lists of what devices
// do not pass; default: that of this file. Cases that the device's lists name are left out
// (unsupported) or must fail (expected failures): see case_lists.h. Exit 1 also when a list names
// no case, or a case that was expected to fail passes. Closes with `N passed, N failed`.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <cstdio>
#include <set>
#include <string>
#include <vector>

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

std::set<std::string> g_passed;
std::set<std::string> g_failed;

class Outcomes final : public Catch::TestEventListenerBase {
 public:
  using TestEventListenerBase::TestEventListenerBase;
  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    const bool passed = stats.totals.assertions.allOk() && stats.totals.testCases.allOk();
    (passed ? g_passed : g_failed).insert(stats.testInfo.name);
  }
};
CATCH_REGISTER_LISTENER(Outcomes)

std::vector<std::string> AllNames(const Catch::Config& config) {
  std::vector<std::string> names;
  for (const Catch::TestCase& test : Catch::getAllTestCasesSorted(config)) {
    names.push_back(test.name);
  }
  return names;
}

// Selects what the command line does, without what the device does not support. Returns how many
// cases the command line names; *any says whether one is left.
size_t SelectSupported(Catch::Session& session, const CaseList& unsupported, bool* any) {
  const Catch::Config& config = session.config();
  const auto& all = Catch::getAllTestCasesSorted(config);
  std::set<std::string> asked;
  for (const Catch::TestCase& test :
       config.hasTestFilters() ? Catch::filterTests(all, config.testSpec(), config) : all) {
    asked.insert(test.name);
  }
  for (const Catch::TestCase& test : all) {
    if (asked.count(test.name) == 0) continue;
    if (const ListedCase* const entry = Find(unsupported, test.name); entry != nullptr) {
      std::printf("unsupported: %s: %s\n", test.name.c_str(), entry->reason.c_str());
      continue;
    }
    *any = true;
    std::vector<std::string> tags = test.tags;
    tags.push_back("supported");
    // Catch gives tags to test cases that are there in the same way.
    Catch::setTags(const_cast<Catch::TestCase&>(test), tags);
  }
  auto data = session.configData();
  data.testsOrTags = {"[supported]"};
  session.useConfigData(data);
  return asked.size();
}

// Compares the outcomes with the list; the number of cases that went wrong.
size_t Judge(const CaseList& expected) {
  size_t wrong = 0;
  for (const std::string& name : g_failed) {
    const ListedCase* const entry = Find(expected, name);
    if (entry == nullptr) ++wrong;
    std::printf("%s: %s%s%s\n", entry == nullptr ? "failed" : "expected failure", name.c_str(),
                entry == nullptr ? "" : ": ", entry == nullptr ? "" : entry->reason.c_str());
  }
  for (const std::string& name : g_passed) {
    if (Find(expected, name) == nullptr) continue;
    ++wrong;
    std::printf("failed: %s: found that it passes, allowed no entry in %s\n", name.c_str(),
                expected.path.c_str());
  }
  return wrong;
}

int RunSuite(Catch::Session& session, const std::string& folder) {
  const std::string stem = BackendName();
  const CaseList unsupported = ReadCaseList(folder + "/unsupported_" + stem + ".txt");
  const CaseList expected = ReadCaseList(folder + "/expected_failures_" + stem + ".txt");
  const std::vector<std::string> names = AllNames(session.config());
  size_t wrong = 0;
  for (const CaseList* list : {&unsupported, &expected}) {
    std::vector<std::string> problems = UnusedEntries(*list, names);
    if (!list->error.empty()) problems.push_back(list->error);
    for (const std::string& problem : problems) std::printf("failed: %s\n", problem.c_str());
    wrong += problems.size();
  }
  if (session.configData().listTests || session.configData().listTags) return session.run();
  bool any = false;
  if (SelectSupported(session, unsupported, &any) == 0) {
    std::printf("failed: found no case of this name, allowed those of --list-tests\n");
    ++wrong;
  }
  if (any) session.run();
  wrong += Judge(expected);
  const size_t ran = g_passed.size() + g_failed.size();
  std::printf("hal.%s: %zu passed, %zu failed\n", DeviceName(), ran - std::min(ran, wrong), wrong);
  return wrong == 0 ? 0 : 1;
}

}  // namespace

}  // namespace stint::testing

int main(int argc, char** argv) {
  Catch::Session session;
  std::string device = "cpu";
  std::string lists = STINT_HAL_LISTS;
  session.cli(session.cli() |
              Catch::clara::Opt(device, "NAME")["--device"]("the device, as -d takes it") |
              Catch::clara::Opt(lists, "FOLDER")["--lists"]("where unsupported_NAME.txt lies"));
  if (const int error = session.applyCommandLine(argc, argv); error != 0) return error;
  if (session.configData().showHelp) return 0;
  stint::testing::SetDeviceName(device);
  return stint::testing::RunSuite(session, lists);
}
