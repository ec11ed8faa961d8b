// The sub-commands: each adds itself to the program, with its options and what it does.
#ifndef STINT_TOOLS_STINT_COMMANDS_H_
#define STINT_TOOLS_STINT_COMMANDS_H_

#include "tools/stint/command.h"

namespace stint::cli {

void AddCompile(Command& program);
void AddRun(Command& program);
void AddBench(Command& program);
void AddInspect(Command& program);
void AddCheck(Command& program);
void AddExplain(Command& program);
void AddProfile(Command& program);
void AddDevices(Command& program);
// What describes the others: call it last.
void AddManual(Command& program);

// Makes `command`, which may be a whole program, what AddBench adds.
void DescribeBench(Command& command);

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_COMMANDS_H_
