// Shapes of a plan as people and JSON documents see them. How an extent is computed from others is
// the inside of a plan, which stint.h does not show: this reads the runtime's own structures.
#ifndef STINT_TOOLS_STINT_PLAN_TEXT_H_
#define STINT_TOOLS_STINT_PLAN_TEXT_H_

#include <memory>
#include <string>

#include "runtime/plan/plan.h"
#include "tools/stint/console.h"
#include "tools/stint/model.h"

namespace stint::cli {

// The plan of `model`, which was loaded from `path`, once more.
Result<std::unique_ptr<Plan>> OpenInside(const Model& model, const std::string& path);

// "224", a symbol's name, "?" for an unnamed symbol, or an expression: "(H + 1) // 2". Long
// expressions are cut to "...".
std::string DimText(const PlanFunction& function, Dim dim);

// "[batch, 3, 224]" of the value or view that `use` names.
std::string ShapeText(const PlanFunction& function, const PlanUse& use);

// The same as an array; constants are numbers, other dims strings.
Json ShapeJson(const PlanFunction& function, const PlanUse& use);

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_PLAN_TEXT_H_
