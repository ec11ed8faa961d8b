// Dense forms of packed constants, in host memory, for kernels that do not take the packed form.
// Each is made once a session.
#ifndef STINT_RUNTIME_SESSION_UNPACKED_CONSTANTS_H_
#define STINT_RUNTIME_SESSION_UNPACKED_CONSTANTS_H_

#include <cstdint>
#include <span>

#include "runtime/base/array.h"
#include "runtime/plan/plan.h"

namespace stint {

class UnpackedConstants {
 public:
  // The dense bytes of a packed constant, aligned to 8; `whole` is its tensor, without an address.
  // kInvalid: the constant was a tensor of another shape before.
  Result<const uint8_t*> Find(const Plan& plan, uint32_t constant, TensorView whole);

  // Empty: nobody has asked for it.
  std::span<const uint8_t> operator[](size_t constant) const;
  // Of all that were made.
  uint64_t bytes() const { return bytes_; }

 private:
  struct Dense {
    Array<uint64_t> words;
    size_t bytes = 0;
    TensorView whole;
  };
  Array<Dense> dense_;  // By constant.
  uint64_t bytes_ = 0;
};

}  // namespace stint

#endif  // STINT_RUNTIME_SESSION_UNPACKED_CONSTANTS_H_
