// Golden pairs as functions of a plan; runtime/plan/golden.h says how.
#ifndef STINT_TOOLS_COMPILER_EMIT_GOLDEN_H_
#define STINT_TOOLS_COMPILER_EMIT_GOLDEN_H_

#include <vector>

#include "tools/compiler/compile.h"
#include "tools/compiler/emit/plan_writer.h"

namespace stint::compiler {

// Appends the pairs, whose bytes are borrowed until the plan is written.
void AddGolden(const std::vector<GoldenPair>& pairs, PlanDescription& plan);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_EMIT_GOLDEN_H_
