// What a backend is to the rest of Stint: a device with memory, a table of kernels and a way to
// record commands. Each backend implements this in its folder; the session alone calls it.
//
// Life of a kernel: Reject and Cost look at integers only; Prepare may allocate, and states the
// scratch that it needs; Record appends commands and cannot allocate; the session then submits the
// list, as often as it likes. A result of a Map may be the same memory as an operand that is seen
// the same way.
//
// Any call may fail. kUnavailable says that the device was lost: from then on nothing but its
// destructor is of use. After any other error the object is as before.
//
// Any thread may use a device; a buffer, a kernel or a command list belongs to one thread at a
// time.
#ifndef STINT_RUNTIME_HAL_DEVICE_H_
#define STINT_RUNTIME_HAL_DEVICE_H_

#include <cstdint>
#include <memory>
#include <span>

#include "runtime/base/array.h"
#include "runtime/base/object.h"
#include "runtime/base/run_control.h"
#include "runtime/cost/profile.h"
#include "runtime/ops/layouts/layout.h"
#include "runtime/ops/op_table.h"

namespace stint {

enum class MemoryKind : uint8_t {
  kDevice,  // Where kernels are fastest. The host may not see it.
  kShared,  // The host sees it too: what either side wrote before a submission, or it has waited
            // for, the other side reads.
};

// Device memory. Addresses change (of graph inputs from run to run, of arenas when they grow), so
// that commands refer to buffers, not to addresses.
class Buffer : public Object {
 public:
  virtual uint64_t bytes() const = 0;
  // The address for the host; nullptr when the host does not see the memory, or there is none yet.
  virtual void* host() = 0;
};

// A constant whole, in a layout that suits some kernels, beside the one that all can use.
struct ConstantForm {
  Layout layout = Layout::kDense;
  const void* bytes = nullptr;
};

// A tensor of a kernel call: its shape (TensorView::data is meaningless) and where its element 0
// lies. A constant also has its bytes in host memory, which live as long as the plan; only devices
// without host memory have it in a buffer as well.
struct DeviceTensor {
  TensorView view;
  Buffer* buffer = nullptr;        // nullptr: an absent operand, or a constant in host memory.
  uint64_t offset = 0;             // Bytes into the buffer, of the element at view.data.
  const void* constant = nullptr;  // Bytes of the element at view.data of a constant.
  // Of a constant. Where it is packed, `constant` is the whole packed tensor, and `view` and
  // `offset` say what is seen of it as if it were dense. See Kernel::packed.
  Layout layout = Layout::kDense;
  // Of a constant: further forms that the plan has. They live as long as the plan.
  std::span<const ConstantForm> forms;
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

// What a kernel keeps from Prepare to the last submission.
class PreparedKernel : public Object {
 public:
  uint64_t scratch_bytes = 0;  // Of device memory, aligned to 64, for one execution.
  uint64_t held_bytes = 0;     // Kept by this object beyond itself: packed weights, tables.
  uint64_t packed_bytes = 0;   // Of them: constants in another form than the plan has.
  uint32_t commands = 1;       // How many Record appends at most.
  uint32_t unread = 0;         // Bit i: no execution reads operand i, a constant that is packed.
};

// What some kernels need of a device, as bits of DeviceInfo::features.
enum DeviceFeature : uint32_t {
  kFeatureStorage16 = 1u << 0,  // Buffers of 16-bit elements.
  kFeatureStorage8 = 1u << 1,   // Buffers of 8-bit elements.
};

// What a device is. Limits that mean nothing to it are as large as they can be.
struct DeviceInfo {
  const char* name = "";                        // "cpu", as -d takes it.
  const char* description = "";                 // Model, ISA, driver.
  int threads = 0;                              // 0 where it means nothing.
  bool host_memory = false;                     // Kernels read and write host memory in place.
  bool software = false;                        // A GPU that is imitated by the processor.
  bool timestamps = false;                      // Command lists can be timed.
  uint32_t features = 0;                        // DeviceFeature bits.
  uint32_t max_bindings = UINT32_MAX;           // Buffers that one command may see.
  uint64_t max_binding_bytes = UINT64_MAX;      // Of each of them.
  uint32_t binding_alignment = 1;               // Of the offset at which a command sees a buffer.
  uint32_t max_group_invocations = UINT32_MAX;  // Of a workgroup.
  uint32_t max_group_bytes = UINT32_MAX;        // Memory that a workgroup shares.
  double operations_per_second = 0;             // For cost.
  double bytes_per_second = 0;
  // For the cost of rows with rates: what one core is.
  const CostProfile* profile = nullptr;
};

class Device;
class CommandList;

// One row of a backend's kernel table. It is asked about calls that compute something: at least one
// result has elements.
struct Kernel {
  const char* name;
  OpKind op;
  // Else the session splits the program off as a Map before or (in place) after the call.
  bool runs_prologue;
  bool runs_epilogue;
  // nullptr: accepts; else why not, a phrase like "needs a dense weight".
  const char* (*reject)(const KernelCall& call, const DeviceInfo& device);
  Work (*cost)(const KernelCall& call, const DeviceInfo& device);
  Result<std::unique_ptr<PreparedKernel>> (*prepare)(Device& device, const KernelCall& call);
  // `scratch` is a region of PreparedKernel::scratch_bytes, or has no buffer.
  Status (*record)(CommandList& commands, PreparedKernel& kernel, const KernelCall& call,
                   const DeviceTensor& scratch);
  // Bit i: prepare and record take constants of layout i as they are. The session unpacks others;
  // `reject` and `cost` see the layout that the plan has.
  uint32_t packed = 0;
  // What `cost` counts a second, where the device has a profile; nullptr: what the device says.
  const KernelRate* rate = nullptr;
};

// Counts since the device was created; any thread may read them at any time.
struct DeviceCounters {
  uint64_t submissions = 0;
  uint64_t dispatches = 0;     // Commands executed, all submissions together.
  uint64_t recorded = 0;       // Commands written into a form that the device executes.
  uint64_t allocations = 0;    // Of device memory.
  uint64_t written_bytes = 0;  // By Write.
  uint64_t read_bytes = 0;     // By Read.
  uint64_t pipelines_compiled = 0;
  uint64_t pipeline_hits = 0;  // Pipelines that were asked for and there already.
};

struct CommandListOptions {
  uint32_t capacity = 0;  // Commands: room for them, so that recording allocates nothing.
  bool timed = false;     // Only where DeviceInfo::timestamps.
};

// Commands that were recorded once and are submitted as often as one likes, in order, each seeing
// what those before it wrote. The buffers that they refer to must not be grown meanwhile. The first
// submission, and the first after such a buffer has grown, may write the commands into the device's
// own form and allocate; others do neither. Several lists of a device may be in flight.
class CommandList : public Object {
 public:
  // Commands that were recorded.
  virtual uint32_t size() const = 0;
  // Starts the commands. At most one submission of a list is in flight. A device that runs them
  // while it submits asks `control`, where there is one, before each: kCancelled, kDeadline; then
  // the rest has not run. Others cannot stop what was submitted.
  virtual Status Submit(const RunControl* control) = 0;
  Status Submit() { return Submit(nullptr); }
  // Whether the submission is done within `nanoseconds`; then its results are there. True when
  // nothing was submitted.
  virtual Result<bool> Wait(uint64_t nanoseconds) = 0;
  // Writes the seconds that each command of the last finished submission took. kInvalid: the list
  // is not timed, or `seconds` has another size than the commands that were recorded.
  virtual Status ReadTimes(std::span<double> seconds) = 0;

