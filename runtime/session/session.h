// A session binds a plan to devices and runs it. One thread at a time uses a session; several
// sessions share a plan and devices.
#ifndef STINT_RUNTIME_SESSION_SESSION_H_
#define STINT_RUNTIME_SESSION_SESSION_H_

#include <cstdint>
#include <memory>
#include <span>

#include "runtime/base/log.h"
#include "runtime/base/object.h"
#include "runtime/base/run_control.h"
#include "runtime/hal/device.h"
#include "runtime/ops/tensor.h"
#include "runtime/plan/plan.h"

namespace stint {

inline constexpr uint32_t kMaxDevices = 4;  // Of a session.

struct SessionOptions {
  // An error instead of a later device when the first one refuses an op, or fails.
  bool no_fallback = false;
  // How many bindings (sets of input extents and host values) are kept, and their bytes.
  uint32_t cached_bindings = 8;
  uint64_t cached_bytes = uint64_t{1} << 30;
  // All arenas together, where this is less than what the plan's limits allow.
  uint64_t arena_bytes = UINT64_MAX;
  // Devices that are left out (kWarning), bindings that are made (kInfo), who refused what
  // (kDebug).
  Log log = {};
  // Devices may join steps to groups (GroupInfo); the results are the same bits.
  bool fuse = true;
  // Measures each step of each run, see ReadTimes; costs time itself.
  bool timed = false;
};

// How many ops a device runs.
struct Placement {
  const char* device = "";
  uint32_t ops = 0;
};

struct SessionStatistics {
  uint64_t arena_bytes = 0;     // Of the binding in use.
  uint64_t live_set_bytes = 0;  // The largest sum of live bytes at any step: no plan can use less.
  // Constants in host memory in another form than the plan has: unpacked, packed, transformed. 0
  // where kernels read all of them in place.
  uint64_t packed_bytes = 0;
  uint64_t binding_hits = 0;
  uint64_t binding_misses = 0;
  uint32_t submissions = 0;  // Of command lists, one run.
  uint32_t transfers = 0;    // Of values from one device to another, one run; inputs apart.
};

// A step of the binding in use: a kernel, or a copy of a value to another device.
struct StepInfo {
  uint32_t op = kNoIndex;        // Of the plan's main function; kNoIndex: no op asked for it.
  const char* name = "";         // "Conv"; a Map that was split off an op has that op's index.
  const char* device = "";       // Where it runs or goes to.
  const char* kernel = nullptr;  // nullptr: a copy.
  const char* source = nullptr;  // A copy comes from this device, or from "input".
  uint64_t bytes = 0;            // Of a copy; else of all that the kernel reads and writes once.
  double operations = 0;         // Multiply-accumulates, or elements computed.
  double predicted_seconds = 0;
  uint32_t group = kNoIndex;    // The steps of a group are one command: its time is the first's.
  const char* alone = nullptr;  // Why it is not in one with the step before, if the device said so.
};

// Neighbouring steps that run as one command, see Device::Fuse.
struct GroupInfo {
  size_t first_step = 0;
  size_t end_step = 0;
  uint32_t lines = 0;       // Of the last result, made at a time.
  uint64_t kept_bytes = 0;  // That hold what passes between the steps.
};

// Why a kernel did not run an op on a device that was asked.
struct RefusalInfo {
  uint32_t op = kNoIndex;
  const char* device = "";
  const char* kernel = "";  // Empty: the device has none for the op.
  const char* reason = "";  // A phrase: "needs float32".
};

class Session : public Object {
 public:
  // `plan` and `devices` must outlive the session; devices in order of preference.
  static Result<std::unique_ptr<Session>> Create(const Plan& plan, std::span<Device* const> devices,
                                                 const SessionOptions& options);

  // Prepares for inputs of these shapes: kernels, memory, commands. Data is read of inputs that are
  // host operands only. Where extents depend on data this is so for the ops before them. An absent
  // input (dtype kNone) takes its default. kInvalid: dtype, rank or extents do not fit the plan.
  // Run does this itself when needed.
  virtual Status Bind(std::span<const TensorView> inputs) = 0;

  // Runs the plan. Inputs are dense host tensors in the plan's order; they are never written.
  // Allocates nothing when the bindings are cached, of each region where there are several. Where a
  // device is lost or has no memory, the whole run is done again without it, unless no_fallback; a
  // lost device is not asked again. On an error nothing can be said of outputs. kCancelled,
  // kDeadline: `control`, which is asked between the commands of devices that can be stopped there,
  // and between submissions of others.
  virtual Status Run(std::span<const TensorView> inputs, const RunControl* control) = 0;
  Status Run(std::span<const TensorView> inputs) { return Run(inputs, nullptr); }

  // From the next Run on output i lies in `memory`, a dense tensor at a multiple of its elements'
  // bytes (at most 8), until it is placed anew; an absent one: in the session's arena again. What
  // devices of host memory compute is written there, what others compute is copied there. The
  // memory must be no input's. Placing an output that was not, and the other way round, makes the
  // next Run bind. kInvalid: no such output, not dense or aligned; of Run: another dtype or shape
  // than the output's.
  virtual Status PlaceOutput(size_t i, const TensorView& memory) = 0;

  // Output i of the last successful Run: dense, borrowed until the next Bind, Run or PlaceOutput.
  // After Bind alone its shape is known, but for extents that depend on data, which are -1.
  virtual const TensorView& output(size_t i) const = 0;

  virtual std::span<const Placement> placement() const = 0;
  virtual SessionStatistics statistics() const = 0;

  // The binding in use, after a successful Bind or Run: its steps in order, and who refused what.
  virtual size_t step_count() const = 0;
  virtual StepInfo step(size_t i) const = 0;
  virtual size_t group_count() const = 0;
  virtual GroupInfo group(size_t i) const = 0;
  // Adds to seconds[i] what step i took in the last Run of a timed session; nothing for copies and
  // devices without timestamps. One number a step.
  virtual Status ReadTimes(std::span<double> seconds) = 0;
  virtual size_t refusal_count() const = 0;
  virtual RefusalInfo refusal(size_t i) const = 0;
};

}  // namespace stint

#endif  // STINT_RUNTIME_SESSION_SESSION_H_
