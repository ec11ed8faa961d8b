// What this processor is and can do.
#ifndef STINT_BACKENDS_CPU_CPU_INFO_H_
#define STINT_BACKENDS_CPU_CPU_INFO_H_

namespace stint::cpu {

// The instruction sets that micro-kernels are built for. The best one that the build has and the
// processor runs is used.
enum class Isa { kBaseline, kAvx2, kAvx512 };

struct CpuInfo {
  char model[80];
  Isa isa;
  const char* isa_name;
  double operations_per_second;  // Multiply-accumulates of one thread, for predictions.
};

CpuInfo DetectCpu();
// The same processor used with `isa`, which it must have.
CpuInfo DescribeCpu(Isa isa);

struct MicroKernels;

// The micro-kernels of an instruction set that DetectCpu gave.
const MicroKernels& MicroKernelsFor(Isa isa);

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_CPU_INFO_H_
