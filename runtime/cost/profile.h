// What processors are and what kernels reach on them, from which time is predicted: by the session,
// which chooses among kernels, and by the compiler for named targets. One table of rates
// (kernel_rates.inc), one line a processor (profile.cc), one formula (PredictSeconds).
#ifndef STINT_RUNTIME_COST_PROFILE_H_
#define STINT_RUNTIME_COST_PROFILE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace stint {

// Sets of kernels that the rates are of.
enum class RateColumn : uint8_t { kAvx2, kAvx512 };
inline constexpr int kRateColumns = 2;

struct KernelRate {
  const char* row;
  double billions[kRateColumns];  // Operations a second on one thread, / 1e9.
};

inline constexpr KernelRate kKernelRates[] = {
#define STINT_KERNEL_RATE(row, avx2, avx512) {#row, {avx2, avx512}},
#include "runtime/cost/kernel_rates.inc"
#undef STINT_KERNEL_RATE
};

// The rates of a row. A row that the table lacks does not compile.
consteval const KernelRate* RateOf(std::string_view row) {
  size_t i = 0;
  while (kKernelRates[i].row != row) ++i;
  return &kKernelRates[i];
}

// One core of a processor, data caches only.
struct CostProfile {
  const char* name;  // As --target takes it.
  const char* description;
  int32_t vector_bytes;
  int64_t first_cache_bytes;
  int64_t second_cache_bytes;
  RateColumn column;        // Whose rates,
  double scale;             // and which part of them it reaches: that of its peak.
  double bytes_per_second;  // Read from beyond the second cache.
  double op_seconds;        // Of a command that does nothing.
};

// The known processors. The first is "generic": what is assumed of one that nobody named.
std::span<const CostProfile> CostProfiles();
// nullptr: there is none of this name.
const CostProfile* FindCostProfile(std::string_view name);

// Estimated work of a call.
struct Work {
  double operations = 0;  // What the rate of its row counts.
  double bytes = 0;       // Read and written.
};

// A row that wants constants dense which the plan has packed makes a copy of them: it must be so
// many times faster than one that does not.
inline constexpr double kUnpackedGain = 1.25;

// Operations a second on one thread.
double RatePerSecond(const CostProfile& profile, const KernelRate& rate);

// Seconds of a call on one thread: whatever takes longer of computing and moving. On one, whatever
// the session has, as rows round in different ways and no number of threads may change a bit.
double PredictSeconds(const CostProfile& profile, const KernelRate& rate, const Work& work);

}  // namespace stint

#endif  // STINT_RUNTIME_COST_PROFILE_H_
