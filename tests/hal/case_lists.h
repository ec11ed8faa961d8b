// What a device of the conformance suite does not pass, as two files beside this one say:
// unsupported_NAME.txt (for good) and expected_failures_NAME.txt (to be mended). A line is
// `GLOB: reason`, matched against names of test cases; `#` begins a comment, a file may be missing.
#ifndef STINT_TESTS_HAL_CASE_LISTS_H_
#define STINT_TESTS_HAL_CASE_LISTS_H_

#include <string>
#include <vector>

namespace stint::testing {

struct ListedCase {
  std::string pattern;
  std::string reason;
};

struct CaseList {
  std::string path;
  std::vector<ListedCase> entries;
  std::string error;  // "PATH:LINE: found ..., allowed ..."; empty: the file is well formed.
};

CaseList ReadCaseList(const std::string& path);

// Whether `*` and `?` of the pattern can stand for something that makes it the name.
bool Matches(const char* pattern, const char* name);

// The entry that matches the name; nullptr: none.
const ListedCase* Find(const CaseList& list, const std::string& name);

// One line for each entry that matches none of the names.
std::vector<std::string> UnusedEntries(const CaseList& list, const std::vector<std::string>& names);

}  // namespace stint::testing

#endif  // STINT_TESTS_HAL_CASE_LISTS_H_
