// Failure on demand: every function of the null backend that can fail asks here first, so that a
// test can make the n-th of them fail and see what becomes of the rest. A real backend has no such
// file; its API fails by itself.
#ifndef STINT_BACKENDS_NULL_FAILURE_H_
#define STINT_BACKENDS_NULL_FAILURE_H_

#include <atomic>
#include <cstdint>

#include "runtime/base/status.h"

namespace stint::null {

// The functions of the HAL that can fail.
enum class HalCall : uint8_t {
  kAny,
  kAllocate,
  kGrow,
  kImport,
  kWrapHost,
  kWrite,
  kRead,
  kCreateCommandList,
  kPrepare,
  kRecord,
  kSubmit,
  kWait,
  kReadTimes,
};

// Which call fails, and how. kUnavailable: the device is lost, all later calls fail too. Any other
// code: only that call, and the objects are as before.
struct Failure {
  uint64_t call = 0;  // From 1; 0: none.
  Code code = Code::kUnavailable;
  HalCall function = HalCall::kAny;  // Counts calls of this function alone.
};

class FailurePoint {
 public:
  explicit FailurePoint(const Failure& failure) : failure_(failure) {}

  // Counts from here on, while no other call is running. A lost device stays lost.
  void Arm(const Failure& failure);
  // The calls that were counted.
  uint64_t calls() const { return calls_; }
  // Counts a call of `function`, which returns the error if there is one. Any thread.
  Status Enter(HalCall function);

 private:
  Failure failure_;
  std::atomic<uint64_t> calls_{0};
  std::atomic<bool> lost_{false};
};

}  // namespace stint::null

#endif  // STINT_BACKENDS_NULL_FAILURE_H_
