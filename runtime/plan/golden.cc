#include "runtime/plan/golden.h"

#include "runtime/base/array.h"

namespace stint {

namespace {

// Who refers to a constant.
enum User : uint8_t { kNobody = 0, kPair = 1, kModel = 2 };

}  // namespace

Result<GoldenCount> GoldenOf(const Plan& plan) {
  GoldenCount summary;
  Array<uint8_t> users;
  STINT_TRY(users.Resize(plan.constants().size()));
  for (const PlanFunction& function : plan.functions()) {
    const bool is_pair = &function != &plan.main() && IsGolden(function);
    if (is_pair) ++summary.pairs;
    for (const PlanValue& value : function.values) {
      if (value.constant != kNoIndex) users[value.constant] |= is_pair ? kPair : kModel;
    }
    for (const PlanForm& form : function.forms) {
      users[form.constant] |= is_pair ? kPair : kModel;
    }
  }
  for (size_t i = 0; i < users.size(); ++i) {
    if (users[i] == kPair) summary.bytes += plan.constants()[i].bytes.size();
  }
  return summary;
}

}  // namespace stint
