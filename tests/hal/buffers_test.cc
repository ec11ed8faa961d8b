// Device memory: what is allocated, written, read and grown.
#include <cstring>

#include "tests/hal/hal_testing.h"

namespace stint::testing {

namespace {

TEST_CASE("Buffers of any size are as large as was asked", "[buffer]") {
  const auto device = OpenDevice();
  for (const MemoryKind kind : kMemoryKinds) {
    for (const uint64_t bytes : {0, 1, 3, 4, 63, 64, 65, 1000, 4097, 1 << 20}) {
      const auto buffer = Take(device->Allocate(bytes, kind));
      REQUIRE(buffer != nullptr);
      CHECK(buffer->bytes() >= bytes);
      const std::vector<uint8_t> content = Bytes(bytes, static_cast<uint32_t>(bytes));
      Require(device->Write(*buffer, 0, content.data(), bytes));
      CheckSame(ReadBytes(*device, *buffer, 0, bytes), content);
    }
  }
}

TEST_CASE("A hostile size is a limit and harms nothing", "[buffer]") {
  const auto device = OpenDevice();
  for (const MemoryKind kind : kMemoryKinds) {
    for (const uint64_t bytes : {kHostileBytes, kHostileBytes - 1, UINT64_MAX}) {
      CHECK(device->Allocate(bytes, kind).status().code() == Code::kLimit);
    }
    const auto buffer = Take(device->Allocate(100, kind));
    const std::vector<uint8_t> content = Bytes(100, 5);
    Require(device->Write(*buffer, 0, content.data(), content.size()));
    CheckSame(ReadBytes(*device, *buffer, 0, 100), content);
  }
}

TEST_CASE("Write and Read move any bytes at any place", "[buffer]") {
  const auto device = OpenDevice();
  for (const MemoryKind kind : kMemoryKinds) {
    const auto buffer = Take(device->Allocate(3001, kind));
    std::vector<uint8_t> image = Bytes(3001, 1);
    Require(device->Write(*buffer, 0, image.data(), image.size()));
    for (const size_t offset : {0, 1, 2, 3, 5, 64, 67, 1023, 2999, 3000, 3001}) {
      for (const size_t bytes : {0, 1, 2, 3, 4, 7, 64, 257, 1001}) {
        if (offset + bytes > image.size()) continue;
        const std::vector<uint8_t> part = Bytes(bytes, static_cast<uint32_t>(offset + 7 * bytes));
        Require(device->Write(*buffer, offset, part.data(), bytes));
        if (bytes > 0) std::memcpy(image.data() + offset, part.data(), bytes);
        CheckSame(ReadBytes(*device, *buffer, offset, bytes), part);
      }
    }
    CheckSame(ReadBytes(*device, *buffer, 0, image.size()), image);
  }
}

TEST_CASE("What lies beyond a buffer is neither written nor read", "[buffer]") {
  const auto device = OpenDevice();
  for (const MemoryKind kind : kMemoryKinds) {
    const auto buffer = Take(device->Allocate(100, kind));
    const uint64_t size = buffer->bytes();
    const std::vector<uint8_t> content = Bytes(size, 1);
    Require(device->Write(*buffer, 0, content.data(), size));
    struct Range {
      uint64_t offset, bytes;
    };
    for (const Range range : {Range{0, size + 1},
                              {size, 1},
                              {size + 1, 0},
                              {size - 1, 2},
                              {UINT64_MAX, 2},
                              {UINT64_MAX, 1},
                              {2, UINT64_MAX}}) {
      std::vector<uint8_t> outside(size + 2, 7);
      CHECK(device->Write(*buffer, range.offset, outside.data(), range.bytes).code() ==
            Code::kInvalid);
      CHECK(device->Read(*buffer, range.offset, outside.data(), range.bytes).code() ==
            Code::kInvalid);
      CheckSame(outside, std::vector<uint8_t>(size + 2, 7));
    }
    CheckSame(ReadAll(*device, *buffer), content);
  }
}

TEST_CASE("The host sees shared memory as Write and Read do", "[buffer]") {
  const auto device = OpenDevice();
  const auto buffer = Take(device->Allocate(777, MemoryKind::kShared));
  auto* const host = static_cast<uint8_t*>(buffer->host());
  REQUIRE(host != nullptr);
  CHECK(reinterpret_cast<uintptr_t>(host) % 16 == 0);
  std::vector<uint8_t> content = Bytes(777, 1);
  Require(device->Write(*buffer, 0, content.data(), 777));
  CHECK(std::memcmp(host, content.data(), 777) == 0);
  content[500] = static_cast<uint8_t>(~content[500]);
  host[500] = content[500];
  CheckSame(ReadBytes(*device, *buffer, 0, 777), content);
}

TEST_CASE("The host sees all memory of a device that has host memory", "[buffer]") {
  const auto device = OpenDevice();
  const auto buffer = Take(device->Allocate(100, MemoryKind::kDevice));
  if (device->info().host_memory) {
    REQUIRE(buffer->host() != nullptr);
    CHECK(reinterpret_cast<uintptr_t>(buffer->host()) % 64 == 0);
  }
  SUCCEED();
}

TEST_CASE("Growing gives more memory in the same buffer", "[buffer]") {
  const auto device = OpenDevice();
  for (const MemoryKind kind : kMemoryKinds) {
    for (const uint64_t first : {0, 10}) {
      const auto buffer = Take(device->Allocate(first, kind));
      for (const uint64_t bytes : {11, 64, 1000, 100000}) {
        Require(device->Grow(*buffer, bytes));
        CHECK(buffer->bytes() >= bytes);
        const std::vector<uint8_t> content = Bytes(bytes, static_cast<uint32_t>(bytes));
        Require(device->Write(*buffer, 0, content.data(), bytes));
        CheckSame(ReadBytes(*device, *buffer, 0, bytes), content);
        if (kind == MemoryKind::kShared) CHECK(buffer->host() != nullptr);
      }
    }
  }
}

TEST_CASE("Growing to less changes nothing", "[buffer]") {
  const auto device = OpenDevice();
  for (const MemoryKind kind : kMemoryKinds) {
    const auto buffer = Take(device->Allocate(300, kind));
    const uint64_t size = buffer->bytes();
    const std::vector<uint8_t> content = Bytes(size, 1);
    Require(device->Write(*buffer, 0, content.data(), size));
    const uint64_t allocations = device->counters().allocations;
    for (const uint64_t bytes : {uint64_t{0}, uint64_t{1}, size}) {
      Require(device->Grow(*buffer, bytes));
    }
    CHECK(buffer->bytes() == size);
    CheckSame(ReadAll(*device, *buffer), content);
    CHECK(device->counters().allocations == allocations);
  }
}

TEST_CASE("A buffer that cannot grow is as it was", "[buffer]") {
  const auto device = OpenDevice();
  for (const MemoryKind kind : kMemoryKinds) {
    const auto buffer = Take(device->Allocate(300, kind));
    const uint64_t size = buffer->bytes();
    const void* const host = buffer->host();
    const std::vector<uint8_t> content = Bytes(size, 1);
    Require(device->Write(*buffer, 0, content.data(), size));
    for (const uint64_t bytes : {kHostileBytes, UINT64_MAX}) {
      CHECK(device->Grow(*buffer, bytes).code() == Code::kLimit);
    }
    CHECK(buffer->bytes() == size);
    CHECK(buffer->host() == host);
    CheckSame(ReadAll(*device, *buffer), content);
    Require(device->Grow(*buffer, 2 * size));
  }
}

TEST_CASE("Buffers do not overlap", "[buffer]") {
  const auto device = OpenDevice();
  std::vector<std::unique_ptr<Buffer>> buffers;
  for (uint32_t i = 0; i < 20; ++i) {
    buffers.push_back(Take(device->Allocate(100 + i, kMemoryKinds[i % 2])));
    const std::vector<uint8_t> content = Bytes(100 + i, i);
    Require(device->Write(*buffers.back(), 0, content.data(), content.size()));
  }
  for (uint32_t i = 0; i < 20; i += 3) buffers[i].reset();
  for (uint32_t i = 0; i < 20; ++i) {
    if (buffers[i] == nullptr) continue;
    CheckSame(ReadBytes(*device, *buffers[i], 0, 100 + i), Bytes(100 + i, i));
  }
}

}  // namespace

}  // namespace stint::testing
