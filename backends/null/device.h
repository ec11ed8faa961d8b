// The skeleton of a backend: it shows every part that one has, records what it is asked to run and
// computes nothing. Tests use it to refuse ops, to fail at each stage and to hold memory that the
// host cannot see.
//
// A backend is a folder with a Device (info, memory, command lists), a table of Kernel rows and
// CreateDevice; the name goes into STINT_BACKENDS, and nothing else in the project changes.
#ifndef STINT_BACKENDS_NULL_DEVICE_H_
#define STINT_BACKENDS_NULL_DEVICE_H_

#include <cstdint>
#include <memory>

#include "runtime/hal/backends.h"
#include "runtime/hal/device.h"

namespace stint::null {

struct NullOptions {
  bool host_memory = true;
  // Refuses every op but this one; kAll: refuses none.
  static constexpr uint16_t kAll = 0xffff;
  uint16_t only_op = kAll;
  // Fail with kUnavailable at this stage.
  bool fail_prepare = false;
  bool fail_record = false;
  bool fail_run = false;
  // The most bytes that Allocate and Grow give: kLimit beyond.
  uint64_t memory_bytes = UINT64_MAX;
};

// Counts since creation. They belong to the device and may be read at any time.
struct NullCounters {
  uint64_t prepared = 0;
  uint64_t recorded = 0;
  uint64_t executed = 0;  // Commands, all runs together.
  uint64_t written_bytes = 0;
  uint64_t read_bytes = 0;
};

class NullDevice : public Device {
 public:
  virtual const NullCounters& counters() const = 0;
};

Result<std::unique_ptr<NullDevice>> CreateNullDevice(const NullOptions& options);

// As the runtime creates it: host memory, refuses nothing. `index` must be 0.
Result<std::unique_ptr<Device>> CreateDevice(int index, const DeviceOptions& options);

}  // namespace stint::null

#endif  // STINT_BACKENDS_NULL_DEVICE_H_
