#include "backends/null/buffer.h"

#include <cstdlib>
#include <cstring>

#include "runtime/base/checked.h"

namespace stint::null {

namespace {

constexpr uint64_t kAlignment = 64;

}  // namespace

NullBuffer::~NullBuffer() { std::free(owned_); }

Status NullBuffer::Grow(uint64_t bytes) {
  if (bytes <= bytes_) return {};
  if (bytes > SIZE_MAX / 2) return OutOfMemory("null buffer", bytes);
  const uint64_t rounded = AlignUp(bytes, kAlignment);
  void* const memory = std::aligned_alloc(kAlignment, rounded);
  if (memory == nullptr) return OutOfMemory("null buffer", bytes);
  std::memset(memory, 0, rounded);
  std::free(owned_);
  owned_ = memory;
  Wrap(memory, bytes);
  return {};
}

void NullBuffer::Wrap(void* address, uint64_t bytes) {
  address_ = address;
  bytes_ = bytes;
}

Status NullBuffer::Write(uint64_t offset, const void* from, uint64_t bytes) {
  STINT_TRY(CheckRange(offset, bytes));
  if (bytes > 0) std::memcpy(static_cast<std::byte*>(address_) + offset, from, bytes);
  return {};
}

Status NullBuffer::Read(uint64_t offset, void* to, uint64_t bytes) const {
  STINT_TRY(CheckRange(offset, bytes));
  if (bytes > 0) std::memcpy(to, static_cast<const std::byte*>(address_) + offset, bytes);
  return {};
}

Status NullBuffer::CheckRange(uint64_t offset, uint64_t bytes) const {
  if (offset <= bytes_ && bytes <= bytes_ - offset) return {};
  return Error(Code::kInvalid, "null buffer", "found %llu bytes at %llu, allowed %llu in all",
               static_cast<unsigned long long>(bytes), static_cast<unsigned long long>(offset),
               static_cast<unsigned long long>(bytes_));
}

}  // namespace stint::null
