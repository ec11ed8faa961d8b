// The processors that a plan can be made for, by name: the profiles of runtime/cost.
#ifndef STINT_TOOLS_COMPILER_TARGETS_H_
#define STINT_TOOLS_COMPILER_TARGETS_H_

#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/cost/profile.h"

namespace stint::compiler {

// "generic, a53, ...".
std::string TargetNames();

// Targets by name, with commas between. kInvalid: an unknown name, one twice, or generic beside
// others; the error lists the allowed ones.
Result<std::vector<const CostProfile*>> ParseTargets(const std::string& text);

// Those that are not "generic".
std::vector<const CostProfile*> NamedTargets(const std::vector<const CostProfile*>& targets);

// The key of the plan property that holds the names; generic plans have none.
inline constexpr char kTargetProperty[] = "stint.target";

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_TARGETS_H_
