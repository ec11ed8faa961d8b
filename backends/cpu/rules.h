// The rules of the CPU in words, for people who ask why a kernel was chosen. Every number comes
// from the constant that the rule itself uses.
#ifndef STINT_BACKENDS_CPU_RULES_H_
#define STINT_BACKENDS_CPU_RULES_H_

#include "backends/cpu/chains/choose_chains.h"
#include "runtime/cost/profile.h"
#include "runtime/hal/device.h"

namespace stint::cpu {

// Device::VisitRules.
void ShowRules(const CostProfile& profile, const ChainMachine& machine, RuleVisitor visit,
               void* user);

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_RULES_H_
