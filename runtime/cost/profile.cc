#include "runtime/cost/profile.h"

#include <algorithm>

namespace stint {

namespace {

constexpr int64_t kKibi = 1024;

// The x86-64 lines are measured (stint-tune-table). Nobody has measured the others: widths and
// sizes are the manuals', or those of a common part, which the description names; bandwidths those
// of its memory; and their kernels are taken to reach the part of the peak that AVX-512's reach,
// which have as many registers: `scale` is multiply-adds of vectors a second over the
// measured 57.5e9.
constexpr CostProfile kProfiles[] = {
    {"generic", "any processor: algorithms are chosen where the plan is loaded", 16, 32 * kKibi,
     512 * kKibi, RateColumn::kAvx512, 0.33, 10e9, 1e-6},
    {"a53", "Arm Cortex-A53 (Raspberry Pi 3)", 16, 32 * kKibi, 512 * kKibi, RateColumn::kAvx512,
     0.083, 2.2e9, 1e-6},
    {"a55", "Arm Cortex-A55 (RK3588, small cores)", 16, 32 * kKibi, 128 * kKibi,
     RateColumn::kAvx512, 0.125, 4e9, 1e-6},
    {"a72", "Arm Cortex-A72 (Raspberry Pi 4)", 16, 32 * kKibi, 1024 * kKibi, RateColumn::kAvx512,
     0.104, 3.5e9, 1e-6},
    {"a76", "Arm Cortex-A76 (Raspberry Pi 5)", 16, 64 * kKibi, 512 * kKibi, RateColumn::kAvx512,
     0.33, 10e9, 1e-6},
    {"x1", "Arm Cortex-X1 (Snapdragon 888)", 16, 64 * kKibi, 1024 * kKibi, RateColumn::kAvx512,
     0.79, 25e9, 1e-6},
    {"m1", "Apple M1, performance cores", 16, 128 * kKibi, 12 * 1024 * kKibi, RateColumn::kAvx512,
     0.89, 60e9, 1e-6},
    {"x86-64-v3", "x86-64 with AVX2 and FMA", 32, 32 * kKibi, 256 * kKibi, RateColumn::kAvx2, 1,
     30e9, 5e-8},
    {"x86-64-v4", "x86-64 with AVX-512", 64, 32 * kKibi, 1024 * kKibi, RateColumn::kAvx512, 1, 30e9,
     5e-8},
};

}  // namespace

std::span<const CostProfile> CostProfiles() { return kProfiles; }

const CostProfile* FindCostProfile(std::string_view name) {
  for (const CostProfile& profile : kProfiles) {
    if (name == profile.name) return &profile;
  }
  return nullptr;
}

double RatePerSecond(const CostProfile& profile, const KernelRate& rate) {
  return rate.billions[static_cast<int>(profile.column)] * profile.scale * 1e9;
}

double PredictSeconds(const CostProfile& profile, const KernelRate& rate, const Work& work) {
  const double compute = work.operations / RatePerSecond(profile, rate);
  return profile.op_seconds + std::max(compute, work.bytes / profile.bytes_per_second);
}

}  // namespace stint
