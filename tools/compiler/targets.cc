#include "tools/compiler/targets.h"

#include <algorithm>

namespace stint::compiler {

namespace {

constexpr int64_t kKibi = 1024;

// Sizes of caches that a licensee chooses are those of a common part, which the description names.
constexpr Target kTargets[] = {
    {"generic", "any processor: algorithms are chosen where the plan is loaded", 0, 0, 0},
    {"a53", "Arm Cortex-A53 (Raspberry Pi 3)", 16, 32 * kKibi, 512 * kKibi},
    {"a55", "Arm Cortex-A55 (RK3588, small cores)", 16, 32 * kKibi, 128 * kKibi},
    {"a72", "Arm Cortex-A72 (Raspberry Pi 4)", 16, 32 * kKibi, 1024 * kKibi},
    {"a76", "Arm Cortex-A76 (Raspberry Pi 5)", 16, 64 * kKibi, 512 * kKibi},
    {"x1", "Arm Cortex-X1 (Snapdragon 888)", 16, 64 * kKibi, 1024 * kKibi},
    {"m1", "Apple M1, performance cores", 16, 128 * kKibi, 12 * 1024 * kKibi},
    {"x86-64-v3", "x86-64 with AVX2 and FMA", 32, 32 * kKibi, 256 * kKibi},
    {"x86-64-v4", "x86-64 with AVX-512", 64, 32 * kKibi, 1024 * kKibi},
};

const Target* FindTarget(const std::string& name) {
  const auto* found = std::find_if(std::begin(kTargets), std::end(kTargets),
                                   [&](const Target& target) { return name == target.name; });
  return found == std::end(kTargets) ? nullptr : found;
}

}  // namespace

std::span<const Target> Targets() { return kTargets; }

std::string TargetNames() {
  std::string names;
  for (const Target& target : kTargets)
    names += (names.empty() ? "" : ", ") + std::string(target.name);
  return names;
}

Result<std::vector<const Target*>> ParseTargets(const std::string& text) {
  std::vector<const Target*> targets;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find(',', start), text.size());
    const std::string name = text.substr(start, end - start);
    const Target* const target = FindTarget(name);
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
  if (targets.size() > 1 && std::count(targets.begin(), targets.end(), &kTargets[0]) > 0) {
    return Error(Code::kInvalid, "--target",
                 "found generic beside other targets, allowed generic alone");
  }
  return targets;
}

}  // namespace stint::compiler
