// The command list of the null device. It counts its commands instead of holding them; a real one
// holds whatever the device executes, written once by Record and replayed by Submit.
#ifndef STINT_BACKENDS_NULL_COMMANDS_H_
#define STINT_BACKENDS_NULL_COMMANDS_H_

#include <cstdint>
#include <span>

#include "backends/null/device.h"

namespace stint::null {

class NullCommandList final : public CommandList {
 public:
  // The device outlives the list.
  NullCommandList(NullDevice& device, const CommandListOptions& options)
      : device_(device), options_(options) {}

  // What record functions call; kLimit beyond the capacity.
  Status Add();

  uint32_t size() const override { return commands_; }
  // Nothing is to be waited for: a submission is done at once.
  using CommandList::Submit;
  Status Submit(const RunControl* control) override;
  Result<bool> Wait(uint64_t nanoseconds) override;
  Status ReadTimes(std::span<double> seconds) override;

 private:
  NullDevice& device_;
  const CommandListOptions options_;
  uint32_t commands_ = 0;
};

}  // namespace stint::null

#endif  // STINT_BACKENDS_NULL_COMMANDS_H_
