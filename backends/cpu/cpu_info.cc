#include "backends/cpu/cpu_info.h"

#include <cstdint>
#include <cstdio>
#include <cstring>

#include "backends/cpu/micro/kernels.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace stint::cpu {

namespace {

#if defined(__x86_64__)
void ReadModel(char (&model)[80]) {
  unsigned words[12] = {};
  unsigned highest = __get_cpuid_max(0x80000000u, nullptr);
  if (highest < 0x80000004u) {
    std::snprintf(model, sizeof(model), "x86-64");
    return;
  }
  for (unsigned i = 0; i < 3; ++i) {
    __get_cpuid(0x80000002u + i, &words[4 * i], &words[4 * i + 1], &words[4 * i + 2],
                &words[4 * i + 3]);
  }
  char brand[49] = {};
  std::memcpy(brand, words, 48);
  const char* start = brand;
  while (*start == ' ') ++start;
  std::snprintf(model, sizeof(model), "%s", start);
}

// Whether the system saves the AVX registers.
bool SavesAvx() {
  uint32_t low = 0;
  uint32_t high = 0;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (low & 6) == 6;
}

Isa DetectIsa() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0) return Isa::kBaseline;
  const unsigned wanted = bit_FMA | bit_OSXSAVE | bit_AVX;
  if ((c & wanted) != wanted || !SavesAvx()) return Isa::kBaseline;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return Isa::kBaseline;
  return (b & bit_AVX2) != 0 ? Isa::kAvx2 : Isa::kBaseline;
}

constexpr const char* kBaselineName = "SSE2";
#elif defined(__aarch64__)
void ReadModel(char (&model)[80]) { std::snprintf(model, sizeof(model), "aarch64"); }
Isa DetectIsa() { return Isa::kBaseline; }
constexpr const char* kBaselineName = "NEON";
#else
void ReadModel(char (&model)[80]) { std::snprintf(model, sizeof(model), "generic"); }
Isa DetectIsa() { return Isa::kBaseline; }
constexpr const char* kBaselineName = "portable";
#endif

}  // namespace

CpuInfo DetectCpu() { return DescribeCpu(DetectIsa()); }

CpuInfo DescribeCpu(Isa isa) {
  CpuInfo info = {};
  ReadModel(info.model);
  info.isa = isa;
  info.isa_name = info.isa == Isa::kAvx2 ? "AVX2+FMA" : kBaselineName;
  info.operations_per_second = info.isa == Isa::kAvx2 ? 3e10 : 8e9;
  return info;
}

const MicroKernels& MicroKernelsFor(Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::kAvx2) return kAvx2Kernels;
#endif
  (void)isa;
  return kBaselineKernels;
}

}  // namespace stint::cpu
