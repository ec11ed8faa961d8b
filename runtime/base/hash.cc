#include "runtime/base/hash.h"

#include <array>
#include <bit>
#include <cstring>

namespace stint {

namespace {

constexpr uint32_t kCastagnoli = 0x82f63b78;

// kTables[k][b]: the CRC of byte b followed by k zero bytes; eight bytes are folded at a time.
constexpr auto MakeTables() {
  std::array<std::array<uint32_t, 256>, 8> tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kCastagnoli : 0);
    tables[0][byte] = crc;
  }
  for (size_t k = 1; k < 8; ++k) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t previous = tables[k - 1][byte];
      tables[k][byte] = (previous >> 8) ^ tables[0][previous & 255];
    }
  }
  return tables;
}

constexpr auto kTables = MakeTables();

uint64_t LoadLittleEndian(const uint8_t* bytes, size_t count) {
  uint64_t value = 0;
  for (size_t i = 0; i < count; ++i) value |= uint64_t{bytes[i]} << (8 * i);
  return value;
}

uint64_t Finish(uint64_t value) {
  value ^= value >> 33;
  value *= 0xff51afd7ed558ccdU;
  value ^= value >> 33;
  value *= 0xc4ceb9fe1a85ec53U;
  return value ^ (value >> 33);
}

constexpr uint64_t kFactor1 = 0x87c37b91114253d5U;
constexpr uint64_t kFactor2 = 0x4cf5ad432745937fU;

uint64_t Mix1(uint64_t value) { return std::rotl(value * kFactor1, 31) * kFactor2; }
uint64_t Mix2(uint64_t value) { return std::rotl(value * kFactor2, 33) * kFactor1; }

}  // namespace

uint32_t Crc32c(std::span<const uint8_t> bytes, uint32_t crc) {
  crc = ~crc;
  size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    const uint64_t word = LoadLittleEndian(bytes.data() + i, 8) ^ crc;
    crc = 0;
    for (size_t k = 0; k < 8; ++k) crc ^= kTables[7 - k][(word >> (8 * k)) & 255];
  }
  for (; i < bytes.size(); ++i) crc = (crc >> 8) ^ kTables[0][(crc ^ bytes[i]) & 255];
  return ~crc;
}

Hash128 HashBytes(std::span<const uint8_t> bytes, uint64_t seed) {
  uint64_t low = seed;
  uint64_t high = seed;
  size_t i = 0;
  for (; i + 16 <= bytes.size(); i += 16) {
    low ^= Mix1(LoadLittleEndian(bytes.data() + i, 8));
    low = (std::rotl(low, 27) + high) * 5 + 0x52dce729;
    high ^= Mix2(LoadLittleEndian(bytes.data() + i + 8, 8));
    high = (std::rotl(high, 31) + low) * 5 + 0x38495ab5;
  }
  const size_t rest = bytes.size() - i;
  if (rest > 8) high ^= Mix2(LoadLittleEndian(bytes.data() + i + 8, rest - 8));
  if (rest > 0) low ^= Mix1(LoadLittleEndian(bytes.data() + i, rest < 8 ? rest : 8));
  low ^= bytes.size();
  high ^= bytes.size();
  low += high;
  high += low;
  low = Finish(low);
  high = Finish(high);
  low += high;
  high += low;
  return {low, high};
}

}  // namespace stint
