// Clock, buffers and the processor's peak, for benchmarks of kernels.
#ifndef STINT_TOOLS_BENCH_KERNELS_MEASURE_H_
#define STINT_TOOLS_BENCH_KERNELS_MEASURE_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "backends/cpu/cpu_info.h"

namespace stint::bench {

// Zero-filled floats on 64 bytes, or the same pseudo-random numbers in [-1, 1) each time.
class Floats {
 public:
  explicit Floats(size_t count, bool random = true);
  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }

 private:
  struct Free {
    void operator()(float* memory) const;
  };
  std::unique_ptr<float[], Free> data_;
};

double Seconds();

// Multiply-accumulates a second of a loop that only multiplies and adds in registers, with the
// widest vectors of `isa`. About 0.1 ms.
double MeasurePeak(cpu::Isa isa);

struct Measured {
  double seconds = 1e9;  // The least of all runs.
  double peak = 0;       // The most multiply-accumulates a second measured between the runs.
};

// Runs `work` for about `budget` seconds, at least five times, after one run that is not timed.
Measured Measure(cpu::Isa isa, double budget, const std::function<void()>& work);

}  // namespace stint::bench

#endif  // STINT_TOOLS_BENCH_KERNELS_MEASURE_H_
