// A session of Catch2, whose implementation takes long to compile: it is in one source for all test
// programs. One a program: Catch2 allows no second.
#ifndef STINT_TESTS_CATCH_SESSION_H_
#define STINT_TESTS_CATCH_SESSION_H_

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace stint::testing {

class CatchSession {
 public:
  CatchSession();
  ~CatchSession();

  // An option of the program's own, as in ("--device", "NAME", ...). Before Parse.
  void AddOption(const std::string& flag, const std::string& type, std::string& value,
                 const std::string& description);
  // The exit code of a program that ends here: after an error or --help.
  std::optional<int> Parse(int argc, char** argv);

  bool OnlyLists() const;  // Whether the command line asks for lists of cases or tags.
  std::vector<std::string> AllCases() const;
  std::set<std::string> ChosenCases() const;  // By the command line.

  // Runs what the command line says; Catch2's exit code.
  int Run();
  // Runs these cases instead. Returns whether each of them passed; one that did not run did not.
  std::map<std::string, bool> Run(const std::set<std::string>& cases);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace stint::testing

#endif  // STINT_TESTS_CATCH_SESSION_H_
