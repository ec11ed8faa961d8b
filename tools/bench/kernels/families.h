// The benchmarks of one family of kernels each; a row a shape.
#ifndef STINT_TOOLS_BENCH_KERNELS_FAMILIES_H_
#define STINT_TOOLS_BENCH_KERNELS_FAMILIES_H_

#include "backends/cpu/micro/tiles.h"
#include "tools/bench/kernels/measure.h"

namespace stint::bench {

struct Setting {
  cpu::Isa isa;
  cpu::NhwcKernels kernels;
  double seconds;  // For each row.
};

// "name  % of peak  GF/s  ms": `products` are multiply-accumulates of one run.
void PrintRow(const char* name, double products, const Measured& measured);

void BenchPointwise(const Setting& setting);
void BenchWindow(const Setting& setting);
void BenchPlanar(const Setting& setting);
void BenchWinograd(const Setting& setting);
void BenchDepthwise(const Setting& setting);
void BenchFinish(const Setting& setting);
// % of the bandwidth of memcpy: bytes read and written a second by both.
void BenchMap(const Setting& setting);

}  // namespace stint::bench

#endif  // STINT_TOOLS_BENCH_KERNELS_FAMILIES_H_
