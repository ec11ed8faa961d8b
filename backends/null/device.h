// The skeleton of a backend: it has every part of one, counts what it is asked to do and computes
// nothing. docs/adding-a-backend.md walks through it. Tests use it to refuse ops, to hold memory
// that the host cannot see, to run out of memory and to fail at any call.
//
// A backend is a folder with a Device (this file), its Buffer (buffer.h), its CommandList
// (commands.h), a table of Kernel rows (kernel_table.h) and the function CreateDevice.
#ifndef STINT_BACKENDS_NULL_DEVICE_H_
#define STINT_BACKENDS_NULL_DEVICE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

#include "backends/null/failure.h"
#include "runtime/hal/backends.h"
#include "runtime/hal/device.h"

namespace stint::null {

struct NullOptions {
  // Without it the host does not see kDevice memory.
  bool host_memory = true;
  // Refuses every op but this one; kAll: refuses none.
  static constexpr uint16_t kAll = 0xffff;
  uint16_t only_op = kAll;
  // The largest buffer that Allocate and Grow give: kLimit beyond.
  uint64_t memory_bytes = UINT64_MAX;
  Failure failure = {};
};

// DeviceCounters while they count.
struct NullCounts {
  std::atomic<uint64_t> submissions{0};
  std::atomic<uint64_t> dispatches{0};
  std::atomic<uint64_t> recorded{0};
  std::atomic<uint64_t> allocations{0};
  std::atomic<uint64_t> written_bytes{0};
  std::atomic<uint64_t> read_bytes{0};
};

class NullDevice final : public Device {
 public:
  static Result<std::unique_ptr<NullDevice>> Create(const NullOptions& options);

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

  // Makes a later call fail, counted from 1 from here on.
  void ArmFailure(const Failure& failure) { failures_.Arm(failure); }
  // Calls since creation, or since ArmFailure: those that the armed failure counts.
  uint64_t calls() const { return failures_.calls(); }

  // For the backend's own parts: what each function that can fail returns first, and the counts.
  Status Enter(HalCall function) { return failures_.Enter(function); }
  NullCounts& counts() { return counts_; }

 private:
  template <typename T, typename... Arguments>
  friend Result<std::unique_ptr<T>> stint::Make(Arguments&&... arguments);
  explicit NullDevice(const NullOptions& options);

  Status CheckMemory(uint64_t bytes) const;
  Status GrowCounted(Buffer& buffer, uint64_t bytes);

  const NullOptions options_;
  const DeviceInfo info_;
  FailurePoint failures_;
  NullCounts counts_;
};

// As the runtime creates it: host memory, refuses nothing. `index` must be 0.
Result<std::unique_ptr<Device>> CreateDevice(int index, const DeviceOptions& options);

}  // namespace stint::null

#endif  // STINT_BACKENDS_NULL_DEVICE_H_
