#include "tools/stint/program.h"

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>

#include "tools/stint/console.h"

namespace stint::cli {

namespace {

// A closed standard descriptor would be given to the next file that is opened, and results would
// land in it. Reading and writing these fail instead.
void ReserveStandardDescriptors() {
  for (int number = 0; number <= 2; ++number) {
    if (fcntl(number, F_GETFD) < 0) (void)open("/dev/null", number == 0 ? O_WRONLY : O_RDONLY);
  }
}

int Report(const Status& status) {
  PrintError(status);
  return static_cast<int>(status.code());
}

Status UsageError(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  const auto chosen = app.get_subcommands();
  const std::string& name = app.get_name();
  const bool has_commands = app.get_require_subcommand_min() > 0;
  if (has_commands && chosen.empty() && argc > 1 && argv[1][0] != '-') {
    return Error(Code::kInvalid, "usage",
                 "found the command '%.100s', allowed what '%s --help' shows", argv[1],
                 name.c_str());
  }
  const std::string command = chosen.empty() ? name : name + " " + chosen[0]->get_name();
  return Error(Code::kInvalid, "usage", "found \"%.150s\", allowed what '%s --help' shows",
               error.what(), command.c_str());
}

int Parse(CLI::App& app, int argc, char** argv, bool* done) {
  *done = true;
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const auto chosen = app.get_subcommands();
    const CLI::App& about = chosen.empty() ? app : *chosen[0];
    const Status printed = PrintResult(about.help(chosen.empty() ? "" : app.get_name()));
    return printed.ok() ? 0 : Report(printed);
  } catch (const CLI::CallForVersion&) {
    const Status printed = PrintResult(app.version() + "\n");
    return printed.ok() ? 0 : Report(printed);
  } catch (const CLI::ParseError& error) {
    return Report(UsageError(app, error, argc, argv));
  }
  *done = false;
  return 0;
}

int Main(int argc, char** argv, const char* name, Describe describe) {
  CLI::App app("", name);
  app.set_version_flag("--version", std::string(name) + " " STINT_VERSION);
  Action action;
  Command program(app, action);
  describe(program);
  bool done = false;
  const int parsed = Parse(app, argc, argv, &done);
  if (done) return parsed;
  const Result<int> outcome = action();
  return outcome.ok() ? *outcome : Report(outcome.status());
}

}  // namespace

int RunProgram(int argc, char** argv, const char* name, Describe describe) {
  ReserveStandardDescriptors();
  // A closed pipe and a file that may not grow are errors like any other.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    return Main(argc, argv, name, describe);
  } catch (const api::Error& error) {
    return Report(StatusOf(error));
  } catch (const std::bad_alloc&) {
    PrintError("limit", "memory", "found none left, allowed what the system has");
    return static_cast<int>(Code::kLimit);
  } catch (const std::exception& error) {
    PrintError(
        "internal", "stint",
        std::string("found an exception: ") + error.what() + ", allowed none: this is a bug");
    return static_cast<int>(Code::kInternal);
  }
}

}  // namespace stint::cli
