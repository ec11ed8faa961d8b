// The command line of Stint: parses arguments, runs one sub-command, turns its outcome into an exit
// code and at most one line on stderr.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>

#include "tools/stint/commands.h"
#include "tools/stint/console.h"

namespace stint::cli {

namespace {

constexpr const char* kFooter =
    "Exit codes: 0 ok, 2 usage or bad content, 3 results differ, 4 unsupported op,\n"
    "5 device unavailable, 6 limit exceeded, 7 path or I/O error, 70 a bug in Stint.\n"
    "'stint COMMAND --help' describes a command.\n";

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
  if (chosen.empty() && argc > 1 && argv[1][0] != '-') {
    return Error(Code::kInvalid, "usage",
                 "found the command '%.100s', allowed what 'stint --help' "
                 "shows",
                 argv[1]);
  }
  const std::string command = chosen.empty() ? "stint" : "stint " + chosen[0]->get_name();
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
    const Status printed = PrintResult(about.help(chosen.empty() ? "" : "stint"));
    return printed.ok() ? 0 : Report(printed);
  } catch (const CLI::CallForVersion&) {
    const Status printed = PrintResult("stint " STINT_VERSION "\n");
    return printed.ok() ? 0 : Report(printed);
  } catch (const CLI::ParseError& error) {
    return Report(UsageError(app, error, argc, argv));
  }
  *done = false;
  return 0;
}

int Main(int argc, char** argv) {
  CLI::App app("Compiles ONNX models into plans and runs them.", "stint");
  app.set_version_flag("--version", "stint " STINT_VERSION);
  app.require_subcommand(1);
  app.footer(kFooter);
  Action action;
  AddCompile(app, action);
  AddRun(app, action);
  AddBench(app, action);
  AddInspect(app, action);
  AddCheck(app, action);
  AddExplain(app, action);
  AddDevices(app, action);
  bool done = false;
  const int parsed = Parse(app, argc, argv, &done);
  if (done) return parsed;
  const Result<int> outcome = action();
  return outcome.ok() ? *outcome : Report(outcome.status());
}

}  // namespace

}  // namespace stint::cli

int main(int argc, char** argv) {
  using stint::cli::PrintError;
  stint::cli::ReserveStandardDescriptors();
  std::signal(SIGPIPE, SIG_IGN);  // A closed pipe is an error like any other.
  try {
    return stint::cli::Main(argc, argv);
  } catch (const std::bad_alloc&) {
    PrintError("limit", "memory", "found none left, allowed what the system has");
    return static_cast<int>(stint::Code::kLimit);
  } catch (const std::exception& error) {
    PrintError(
        "internal", "stint",
        std::string("found an exception: ") + error.what() + ", allowed none: this is a bug");
    return static_cast<int>(stint::Code::kInternal);
  }
}
