// Memory of the null device: taken from the host, and hidden from it where the device is told to.
#ifndef STINT_BACKENDS_NULL_BUFFER_H_
#define STINT_BACKENDS_NULL_BUFFER_H_

#include <cstddef>
#include <cstdint>

#include "runtime/hal/device.h"

namespace stint::null {

// Its memory is its own after Grow, and the caller's after Wrap.
class NullBuffer final : public Buffer {
 public:
  explicit NullBuffer(bool visible) : visible_(visible) {}
  ~NullBuffer() override;

  uint64_t bytes() const override { return bytes_; }
  void* host() override { return visible_ ? address_ : nullptr; }

  // Zeroed memory, aligned to 64; kLimit, and all as before, when there is none.
  Status Grow(uint64_t bytes);
  void Wrap(void* address, uint64_t bytes);

  // kInvalid: beyond the buffer, and nothing was moved.
  Status Write(uint64_t offset, const void* from, uint64_t bytes);
  Status Read(uint64_t offset, void* to, uint64_t bytes) const;

 private:
  Status CheckRange(uint64_t offset, uint64_t bytes) const;

  const bool visible_;
  void* owned_ = nullptr;
  void* address_ = nullptr;
  uint64_t bytes_ = 0;
};

}  // namespace stint::null

#endif  // STINT_BACKENDS_NULL_BUFFER_H_
