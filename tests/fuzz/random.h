// Random numbers of fuzz targets: same seed, same numbers everywhere.
#ifndef STINT_TESTS_FUZZ_RANDOM_H_
#define STINT_TESTS_FUZZ_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace stint::fuzz {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {  // SplitMix64.
    uint64_t value = (state_ += 0x9e3779b97f4a7c15U);
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31);
  }
  // 0 to count - 1; 0 when count is 0.
  size_t Below(size_t count) { return count == 0 ? 0 : Next() % count; }
  int64_t Between(int64_t least, int64_t most) {
    const uint64_t count = static_cast<uint64_t>(most) - static_cast<uint64_t>(least) + 1;
    return static_cast<int64_t>(static_cast<uint64_t>(least) +
                                (count == 0 ? Next() : Below(count)));
  }
  bool Chance(int percent) { return Below(100) < static_cast<size_t>(percent); }
  template <typename T>
  T Of(std::initializer_list<T> choices) {
    return choices.begin()[Below(choices.size())];
  }

 private:
  uint64_t state_;
};

}  // namespace stint::fuzz

#endif  // STINT_TESTS_FUZZ_RANDOM_H_
