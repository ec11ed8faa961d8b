// The device that the conformance suite runs on, and small things that its cases share. Nothing in
// the suite names a backend.
#ifndef STINT_TESTS_HAL_HAL_TESTING_H_
#define STINT_TESTS_HAL_HAL_TESTING_H_

#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/hal/backends.h"
#include "tests/unit/ops_testing.h"

namespace stint::testing {

// As --device says.
const char* DeviceName();
void SetDeviceName(std::string name);
// The same without the number of the device.
std::string BackendName();

// A new device; the case fails when it is not there.
std::unique_ptr<Device> OpenDevice();

// The value; the case fails with the error's text when there is none.
template <typename T>
T Take(Result<T> result) {
  INFO(TextOf(result.status()));
  REQUIRE(result.ok());
  return std::move(*result);
}

// The case fails with the error's text.
void Require(const Status& status);

// Whether the row may be asked about the call: it runs the programs that the call has.
bool RunsPrograms(const Kernel& row, const KernelCall& call);

// Bytes that differ from seed to seed and from place to place.
std::vector<uint8_t> Bytes(size_t count, uint32_t seed);
// Floats in [-1, 1).
Tensor Floats(std::vector<int64_t> extents, uint32_t seed);
Tensor Integers(std::vector<int64_t> extents, uint32_t seed);

// All of a buffer, or a part.
std::vector<uint8_t> ReadBytes(Device& device, Buffer& buffer, uint64_t offset, uint64_t bytes);
std::vector<uint8_t> ReadAll(Device& device, Buffer& buffer);

// Names the first byte that differs.
void CheckSame(const std::vector<uint8_t>& found, const std::vector<uint8_t>& expected);
// Floats may differ by 1e-5 of 1 + their size, all else not at all.
void CheckClose(const Tensor& found, const Tensor& expected);

// More than any device has, and still no overflow.
inline constexpr uint64_t kHostileBytes = uint64_t{1} << 62;
inline constexpr MemoryKind kMemoryKinds[] = {MemoryKind::kDevice, MemoryKind::kShared};

}  // namespace stint::testing

#endif  // STINT_TESTS_HAL_HAL_TESTING_H_
