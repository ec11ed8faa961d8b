// What may stop a run between two of its commands: a flag that any thread may set, and a deadline.
#ifndef STINT_RUNTIME_BASE_RUN_CONTROL_H_
#define STINT_RUNTIME_BASE_RUN_CONTROL_H_

#include <atomic>
#include <cstdint>

#include "runtime/base/status.h"

namespace stint {

// Of a clock that is never set: it only goes forward.
uint64_t MonotonicNanoseconds();

class RunControl {
 public:
  static constexpr uint64_t kNever = UINT64_MAX;

  // Forgets an earlier Cancel. The deadline is a time of MonotonicNanoseconds.
  void Start(uint64_t deadline) {
    deadline_ = deadline;
    cancelled_.store(false, std::memory_order_relaxed);
  }
  // From any thread, at any time.
  void Cancel() { cancelled_.store(true, std::memory_order_relaxed); }
  // kCancelled or kDeadline once there is a reason to stop. The clock is read only when there is a
  // deadline.
  Status Check() const;

 private:
  std::atomic<bool> cancelled_{false};
  uint64_t deadline_ = kNever;
};

}  // namespace stint

#endif  // STINT_RUNTIME_BASE_RUN_CONTROL_H_
