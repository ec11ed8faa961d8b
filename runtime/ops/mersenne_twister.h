// MT19937 (Matsumoto and Nishimura 1998) with the seeding and the doubles of NumPy's RandomState.
#ifndef STINT_RUNTIME_OPS_MERSENNE_TWISTER_H_
#define STINT_RUNTIME_OPS_MERSENNE_TWISTER_H_

#include <cmath>
#include <cstdint>

#include "runtime/base/math.h"

namespace stint {

class MersenneTwister {
 public:
  explicit MersenneTwister(uint32_t seed) {
    state_[0] = seed;
    for (uint32_t i = 1; i < kSize; ++i) {
      const uint32_t previous = state_[i - 1];
      state_[i] = 1812433253U * (previous ^ (previous >> 30)) + i;
    }
  }

  uint32_t Next() {
    if (next_ == kSize) Refill();
    uint32_t bits = state_[next_++];
    bits ^= bits >> 11;
    bits ^= (bits << 7) & 0x9d2c5680U;
    bits ^= (bits << 15) & 0xefc60000U;
    return bits ^ (bits >> 18);
  }

  // [0, 1), a multiple of 2^-53.
  double Uniform() {
    const uint32_t high = Next() >> 5;
    const uint32_t low = Next() >> 6;
    return (high * 67108864.0 + low) / 9007199254740992.0;
  }

  // Marsaglia's polar method makes two at a time; the second waits.
  double Normal() {
    if (has_second_) {
      has_second_ = false;
      return second_;
    }
    double x = 0;
    double y = 0;
    double square = 0;
    do {
      x = 2 * Uniform() - 1;
      y = 2 * Uniform() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square == 0);
    const double factor = std::sqrt(-2 * math::Log(square) / square);
    second_ = factor * x;
    has_second_ = true;
    return factor * y;
  }

 private:
  static constexpr uint32_t kSize = 624;
  static constexpr uint32_t kShift = 397;

  void Refill() {
    for (uint32_t i = 0; i < kSize; ++i) {
      const uint32_t bits = (state_[i] & 0x80000000U) | (state_[(i + 1) % kSize] & 0x7fffffffU);
      const uint32_t twist = (bits & 1U) != 0 ? 0x9908b0dfU : 0U;
      state_[i] = state_[(i + kShift) % kSize] ^ (bits >> 1) ^ twist;
    }
    next_ = 0;
  }

  uint32_t state_[kSize];
  uint32_t next_ = kSize;
  bool has_second_ = false;
  double second_ = 0;
};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_MERSENNE_TWISTER_H_
