// What this processor is and can do.
#ifndef STINT_BACKENDS_CPU_CPU_INFO_H_
#define STINT_BACKENDS_CPU_CPU_INFO_H_

#include <cstdint>

#include "runtime/base/result.h"
#include "runtime/cost/profile.h"

namespace stint::cpu {

// The instruction sets that micro-kernels are built for. The best one that the build has and the
// processor runs is used.
enum class Isa { kBaseline, kAvx2, kAvx512 };

struct CpuInfo {
  char model[80];
  Isa isa;
  const char* isa_name;
  const CostProfile* profile;  // For predictions.
  int64_t near_cache_bytes;    // The second level of cache, of one core.
};

CpuInfo DetectCpu();
// The instruction set to use: the one that `name` names ("avx512", "avx2", and the baseline's
// "sse2", "neon" or "portable"), or for nullptr and "" the best. kUnavailable: the build or the
// processor does not have it, or nothing is called so.
Result<Isa> ChooseIsa(const char* name);
// The environment's STINT_CPU, as ChooseIsa takes it.
const char* RequestedIsa();
// The same processor used with `isa`, which it must have.
CpuInfo DescribeCpu(Isa isa);

struct MicroKernels;
struct NhwcKernels;

// The micro-kernels of an instruction set that DetectCpu gave.
const MicroKernels& MicroKernelsFor(Isa isa);
const NhwcKernels& NhwcKernelsFor(Isa isa);

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_CPU_INFO_H_
