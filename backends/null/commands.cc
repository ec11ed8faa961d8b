#include "backends/null/commands.h"

#include <algorithm>

namespace stint::null {

Status NullCommandList::Add() {
  STINT_TRY(device_.Enter(HalCall::kRecord));
  if (commands_ == options_.capacity) {
    return Error(Code::kLimit, "null command list", "found one command more, allowed %u",
                 options_.capacity);
  }
  ++commands_;
  ++device_.counts().recorded;
  return {};
}

Status NullCommandList::Submit(const RunControl*) {
  STINT_TRY(device_.Enter(HalCall::kSubmit));
  ++device_.counts().submissions;
  device_.counts().dispatches += commands_;
  return {};
}

Result<bool> NullCommandList::Wait(uint64_t) {
  STINT_TRY(device_.Enter(HalCall::kWait));
  return true;
}

Status NullCommandList::ReadTimes(std::span<double> seconds) {
  STINT_TRY(device_.Enter(HalCall::kReadTimes));
  if (!options_.timed || seconds.size() != commands_) {
    return Error(Code::kInvalid, "null command list",
                 "found room for %zu times, allowed %u of a timed list", seconds.size(), commands_);
  }
  std::fill(seconds.begin(), seconds.end(), 0.0);
  return {};
}

}  // namespace stint::null
