// The passes: one source each, named like the function without its capitals. pipeline.cc says in
// which order they run and why.
#ifndef STINT_TOOLS_COMPILER_PASSES_PASSES_H_
#define STINT_TOOLS_COMPILER_PASSES_PASSES_H_

#include "tools/compiler/passes/pass.h"

namespace stint::compiler {

Result<Patch> EliminateDeadNodes(Function& function, PassContext& context);
Result<Patch> MaterializeViews(Function& function, PassContext& context);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_PASSES_PASSES_H_
