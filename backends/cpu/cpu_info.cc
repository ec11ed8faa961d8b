#include "backends/cpu/cpu_info.h"

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "backends/cpu/micro/kernels.h"
#include "backends/cpu/micro/recurrent.h"
#include "backends/cpu/micro/rows.h"
#include "backends/cpu/micro/tiles.h"

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#ifndef HWCAP_CPUID
#define HWCAP_CPUID (1 << 11)
#endif
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
  constexpr unsigned kWanted = bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL;
  const bool avx512 = (b & kWanted) == kWanted && (saved & kAvx512Registers) == kAvx512Registers;
  return avx512 ? Isa::kAvx512 : Isa::kAvx2;
}

constexpr const char* kBaselineName = "SSE2";
constexpr const char* kBaselineKey = "sse2";
#elif defined(__aarch64__)
void ReadModel(char (&model)[80]) { std::snprintf(model, sizeof(model), "aarch64"); }
Isa DetectIsa() { return Isa::kBaseline; }
constexpr const char* kBaselineName = "NEON";
constexpr const char* kBaselineKey = "neon";
#else
void ReadModel(char (&model)[80]) { std::snprintf(model, sizeof(model), "generic"); }
Isa DetectIsa() { return Isa::kBaseline; }
constexpr const char* kBaselineName = "portable";
constexpr const char* kBaselineKey = "portable";
#endif

// Where the system does not say: what the small cores have that are sold most.
constexpr int64_t kUsualCache = 512 << 10;

int64_t SecondCacheBytes() {
#if defined(_SC_LEVEL2_CACHE_SIZE)
  const long bytes = sysconf(_SC_LEVEL2_CACHE_SIZE);
  if (bytes > 0) return bytes;
#endif
  return kUsualCache;
}

// What predictions take the processor for: on Arm the core that runs this.
#if defined(__aarch64__) && defined(__linux__)
const char* ProfileName(Isa) {
  struct Part {
    uint64_t number;
    const char* name;
  };
  static constexpr Part kParts[] = {
      {0xd03, "a53"}, {0xd05, "a55"}, {0xd08, "a72"}, {0xd0b, "a76"}, {0xd44, "x1"}};
  if ((getauxval(AT_HWCAP) & HWCAP_CPUID) == 0) return "generic";
  uint64_t identity = 0;
  asm("mrs %0, midr_el1" : "=r"(identity));
  for (const Part& part : kParts) {
    // Bits 24 to 31 are the maker, Arm; 4 to 15 the part.
    if ((identity >> 24 & 0xff) == 0x41 && (identity >> 4 & 0xfff) == part.number) return part.name;
  }
  return "generic";
}
#elif defined(__aarch64__) && defined(__APPLE__)
const char* ProfileName(Isa) { return "m1"; }
#else
const char* ProfileName(Isa isa) {
  if (isa == Isa::kAvx512) return "x86-64-v4";
  return isa == Isa::kAvx2 ? "x86-64-v3" : "generic";
}
#endif

// By Isa, each better than those before.
constexpr const char* kIsaKeys[] = {kBaselineKey, "avx2", "avx512"};

}  // namespace

const char* RequestedIsa() { return std::getenv("STINT_CPU"); }

Result<Isa> ChooseIsa(const char* name) {
  const Isa best = DetectIsa();
  if (name == nullptr || *name == '\0') return best;
  char allowed[64] = "";
  size_t length = 0;
  for (int i = 0; i <= static_cast<int>(best); ++i) {
    if (std::strcmp(name, kIsaKeys[i]) == 0) return static_cast<Isa>(i);
    length += static_cast<size_t>(std::snprintf(allowed + length, sizeof(allowed) - length, "%s%s",
                                                i == 0 ? "" : ", ", kIsaKeys[i]));
  }
  return Error(Code::kUnavailable, "STINT_CPU", "found %s, allowed %s", name, allowed);
}

CpuInfo DetectCpu() { return DescribeCpu(DetectIsa()); }

CpuInfo DescribeCpu(Isa isa) {
  CpuInfo info = {};
  ReadModel(info.model);
  info.isa = isa;
  info.near_cache_bytes = SecondCacheBytes();
  info.profile = FindCostProfile(ProfileName(isa));
  switch (isa) {
    case Isa::kBaseline:
      info.isa_name = kBaselineName;
      break;
    case Isa::kAvx2:
      info.isa_name = "AVX2+FMA";
      break;
    case Isa::kAvx512:
      info.isa_name = "AVX-512";
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

const NhwcKernels& NhwcKernelsFor(Isa isa) {
  static constexpr NhwcKernels kBaseline = {&kBaselinePanelKernels, &kBaselineSpatialKernels,
                                            &kBaselineRecurrentKernels, &kBaselineRowKernels};
#if defined(__x86_64__)
  static constexpr NhwcKernels kAvx2 = {&kAvx2PanelKernels, &kAvx2SpatialKernels,
                                        &kAvx2RecurrentKernels, &kAvx2RowKernels};
  static constexpr NhwcKernels kAvx512 = {&kAvx512PanelKernels, &kAvx512SpatialKernels,
                                          &kAvx512RecurrentKernels, &kAvx512RowKernels};
  if (isa == Isa::kAvx512) return kAvx512;
  if (isa == Isa::kAvx2) return kAvx2;
#endif
  (void)isa;
  return kBaseline;
}

}  // namespace stint::cpu
