// Checksums and content hashes of plans. Same bytes, same result on every machine.
#ifndef STINT_RUNTIME_BASE_HASH_H_
#define STINT_RUNTIME_BASE_HASH_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace stint {

// CRC-32C (Castagnoli). `crc` continues an earlier call's result; 0 starts.
uint32_t Crc32c(std::span<const uint8_t> bytes, uint32_t crc = 0);

struct Hash128 {
  uint64_t low = 0;
  uint64_t high = 0;
  friend bool operator==(const Hash128&, const Hash128&) = default;
};

// A 128-bit hash (MurmurHash3 x64 128, Austin Appleby, public domain algorithm).
Hash128 HashBytes(std::span<const uint8_t> bytes, uint64_t seed = 0);

}  // namespace stint

#endif  // STINT_RUNTIME_BASE_HASH_H_
