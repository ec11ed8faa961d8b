// The CPU device: host memory, a thread pool, a table of kernels, and command lists that are arrays
// of {function, arguments}.
#ifndef STINT_BACKENDS_CPU_DEVICE_H_
#define STINT_BACKENDS_CPU_DEVICE_H_

#include <atomic>
#include <memory>
#include <span>

#include "backends/cpu/cpu_info.h"
#include "backends/cpu/thread_pool.h"
#include "runtime/hal/backends.h"
#include "runtime/hal/device.h"

namespace stint::cpu {

// DeviceCounters while they count.
struct CpuCounters {
  std::atomic<uint64_t> submissions{0};
  std::atomic<uint64_t> dispatches{0};
  std::atomic<uint64_t> recorded{0};
  std::atomic<uint64_t> allocations{0};
  std::atomic<uint64_t> written_bytes{0};
  std::atomic<uint64_t> read_bytes{0};
};

class CpuDevice final : public Device {
 public:
  // With the instruction set that STINT_CPU asks for (cpu_info.h), or the best.
  static Result<std::unique_ptr<Device>> Create(const DeviceOptions& options);
  // With an instruction set below the processor's: for tests.
  static Result<std::unique_ptr<Device>> Create(const DeviceOptions& options, Isa isa);

  const DeviceInfo& info() const override { return info_; }
  DeviceCounters counters() const override;
  std::span<const Kernel> kernels() const override;
  Result<std::unique_ptr<Buffer>> Allocate(uint64_t bytes, MemoryKind kind) override;
  Status Grow(Buffer& buffer, uint64_t bytes) override;
  Result<std::unique_ptr<Buffer>> Import(const void* address, uint64_t bytes) override;
  Result<std::unique_ptr<Buffer>> WrapHost() override;
  void SetHost(Buffer& buffer, void* address, uint64_t bytes) override;
  Status Write(Buffer& to, uint64_t offset, const void* from, uint64_t bytes) override;
  Status Read(Buffer& from, uint64_t offset, void* to, uint64_t bytes) override;
  Result<std::unique_ptr<CommandList>> CreateCommandList(
      const CommandListOptions& options) override;
  // Chains of channels-last kernels: backends/cpu/chains.
  Status Fuse(std::span<const PlacedCall> calls, Array<FusedCalls>* fused,
              std::span<const char*> reasons) override;

  // rules.h
  void VisitRules(RuleVisitor visit, void* user) const override;

  ThreadPool& threads() { return *threads_; }
  const MicroKernels& micro() const { return *micro_; }
  const NhwcKernels& nhwc() const { return *nhwc_; }

 private:
  template <typename T, typename... Arguments>
  friend Result<std::unique_ptr<T>> stint::Make(Arguments&&... arguments);
  CpuDevice() = default;

  DeviceInfo info_ = {};
  CpuCounters counters_;
  char description_[128] = {};
  int64_t near_cache_bytes_ = 0;
  const MicroKernels* micro_ = nullptr;
  const NhwcKernels* nhwc_ = nullptr;
  std::unique_ptr<ThreadPool> threads_;
};

// The only backend function that the runtime names. `index` must be 0.
Result<std::unique_ptr<Device>> CreateDevice(int index, const DeviceOptions& options);

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_DEVICE_H_
