#include "backends/null/failure.h"

namespace stint::null {

void FailurePoint::Arm(const Failure& failure) {
  failure_ = failure;
  calls_ = 0;
}

Status FailurePoint::Enter(HalCall function) {
  if (lost_) return Error(Code::kUnavailable, "null device", "found it lost, allowed none lost");
  if (failure_.function != HalCall::kAny && failure_.function != function) return {};
  const uint64_t call = ++calls_;
  if (call != failure_.call) return {};
  if (failure_.code == Code::kUnavailable) lost_ = true;
  return Error(failure_.code, "null device", "found call %llu told to fail, allowed success",
               static_cast<unsigned long long>(call));
}

}  // namespace stint::null
