#include "tools/bench/kernels/measure.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <new>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace stint::bench {

namespace {

constexpr int kRounds = 4000;
constexpr int kSums = 12;

// The sums are written where the compiler cannot drop them.
volatile float sink;

#if defined(__x86_64__)
__attribute__((target("avx512f"), noinline)) double Avx512Products() {
  __m512 sums[kSums];
  for (int i = 0; i < kSums; ++i) sums[i] = _mm512_set1_ps(1e-3f * static_cast<float>(i));
  const __m512 a = _mm512_set1_ps(0.999f);
  const __m512 b = _mm512_set1_ps(1e-7f);
  for (int round = 0; round < kRounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < kSums; ++i) sums[i] = _mm512_fmadd_ps(sums[i], a, b);
  }
  for (int i = 1; i < kSums; ++i) sums[0] = _mm512_add_ps(sums[0], sums[i]);
  sink = _mm512_cvtss_f32(sums[0]);
  return 16.0 * kSums * kRounds;
}

__attribute__((target("avx2,fma"), noinline)) double Avx2Products() {
  __m256 sums[kSums];
  for (int i = 0; i < kSums; ++i) sums[i] = _mm256_set1_ps(1e-3f * static_cast<float>(i));
  const __m256 a = _mm256_set1_ps(0.999f);
  const __m256 b = _mm256_set1_ps(1e-7f);
  for (int round = 0; round < kRounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < kSums; ++i) sums[i] = _mm256_fmadd_ps(sums[i], a, b);
  }
  for (int i = 1; i < kSums; ++i) sums[0] = _mm256_add_ps(sums[0], sums[i]);
  sink = _mm256_cvtss_f32(sums[0]);
  return 8.0 * kSums * kRounds;
}
#endif

typedef float Quad __attribute__((vector_size(16)));

__attribute__((noinline)) double BaselineProducts() {
  Quad sums[kSums];
  for (int i = 0; i < kSums; ++i) sums[i] = Quad{} + 1e-3f * static_cast<float>(i);
  const Quad a = Quad{} + 0.999f;
  const Quad b = Quad{} + 1e-7f;
  for (int round = 0; round < kRounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < kSums; ++i) sums[i] = sums[i] * a + b;
  }
  for (int i = 1; i < kSums; ++i) sums[0] += sums[i];
  sink = sums[0][0];
  return 4.0 * kSums * kRounds;
}

double Products(cpu::Isa isa) {
#if defined(__x86_64__)
  if (isa == cpu::Isa::kAvx512) return Avx512Products();
  if (isa == cpu::Isa::kAvx2) return Avx2Products();
#endif
  (void)isa;
  return BaselineProducts();
}

}  // namespace

Floats::Floats(size_t count, bool random) {
  const size_t bytes = (count * sizeof(float) + 63) / 64 * 64 + 64;
  auto* const memory = static_cast<float*>(std::aligned_alloc(64, bytes));
  if (memory == nullptr) throw std::bad_alloc();
  for (size_t i = 0; i < bytes / sizeof(float); ++i) {
    const auto bits = static_cast<uint32_t>(i) * 2654435761u;
    memory[i] = random ? (static_cast<float>(bits >> 16 & 255) - 127.5f) / 128.0f : 0.0f;
  }
  data_.reset(memory);
}

void Floats::Free::operator()(float* memory) const { std::free(memory); }

double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double MeasurePeak(cpu::Isa isa) {
  const double start = Seconds();
  const double products = Products(isa);
  return products / (Seconds() - start);
}

Measured Measure(cpu::Isa isa, double budget, const std::function<void()>& work) {
  Measured measured;
  work();
  const double end = Seconds() + budget;
  for (int run = 0; run < 5 || Seconds() < end; ++run) {
    if (run % 8 == 0) measured.peak = std::max(measured.peak, MeasurePeak(isa));
    const double start = Seconds();
    work();
    measured.seconds = std::min(measured.seconds, Seconds() - start);
  }
  return measured;
}

}  // namespace stint::bench