  static constexpr uint64_t kForever = UINT64_MAX;
  // Submits and waits.
  Status Run(const RunControl* control = nullptr) {
    STINT_TRY(Submit(control));
    return Wait(kForever).TakeStatus();
  }
};

// A call that was chosen for a device and prepared, as Device::Fuse sees it among its neighbours.
struct PlacedCall {
  static constexpr uint32_t kOutside = UINT32_MAX;

  const Kernel* kernel = nullptr;
  PreparedKernel* prepared = nullptr;
  KernelCall call;
  // Of each operand the neighbour that wrote it, by position; kOutside: none of them did.
  std::span<const uint32_t> writers;
  // The last neighbour that reads result 0; kOutside: others read it too, or it is not the whole of
  // what was written, so that it must lie in memory.
  uint32_t last_reader = kOutside;
};

// Neighbours that run as one command. What passes between them alone has no memory of its own.
struct FusedCalls {
  uint32_t first = 0;  // Position of the first, and how many.
  uint32_t count = 0;
  // May use the prepared kernels of the calls, which live as long as it does.
  std::unique_ptr<PreparedKernel> prepared;
  // As Kernel::record, for the calls in order.
  Status (*record)(CommandList& commands, PreparedKernel& kernel,
                   std::span<const KernelCall* const> calls, const DeviceTensor& scratch) = nullptr;
  // For those who ask: lines of the last result that are made at a time, and the bytes that hold
  // what passes between the calls.
  uint32_t lines = 0;
  uint64_t kept_bytes = 0;
};

using RuleVisitor = int (*)(void* user, const char* rule);

class Device : public Object {
 public:
  virtual const DeviceInfo& info() const = 0;
  virtual DeviceCounters counters() const = 0;
  virtual std::span<const Kernel> kernels() const = 0;

