// The sub-commands: each adds itself to the application and says what to do when it is chosen.
#ifndef STINT_TOOLS_STINT_COMMANDS_H_
#define STINT_TOOLS_STINT_COMMANDS_H_

#include <functional>

#include "runtime/base/result.h"

namespace CLI {
class App;
}

namespace stint::cli {

// Does the work of the chosen command and returns the exit code.
using Action = std::function<Result<int>()>;

// Each declares its options and, when the command line chooses it, sets `action`.
void AddCompile(CLI::App& app, Action& action);
void AddRun(CLI::App& app, Action& action);
void AddBench(CLI::App& app, Action& action);
void AddInspect(CLI::App& app, Action& action);
void AddCheck(CLI::App& app, Action& action);
void AddExplain(CLI::App& app, Action& action);
void AddProfile(CLI::App& app, Action& action);
void AddDevices(CLI::App& app, Action& action);
// What describes the others: call it last.
void AddManual(CLI::App& app, Action& action);

// Makes `command`, which may be a whole program, what AddBench adds.
void DescribeBench(CLI::App& command, Action& action);

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_COMMANDS_H_
