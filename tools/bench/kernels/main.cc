// stint-bench-kernels [--isa NAME] [--seconds S] [FAMILY...]
//
// One thread; each row is the fastest of its runs, against the fastest of multiply-accumulate loops
// that are timed between them. On a machine that others use, look at several runs.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "tools/bench/kernels/families.h"

namespace stint::bench {

void PrintRow(const char* name, double products, const Measured& measured) {
  std::printf("  %-24s %6.1f %% %8.1f GF/s %9.4f ms\n", name,
              100 * products / measured.seconds / measured.peak, 2e-9 * products / measured.seconds,
              1e3 * measured.seconds);
}

namespace {

struct Family {
  const char* name;
  const char* what;
  void (*run)(const Setting& setting);
};

constexpr Family kFamilies[] = {
    {"pointwise", "1x1 convolutions and products", BenchPointwise},
    {"window", "k x k convolutions over a bordered copy, copying included", BenchWindow},
    {"planar", "first convolutions from planes, copying included", BenchPlanar},
    {"winograd", "3x3 by Winograd; % counts the direct form's products", BenchWinograd},
    {"depthwise", "depthwise convolutions", BenchDepthwise},
    {"finish", "epilogues of a 14 x 14 product, and what they add to one that clamps", BenchFinish},
    {"map", "Map programs over 1 MiB of float32; % of the bandwidth of memcpy", BenchMap},
};

int Usage() {
  std::fprintf(stderr, "usage: stint-bench-kernels [--isa NAME] [--seconds S] [FAMILY...]\n");
  for (const Family& family : kFamilies) {
    std::fprintf(stderr, "  %-10s %s\n", family.name, family.what);
  }
  return 2;
}

bool IsWanted(const std::vector<std::string>& wanted, const char* name) {
  for (const std::string& text : wanted) {
    if (text == name) return true;
  }
  return wanted.empty();
}

bool IsFamily(const std::string& name) {
  for (const Family& family : kFamilies) {
    if (name == family.name) return true;
  }
  return false;
}

int Main(int count, char** arguments) {
  const char* isa_name = nullptr;
  double seconds = 0.2;
  std::vector<std::string> wanted;
  for (int i = 1; i < count; ++i) {
    const bool more = i + 1 < count;
    if (more && std::strcmp(arguments[i], "--isa") == 0) {
      isa_name = arguments[++i];
    } else if (more && std::strcmp(arguments[i], "--seconds") == 0) {
      char* end = nullptr;
      seconds = std::strtod(arguments[++i], &end);
      if (*end != '\0' || !(seconds > 0)) return Usage();
    } else if (IsFamily(arguments[i])) {
      wanted.emplace_back(arguments[i]);
    } else {
      return Usage();
    }
  }
  const auto isa = cpu::ChooseIsa(isa_name);
  if (!isa.ok()) {
    std::fprintf(stderr, "stint-bench-kernels: %s: %s\n", isa.status().where(),
                 isa.status().message());
    return static_cast<int>(isa.status().code());
  }
  const Setting setting = {*isa, cpu::NhwcKernelsFor(*isa), seconds};
  std::printf("%s, %s\n", cpu::DescribeCpu(*isa).model, setting.kernels.panel->name);
  for (const Family& family : kFamilies) {
    if (!IsWanted(wanted, family.name)) continue;
    std::printf("%s: %s\n", family.name, family.what);
    family.run(setting);
  }
  return 0;
}

}  // namespace

}  // namespace stint::bench

int main(int count, char** arguments) { return stint::bench::Main(count, arguments); }
