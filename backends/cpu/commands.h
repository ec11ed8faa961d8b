// What a kernel of the CPU sees when it runs, and the list that it is recorded in.
#ifndef STINT_BACKENDS_CPU_COMMANDS_H_
#define STINT_BACKENDS_CPU_COMMANDS_H_

#include <atomic>
#include <cstddef>

#include "backends/cpu/device.h"

namespace stint::cpu {

// One execution of a call. Addresses are looked up each time, as buffers may move between runs.
struct Execution {
  ThreadPool& threads;
  PreparedKernel& kernel;
  const KernelCall& call;
  std::byte* scratch;  // PreparedKernel::scratch_bytes, aligned to 64.

  // With an address. An operand beyond the list is an absent one. Operands are only ever read.
  TensorView Operand(size_t i) const;
  TensorView Result(size_t i) const;

  // The part of a thread, each of which has `bytes` of the scratch.
  std::byte* ThreadScratch(int64_t thread, uint64_t bytes) const {
    return scratch + static_cast<uint64_t>(thread) * bytes;
  }

  template <typename T>
  const T& as() const {
    return call.as<T>();
  }
};

using RunFunction = Status (*)(const Execution& execution);

class CpuCommandList final : public CommandList {
 public:
  CpuCommandList(ThreadPool& threads, CpuCounters& counters)
      : threads_(threads), counters_(counters) {}
  Status Reserve(const CommandListOptions& options);
  Status Add(RunFunction run, PreparedKernel& kernel, const KernelCall& call,
             const DeviceTensor& scratch);

  uint32_t size() const override { return static_cast<uint32_t>(commands_.size()); }
  // Runs the commands on the caller's thread and the pool's: afterwards they are done.
  using CommandList::Submit;
  Status Submit(const RunControl* control) override;
  Result<bool> Wait(uint64_t nanoseconds) override;
  Status ReadTimes(std::span<double> seconds) override;

 private:
  struct Command {
    RunFunction run;
    PreparedKernel* kernel;
    const KernelCall* call;
    DeviceTensor scratch;
  };

  Status Execute(const Command& command) const;

  ThreadPool& threads_;
  CpuCounters& counters_;
  bool timed_ = false;
  Array<Command> commands_;
  Array<double> seconds_;  // Of each command, when timed.
};

// The record function of a row that is one command.
template <RunFunction kRun>
Status RecordRun(CommandList& commands, PreparedKernel& kernel, const KernelCall& call,
                 const DeviceTensor& scratch) {
  return static_cast<CpuCommandList&>(commands).Add(kRun, kernel, call, scratch);
}

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_COMMANDS_H_
