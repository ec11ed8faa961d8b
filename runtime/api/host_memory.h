// Memory of the host that tensors and plans can lie in.
#ifndef STINT_RUNTIME_API_HOST_MEMORY_H_
#define STINT_RUNTIME_API_HOST_MEMORY_H_

#include <cstdint>
#include <cstdlib>
#include <utility>

#include "runtime/base/checked.h"
#include "runtime/base/status.h"

namespace stint::abi {

// Aligned to 64 bytes; it moves but is never copied.
class HostMemory {
 public:
  HostMemory() = default;
  HostMemory(HostMemory&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  HostMemory& operator=(HostMemory&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  HostMemory(const HostMemory&) = delete;
  HostMemory& operator=(const HostMemory&) = delete;
  ~HostMemory() { std::free(data_); }

  uint8_t* data() const { return data_; }

  // At least `bytes`, of unknown content. After an error it is as before.
  Status Grow(const char* where, uint64_t bytes) {
    if (data_ != nullptr && bytes <= bytes_) return {};
    constexpr uint64_t kAlignment = 64;
    if (bytes > SIZE_MAX / 2) return OutOfMemory(where, bytes);
    void* const memory = std::aligned_alloc(kAlignment, AlignUp(bytes + 1, kAlignment));
    if (memory == nullptr) return OutOfMemory(where, bytes);
    std::free(data_);
    data_ = static_cast<uint8_t*>(memory);
    bytes_ = bytes;
    return {};
  }

 private:
  uint8_t* data_ = nullptr;
  uint64_t bytes_ = 0;
};

}  // namespace stint::abi

#endif  // STINT_RUNTIME_API_HOST_MEMORY_H_
