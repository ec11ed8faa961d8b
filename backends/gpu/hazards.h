// Where barriers must stand in a list of dispatches: between two of which one writes what the other
// reads or writes. Dispatches between two barriers may run at once.
//
// Room is fixed, so that nothing can fail: when it is used up, a barrier is asked for that no
// hazard would need.
#ifndef STINT_BACKENDS_GPU_HAZARDS_H_
#define STINT_BACKENDS_GPU_HAZARDS_H_

#include <algorithm>
#include <cstdint>
#include <span>

#include "backends/gpu/device.h"

namespace stint::gpu {

class HazardTracker {
 public:
  // Notes the next dispatch, by what it reads and writes. True: it must wait for those before it,
  // and a barrier belongs in front of it.
  bool Add(std::span<const Binding> bindings) {
    const bool barrier = bindings.size() > kCapacity - count_ || Conflicts(bindings);
    if (barrier) count_ = 0;
    for (const Binding& binding : bindings) {
      if (binding.buffer == nullptr || binding.bytes == 0) continue;
      // More than there is room for at all: the next dispatch waits whatever it does.
      if (count_ == kCapacity) break;
      accesses_[count_++] = binding;
    }
    return barrier;
  }

 private:
  static constexpr size_t kCapacity = 256;

  static bool Overlap(const Binding& a, const Binding& b) {
    const uint64_t begin = std::max(a.offset, b.offset);
    const uint64_t end = std::min(a.offset + a.bytes, b.offset + b.bytes);
    return a.buffer == b.buffer && begin < end;
  }

  bool Conflicts(std::span<const Binding> bindings) const {
    for (size_t i = 0; i < count_; ++i) {
      for (const Binding& binding : bindings) {
        if ((binding.written || accesses_[i].written) && Overlap(accesses_[i], binding))
          return true;
      }
    }
    return false;
  }

  // What dispatches since the last barrier saw.
  Binding accesses_[kCapacity];
  size_t count_ = 0;
};

}  // namespace stint::gpu

#endif  // STINT_BACKENDS_GPU_HAZARDS_H_
