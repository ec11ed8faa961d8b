// What every program of the command line does around its commands: standard descriptors, parsing,
// one line on stderr for an error, the exit code.
#ifndef STINT_TOOLS_STINT_PROGRAM_H_
#define STINT_TOOLS_STINT_PROGRAM_H_

#include "tools/stint/command.h"

namespace stint::cli {

// Describes the program: its options or sub-commands, and what each does.
using Describe = void (*)(Command& program);

// Parses the arguments, does what was chosen and returns the exit code. Throws nothing.
int RunProgram(int argc, char** argv, const char* name, Describe describe);

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_PROGRAM_H_
