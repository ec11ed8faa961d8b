#include "tests/hal/case_lists.h"

#include <algorithm>
#include <fstream>

namespace stint::testing {

CaseList ReadCaseList(const std::string& path) {
  CaseList list;
  list.path = path;
  std::ifstream file(path);
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.empty() || line[0] == '#') continue;
    const size_t colon = line.find(": ");
    if (colon == 0 || colon == std::string::npos || colon + 2 == line.size()) {
      list.error.append(path).append(":").append(std::to_string(number));
      list.error.append(": found '").append(line).append("', allowed 'GLOB: reason'");
      return list;
    }
    list.entries.push_back({line.substr(0, colon), line.substr(colon + 2)});
  }
  return list;
}

bool Matches(const char* pattern, const char* name) {
  if (*pattern == '*') {
    return Matches(pattern + 1, name) || (*name != 0 && Matches(pattern, name + 1));
  }
  if (*pattern == 0 || *name == 0) return *pattern == *name;
  return (*pattern == '?' || *pattern == *name) && Matches(pattern + 1, name + 1);
}

const ListedCase* Find(const CaseList& list, const std::string& name) {
  for (const ListedCase& entry : list.entries) {
    if (Matches(entry.pattern.c_str(), name.c_str())) return &entry;
  }
  return nullptr;
}

std::vector<std::string> UnusedEntries(const CaseList& list,
                                       const std::vector<std::string>& names) {
  std::vector<std::string> unused;
  for (const ListedCase& entry : list.entries) {
    const bool used = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return Matches(entry.pattern.c_str(), name.c_str());
    });
    if (!used) unused.push_back(list.path + ": found no case '" + entry.pattern + "'");
  }
  return unused;
}

}  // namespace stint::testing
