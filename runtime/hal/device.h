// What a backend is to the rest of Stint: a device with memory, a table of kernels and a way to
// record commands. Each backend implements this in its folder; the session alone calls it.
//
// Life of a kernel: Reject and Cost look at integers only; Prepare may allocate, and states the
// scratch that it needs; Record appends commands and cannot allocate; the session then replays the
// list. A result of a Map may be the same memory as an operand that is seen the same way.
#ifndef STINT_RUNTIME_HAL_DEVICE_H_
#define STINT_RUNTIME_HAL_DEVICE_H_

#include <cstdint>
#include <memory>
#include <span>

#include "runtime/base/object.h"
#include "runtime/ops/op_table.h"

namespace stint {

// Device memory. Addresses change (of graph inputs from run to run, of arenas when they grow), so
// that commands refer to buffers, not to addresses.
class Buffer : public Object {
 public:
  virtual uint64_t bytes() const = 0;
  // The address for the host, or nullptr when the memory is the device's own.
  virtual void* host() = 0;
};

// A tensor of a kernel call: its shape (TensorView::data is meaningless) and where its element 0
// lies. A constant's bytes are host memory that lives as long as the plan.
struct DeviceTensor {
  TensorView view;
  Buffer* buffer = nullptr;        // nullptr: an absent operand, or a constant.
  uint64_t offset = 0;             // Bytes into the buffer, of the element at view.data.
  const void* constant = nullptr;  // Bytes of the element at view.data of a constant.
};

// One op with integer extents: what kernels are chosen by, prepared for and recorded with. While
// choosing and preparing, buffers and offsets are not known yet and the spans are temporary; the
// call that is recorded lives as long as the command list. Attributes outlive both.
struct KernelCall {
  const OpInfo* op = nullptr;
  const void* attributes = nullptr;  // Dims are integers.
  std::span<const DeviceTensor> operands;
  std::span<const DeviceTensor> results;

  template <typename T>
  const T& as() const {
    return *static_cast<const T*>(attributes);
  }
};

// What a kernel keeps from Prepare to the last replay.
class PreparedKernel : public Object {
 public:
  uint64_t scratch_bytes = 0;  // Of device memory, aligned to 64, for one execution.
  uint64_t held_bytes = 0;     // Kept by this object beyond itself: packed weights.
  uint32_t commands = 1;       // How many Record appends at most.
};

// Estimated work of a call, from which the session predicts time.
struct Work {
  double operations = 0;  // Multiply-accumulates or comparable.
  double bytes = 0;       // Read and written.
};

class Device;
class CommandList;

// One row of a backend's kernel table.
struct Kernel {
  const char* name;
  OpKind op;
  // Else the session splits the program off as a Map before or (in place) after the call.
  bool runs_prologue;
  bool runs_epilogue;
  // nullptr: accepts; else why not, a phrase like "needs a dense weight".
  const char* (*reject)(const KernelCall& call);
  Work (*cost)(const KernelCall& call);
  Result<std::unique_ptr<PreparedKernel>> (*prepare)(Device& device, const KernelCall& call);
  // `scratch` is a region of PreparedKernel::scratch_bytes, or has no buffer.
  Status (*record)(CommandList& commands, PreparedKernel& kernel, const KernelCall& call,
                   const DeviceTensor& scratch);
};

struct DeviceInfo {
  const char* name;              // "cpu", as -d takes it.
  const char* description;       // Model, ISA, driver.
  int threads;                   // 0 where it means nothing.
  bool host_memory;              // Kernels read and write host memory in place.
  double operations_per_second;  // For cost.
  double bytes_per_second;
};

// Commands that were recorded once and are replayed by each run.
class CommandList : public Object {
 public:
  // Returns when the results are there; kUnavailable: the device was lost.
  virtual Status Run() = 0;
};

class Device : public Object {
 public:
  virtual const DeviceInfo& info() const = 0;
  virtual std::span<const Kernel> kernels() const = 0;
  virtual Result<std::unique_ptr<Buffer>> Allocate(uint64_t bytes) = 0;
  // Makes a buffer of Allocate at least `bytes` large. Its content is lost, recorded commands stay
  // valid; after an error it is as before.
  virtual Status Grow(Buffer& buffer, uint64_t bytes) = 0;
  // A buffer over host memory whose address is set before each run; only with host_memory.
  virtual Result<std::unique_ptr<Buffer>> WrapHost() = 0;
  virtual void SetHost(Buffer& buffer, void* address, uint64_t bytes) = 0;
  // Move bytes between host memory and a buffer of this device, between runs of command lists.
  virtual Status Write(Buffer& to, uint64_t offset, const void* from, uint64_t bytes) = 0;
  virtual Status Read(Buffer& from, uint64_t offset, void* to, uint64_t bytes) = 0;
  // Room for `capacity` commands, so that recording allocates nothing.
  virtual Result<std::unique_ptr<CommandList>> CreateCommandList(uint32_t capacity) = 0;
};

}  // namespace stint

#endif  // STINT_RUNTIME_HAL_DEVICE_H_
