// The constants of a plan on a device that does not see host memory. Each is there once, whatever
// the number of bindings: in the plan's own mapping where the device can import it, else uploaded.
#ifndef STINT_RUNTIME_SESSION_CONSTANT_STORE_H_
#define STINT_RUNTIME_SESSION_CONSTANT_STORE_H_

#include <cstdint>
#include <memory>
#include <span>

#include "runtime/base/array.h"
#include "runtime/hal/device.h"
#include "runtime/plan/plan.h"
#include "runtime/session/unpacked_constants.h"

namespace stint {

class ConstantStore {
 public:
  struct Place {
    Buffer* buffer = nullptr;  // nullptr: not there.
    uint64_t offset = 0;
  };

  // Brings the constants i with wanted[i] != 0 to the device, dense, with at most one allocation;
  // packed ones were unpacked before. Those that are there stay where they are; after an error
  // nothing has changed.
  Status Bring(Device& device, const Plan& plan, const UnpackedConstants& unpacked,
               std::span<const uint8_t> wanted);

  // Of a constant that was brought.
  const Place& operator[](uint32_t constant) const { return places_[constant]; }

 private:
  void Import(Device& device, const Plan& plan);

  Array<Place> places_;
  Array<std::unique_ptr<Buffer>> buffers_;
};

}  // namespace stint

#endif  // STINT_RUNTIME_SESSION_CONSTANT_STORE_H_
