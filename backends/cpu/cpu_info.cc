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

// Which registers the system saves: bits of XCR0.
uint32_t SavedRegisters() {
  uint32_t low = 0;
  uint32_t high = 0;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

Isa DetectIsa() {
  constexpr uint32_t kAvxRegisters = 0x06;
  constexpr uint32_t kAvx512Registers = 0xe6;
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0) return Isa::kBaseline;
  const unsigned wanted = bit_FMA | bit_OSXSAVE | bit_AVX;
  if ((c & wanted) != wanted) return Isa::kBaseline;
  const uint32_t saved = SavedRegisters();
  if ((saved & kAvxRegisters) != kAvxRegisters) return Isa::kBaseline;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return Isa::kBaseline;
  if ((b & bit_AVX2) == 0) return Isa::kBaseline;
  const bool avx512 = (b & bit_AVX512F) != 0 && (saved & kAvx512Registers) == kAvx512Registers;
  return avx512 ? Isa::kAvx512 : Isa::kAvx2;
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
  switch (isa) {
    case Isa::kBaseline:
      info.isa_name = kBaselineName;
      info.operations_per_second = 8e9;
      break;
    case Isa::kAvx2:
      info.isa_name = "AVX2+FMA";
      info.operations_per_second = 3e10;
      break;
    case Isa::kAvx512:
      info.isa_name = "AVX-512F";
      info.operations_per_second = 6e10;
      break;
  }
  return info;
}

const MicroKernels& MicroKernelsFor(Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::kAvx512) return kAvx512Kernels;
  if (isa == Isa::kAvx2) return kAvx2Kernels;
#endif
  (void)isa;
  return kBaselineKernels;
}

}  // namespace stint::cpu
