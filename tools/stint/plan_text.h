// Shapes and dims of a plan as people and JSON documents see them.
#ifndef STINT_TOOLS_STINT_PLAN_TEXT_H_
#define STINT_TOOLS_STINT_PLAN_TEXT_H_

#include <map>
#include <string>

#include "runtime/plan/plan.h"
#include "tools/stint/console.h"

namespace stint::cli {

// "224", a symbol's name, "?" for an unnamed symbol, or an expression: "(H + 1) // 2". Long
// expressions are cut to "...".
std::string DimText(const PlanFunction& function, Dim dim);

// "[batch, 3, 224]" of the value or view that `use` names.
std::string ShapeText(const PlanFunction& function, const PlanUse& use);

// The same as an array; constants are numbers, other dims strings.
Json ShapeJson(const PlanFunction& function, const PlanUse& use);

DType DTypeOf(const PlanFunction& function, const PlanUse& use);

// How many ops of each kind there are, by name.
std::map<std::string, int> CountOps(const PlanFunction& function);

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_PLAN_TEXT_H_
