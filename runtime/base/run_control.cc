#include "runtime/base/run_control.h"

#include <ctime>

namespace stint {

uint64_t MonotonicNanoseconds() {
  struct timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

Status RunControl::Check() const {
  if (cancelled_.load(std::memory_order_relaxed)) {
    return Error(Code::kCancelled, "run", "found a request to stop, allowed none");
  }
  if (deadline_ == kNever || MonotonicNanoseconds() < deadline_) return {};
  return Error(Code::kDeadline, "run", "found the run unfinished, allowed until its deadline");
}

}  // namespace stint
