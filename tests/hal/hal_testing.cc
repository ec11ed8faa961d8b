#include "tests/hal/hal_testing.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace stint::testing {

namespace {

std::string g_device = "cpu";

size_t CountOf(const std::vector<int64_t>& extents) {
  size_t count = 1;
  for (const int64_t extent : extents) count *= static_cast<size_t>(extent);
  return count;
}

}  // namespace

const char* DeviceName() { return g_device.c_str(); }

void SetDeviceName(std::string name) { g_device = std::move(name); }

std::string BackendName() { return g_device.substr(0, g_device.find(':')); }

std::unique_ptr<Device> OpenDevice() { return Take(CreateDevice(g_device, {.threads = 2})); }

void Require(const Status& status) {
  INFO(TextOf(status));
  REQUIRE(status.ok());
}

bool RunsPrograms(const Kernel& row, const KernelCall& call) {
  return (row.runs_prologue || PrologueOf(*call.op, call.attributes) == nullptr) &&
         (row.runs_epilogue || EpilogueOf(*call.op, call.attributes) == nullptr);
}

std::vector<uint8_t> Bytes(size_t count, uint32_t seed) {
  std::minstd_rand random(seed + 1);
  std::vector<uint8_t> bytes(count);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random() >> 8);
  return bytes;
}

Tensor Floats(std::vector<int64_t> extents, uint32_t seed) {
  std::minstd_rand random(seed + 1);
  std::vector<float> values(CountOf(extents));
  for (float& value : values) {
    value = static_cast<float>(static_cast<int>(random() % 2000001) - 1000000) / 1000000.0f;
  }
  return Tensor::Of(std::move(extents), values);
}

Tensor Integers(std::vector<int64_t> extents, uint32_t seed) {
  std::minstd_rand random(seed + 1);
  std::vector<int32_t> values(CountOf(extents));
  for (int32_t& value : values) value = static_cast<int32_t>(random() % 2001) - 1000;
  return Tensor::Of(std::move(extents), values);
}

std::vector<uint8_t> ReadBytes(Device& device, Buffer& buffer, uint64_t offset, uint64_t bytes) {
  std::vector<uint8_t> read(bytes);
  Require(device.Read(buffer, offset, read.data(), bytes));
  return read;
}

std::vector<uint8_t> ReadAll(Device& device, Buffer& buffer) {
  return ReadBytes(device, buffer, 0, buffer.bytes());
}

void CheckSame(const std::vector<uint8_t>& found, const std::vector<uint8_t>& expected) {
  REQUIRE(found.size() == expected.size());
  const auto differs = std::mismatch(found.begin(), found.end(), expected.begin());
  if (differs.first == found.end()) {
    SUCCEED();
    return;
  }
  INFO("byte " << differs.first - found.begin() << " of " << found.size());
  CHECK(int{*differs.first} == int{*differs.second});
}

void CheckClose(const Tensor& found, const Tensor& expected) {
  REQUIRE(found.dtype() == expected.dtype());
  REQUIRE(found.extents() == expected.extents());
  if (expected.dtype() != DType::kFloat32) {
    CheckSame(found.values<uint8_t>(), expected.values<uint8_t>());
    return;
  }
  const std::vector<float> a = found.values<float>();
  const std::vector<float> b = expected.values<float>();
  for (size_t i = 0; i < a.size(); ++i) {
    const bool close = std::abs(a[i] - b[i]) <= 1e-5f * (1 + std::abs(b[i]));
    if (close) continue;
    INFO("element " << i << " of " << a.size());
    CHECK(a[i] == Approx(b[i]).epsilon(1e-5));
    return;
  }
  SUCCEED();
}

}  // namespace stint::testing
