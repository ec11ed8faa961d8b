#include "tools/conformance/cases.h"

#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace stint::conformance {

namespace {

namespace fs = std::filesystem;

// The folders in `folder` that match, sorted; `failed` is set when it cannot be read.
std::vector<fs::path> Folders(const fs::path& folder, const std::string& pattern,
                              std::error_code& failed) {
  std::vector<fs::path> folders;
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    std::error_code unreadable;
    if (!entry->is_directory(unreadable)) continue;
    if (Matches(pattern, entry->path().filename().string())) folders.push_back(entry->path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

// NAME=DIR or DIR.
TestCase ParseSuite(const std::string& argument) {
  TestCase suite;
  const size_t equals = argument.find('=');
  suite.folder = equals == std::string::npos ? argument : argument.substr(equals + 1);
  suite.suite = equals == std::string::npos
                    ? fs::path(suite.folder).lexically_normal().filename().string()
                    : argument.substr(0, equals);
  return suite;
}

}  // namespace

bool Matches(const std::string& pattern, const std::string& id) {
  return fnmatch(pattern.c_str(), id.c_str(), 0) == 0;
}

Result<std::vector<TestCase>> FindCases(const std::vector<std::string>& suites,
                                        const std::string& filter) {
  const bool whole_id = filter.find('/') != std::string::npos;
  std::vector<TestCase> cases;
  std::set<std::string> names;
  for (const std::string& argument : suites) {
    const TestCase suite = ParseSuite(argument);
    if (suite.suite.empty() || !names.insert(suite.suite).second) {
      return Error(Code::kInvalid, "--data", "found suite '%s', allowed each name once",
                   suite.suite.c_str());
    }
    std::error_code failed;
    const std::vector<fs::path> folders = Folders(suite.folder, "*", failed);
    if (failed) {
      return Error(Code::kIo, suite.folder.c_str(), "found '%s', allowed a folder of cases",
                   failed.message().c_str());
    }
    size_t found = 0;
    for (const fs::path& folder : folders) {
      if (!fs::exists(folder / "model.onnx", failed)) continue;
      ++found;
      TestCase test_case = {suite.suite, folder.filename().string(), folder.string()};
      const std::string& key = whole_id ? test_case.id() : test_case.name;
      if (filter.empty() || Matches(filter, key)) cases.push_back(std::move(test_case));
    }
    if (found == 0) {
      return Error(Code::kInvalid, suite.folder.c_str(),
                   "found no folder with model.onnx, allowed a folder of cases");
    }
  }
  return cases;
}

std::vector<std::string> DataSetsOf(const TestCase& test_case) {
  std::error_code failed;
  std::vector<std::string> sets;
  for (const auto& path : Folders(test_case.folder, "test_data_set_*", failed)) {
    sets.push_back(path.string());
  }
  return sets;
}

}  // namespace stint::conformance
