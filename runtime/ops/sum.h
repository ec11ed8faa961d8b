// Sums whose result depends on the count of terms alone: terms are added in order in blocks of 256,
// and block sums are combined in pairs, pairs of pairs and so on. The error grows with the
// logarithm of the count, and a split of the work at block borders cannot change a bit.
#ifndef STINT_RUNTIME_OPS_SUM_H_
#define STINT_RUNTIME_OPS_SUM_H_

#include <cstdint>

#include "runtime/ops/elements.h"

namespace stint {

// C is float, double or an integer of 64 bits, which wraps.
template <typename C>
class BlockedSum {
 public:
  static constexpr int kBlock = 256;

  void Add(C term) {
    block_ = Plus(block_, term);
    if (++in_block_ == kBlock) CloseBlock();
  }

  C Total() const {
    C total = block_;
    for (int level = 0; blocks_ >> level != 0; ++level) {
      if ((blocks_ >> level & 1) != 0) total = Plus(levels_[level], total);
    }
    return total;
  }

 private:
  // Levels are the digits of a binary counter: level l holds the sum of 2^l blocks.
  void CloseBlock() {
    int level = 0;
    for (; (blocks_ >> level & 1) != 0; ++level) block_ = Plus(levels_[level], block_);
    levels_[level] = block_;
    ++blocks_;
    block_ = C{};
    in_block_ = 0;
  }

  C block_{};
  int in_block_ = 0;
  uint64_t blocks_ = 0;
  C levels_[56];  // 2^56 blocks are 2^64 terms.
};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_SUM_H_
