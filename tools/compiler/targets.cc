#include "tools/compiler/targets.h"

#include <algorithm>

namespace stint::compiler {

std::string TargetNames() {
  std::string names;
  for (const CostProfile& target : CostProfiles())
    names += (names.empty() ? "" : ", ") + std::string(target.name);
  return names;
}

Result<std::vector<const CostProfile*>> ParseTargets(const std::string& text) {
  std::vector<const CostProfile*> targets;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find(',', start), text.size());
    const std::string name = text.substr(start, end - start);
    const CostProfile* const target = FindCostProfile(name);
    if (target == nullptr) {
      return Error(Code::kInvalid, "--target", "found '%s', allowed %s", name.c_str(),
                   TargetNames().c_str());
    }
    if (std::find(targets.begin(), targets.end(), target) != targets.end()) {
      return Error(Code::kInvalid, "--target", "found '%s' twice, allowed once", name.c_str());
    }
    targets.push_back(target);
    start = end + 1;
  }
  if (targets.size() > 1 && NamedTargets(targets).size() < targets.size()) {
    return Error(Code::kInvalid, "--target",
                 "found generic beside other targets, allowed generic alone");
  }
  return targets;
}

std::vector<const CostProfile*> NamedTargets(const std::vector<const CostProfile*>& targets) {
  std::vector<const CostProfile*> named = targets;
  std::erase(named, CostProfiles().data());
  return named;
}

}  // namespace stint::compiler
