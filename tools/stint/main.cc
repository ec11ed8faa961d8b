// The command line of Stint: one sub-command of many.
#include "tools/stint/command.h"
#include "tools/stint/commands.h"
#include "tools/stint/program.h"

namespace stint::cli {

namespace {

constexpr const char* kFooter =
    "Exit codes: 0 ok, 2 usage or bad content, 3 results differ, 4 unsupported op,\n"
    "5 device unavailable, 6 limit exceeded, 7 path or I/O error, 70 a bug in Stint.\n"
    "'stint COMMAND --help' describes a command.\n";

void DescribeStint(Command& program) {
  program.Description("Compiles ONNX models into plans and runs them.");
  program.RequireCommand();
  program.Footer(kFooter);
  AddCompile(program);
  AddRun(program);
  AddBench(program);
  AddInspect(program);
  AddCheck(program);
  AddExplain(program);
  AddProfile(program);
  AddDevices(program);
  AddManual(program);
}

}  // namespace

}  // namespace stint::cli

int main(int argc, char** argv) {
  return stint::cli::RunProgram(argc, argv, "stint", stint::cli::DescribeStint);
}