  // Aligned to 64. `bytes` may be 0. kLimit: no memory.
  virtual Result<std::unique_ptr<Buffer>> Allocate(uint64_t bytes, MemoryKind kind) = 0;
  // Makes a buffer of Allocate at least `bytes` large. Its content is lost, recorded commands stay
  // valid; after an error it is as before.
  virtual Status Grow(Buffer& buffer, uint64_t bytes) = 0;
  // A buffer over host memory that commands only read. It must outlive the buffer.
  // kUnsupported: the device cannot see this memory.
  virtual Result<std::unique_ptr<Buffer>> Import(const void* address, uint64_t bytes) = 0;
  // A buffer over host memory whose address is set before each run; kUnsupported without
  // host_memory.
  virtual Result<std::unique_ptr<Buffer>> WrapHost() = 0;
  virtual void SetHost(Buffer& buffer, void* address, uint64_t bytes) = 0;
  // Move bytes between host memory and a buffer of Allocate, while no submission is in flight.
  // kInvalid: beyond the buffer.
  virtual Status Write(Buffer& to, uint64_t offset, const void* from, uint64_t bytes) = 0;
  virtual Status Read(Buffer& from, uint64_t offset, void* to, uint64_t bytes) = 0;

  virtual Result<std::unique_ptr<CommandList>> CreateCommandList(
      const CommandListOptions& options) = 0;

  // Offers to run some of `calls`, which follow each other on this device, as one command each, in
  // order and without overlap; the results are the same bits. reasons[i], a phrase, says why call
  // i + 1 is not one command with call i; left as it is where the device has nothing to say.
  virtual Status Fuse(std::span<const PlacedCall> calls, Array<FusedCalls>* fused,
                      std::span<const char*> reasons) {
    (void)calls, (void)fused, (void)reasons;
    return {};
  }

  // Shows the rules by which kernels are chosen and work is split, one line each with the numbers
  // that hold on this device, until `visit` returns something but 0. Lines live for the call.
  virtual void VisitRules(RuleVisitor visit, void* user) const { (void)visit, (void)user; }
};

}  // namespace stint

#endif  // STINT_RUNTIME_HAL_DEVICE_H_
