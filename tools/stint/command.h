// How a program and its commands describe themselves: options, their limits, what help says. CLI11
// does the work and stays behind this header, because every source that includes it takes seconds
// to compile; only the program and the manual, which ask it back, include it themselves.
#ifndef STINT_TOOLS_STINT_COMMAND_H_
#define STINT_TOOLS_STINT_COMMAND_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "runtime/base/result.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace stint::cli {

// Does the work of the chosen command and returns the exit code.
using Action = std::function<Result<int>()>;

// What else is to be said of an option, which its command owns. Each returns this handle again.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}

  Option& Required();
  Option& ShowDefault();  // Help shows the value that the variable has now.
  Option& Range(int least, int greatest);
  Option& Range(double least, double greatest);
  Option& NonNegative();
  Option& OneOf(const std::vector<std::string>& values);
  // `problem` says what is wrong with a value; empty: nothing.
  Option& Check(const std::function<std::string(const std::string&)>& problem);
  Option& WhenGiven(const std::function<void()>& then);
  // Not together with `flag`, which the command must have already.
  Option& Excludes(const std::string& flag);

 private:
  CLI::Option* option_;
};

// A handle on a command, or on a whole program, which owns its commands. Variables that options are
// read into live until the action has run.
class Command {
 public:
  Command(CLI::App& app, Action& chosen) : app_(&app), chosen_(&chosen) {}

  Command AddCommand(const std::string& name, const std::string& description);
  void RequireCommand();
  void Description(const std::string& text);
  void Footer(const std::string& text);
  void HideFromHelp();

  // Options take exactly one value each time; a vector collects them. `flags` as CLI11 writes them:
  // "-o,--output", or a bare name for what is given by its position. `type` stands for the value.
  Option AddOption(const std::string& flags, std::string& value, const std::string& description,
                   const std::string& type);
  Option AddOption(const std::string& flags, std::vector<std::string>& values,
                   const std::string& description, const std::string& type);
  Option AddOption(const std::string& flags, int& value, const std::string& description,
                   const std::string& type);
  Option AddOption(const std::string& flags, uint64_t& value, const std::string& description,
                   const std::string& type);
  Option AddOption(const std::string& flags, double& value, const std::string& description,
                   const std::string& type);
  Option AddFlag(const std::string& flags, bool& value, const std::string& description);

  // What is done when the command line chooses this command.
  void Does(const Action& action);

  CLI::App& app() const { return *app_; }

 private:
  CLI::App* app_;
  Action* chosen_;
};

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_COMMAND_H_
