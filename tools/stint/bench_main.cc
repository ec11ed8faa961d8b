// stint-bench: `stint bench` for plans, as a program of its own that is linked statically.
#include "tools/stint/commands.h"
#include "tools/stint/program.h"

int main(int argc, char** argv) {
  return stint::cli::RunProgram(argc, argv, "stint-bench", stint::cli::DescribeBench);
}
