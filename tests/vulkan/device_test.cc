// What a Vulkan device says of itself, its memory and its pipelines.
#include "backends/vulkan/device.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>
#include <string>

#include "backends/vulkan/memory.h"
#include "tests/vulkan/vulkan_testing.h"

namespace stint::vulkan {

namespace {

constexpr VkMemoryPropertyFlags kLocal = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
constexpr VkMemoryPropertyFlags kHost =
    VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
constexpr VkMemoryPropertyFlags kCached = kHost | VK_MEMORY_PROPERTY_HOST_CACHED_BIT;

int Fit(VkMemoryPropertyFlags flags, MemoryKind kind, bool unified) {
  return FitOfMemoryType(flags, kind, unified);
}

}  // namespace

TEST_CASE("vulkan: a device says what it is") {
  const auto device = OpenDevice();
  const DeviceInfo& info = device->info();
  CHECK(std::strcmp(info.name, "vulkan") == 0);
  CHECK(std::strstr(info.description, "Vulkan 1.") != nullptr);
  CHECK(!info.host_memory);
  CHECK(info.max_bindings >= 4);
  CHECK(info.max_bindings <= kMaxBindings);
  CHECK(info.max_binding_bytes >= (1u << 27));
  CHECK(info.binding_alignment >= 4);
  CHECK(info.binding_alignment <= 256);
  CHECK(info.max_group_invocations >= 128);
  CHECK(info.max_group_bytes >= 16384);
  CHECK(info.operations_per_second > 0);
}

TEST_CASE("vulkan: a device that is not there is unavailable") {
  for (const int index : {-1, 99}) {
    const auto device = CreateDevice(index, {});
    CHECK(device.status().code() == Code::kUnavailable);
    CHECK(std::strstr(device.status().message(), "found vulkan:") != nullptr);
  }
}

TEST_CASE("vulkan: without a driver it is unavailable") {
  // Restored at the end: the variables by which the loader is told of drivers.
  constexpr const char* kNames[] = {"VK_ICD_FILENAMES", "VK_DRIVER_FILES"};
  std::vector<std::string> values;
  for (const char* name : kNames) {
    const char* const value = std::getenv(name);
    values.emplace_back(value == nullptr ? "" : value);
    setenv(name, "/there/is/no/driver.json", 1);
  }
  const auto device = CreateDevice(0, {});
  CHECK(device.status().code() == Code::kUnavailable);
  CHECK(std::strstr(device.status().message(), "found no driver") != nullptr);
  for (size_t i = 0; i < 2; ++i) {
    values[i].empty() ? unsetenv(kNames[i]) : setenv(kNames[i], values[i].c_str(), 1);
  }
}

TEST_CASE("vulkan: memory types are chosen by what a buffer is for") {
  const auto shared = MemoryKind::kShared;
  const auto local = MemoryKind::kDevice;
  for (const bool unified : {false, true}) {
    CHECK(Fit(kLocal, shared, unified) < 0);
    CHECK(Fit(kCached, shared, unified) > Fit(kHost, shared, unified));
    CHECK(Fit(kCached, shared, unified) > Fit(kLocal | kHost, shared, unified));
    CHECK(Fit(kLocal, local, unified) > Fit(kHost, local, unified));
    CHECK(Fit(kHost, local, unified) >= 0);
    CHECK(Fit(kLocal | VK_MEMORY_PROPERTY_PROTECTED_BIT, local, unified) < 0);
  }
  CHECK(Fit(kLocal, local, false) > Fit(kLocal | kHost, local, false));
  CHECK(Fit(kLocal | kCached, local, true) > Fit(kLocal, local, true));
}

TEST_CASE("vulkan: two devices live at the same time") {
  const auto first = OpenDevice();
  const auto second = OpenDevice();
  auto a = first->Allocate(64, MemoryKind::kDevice);
  auto b = second->Allocate(64, MemoryKind::kDevice);
  REQUIRE(a.ok());
  REQUIRE(b.ok());
  CHECK(first->counters().allocations == 1);
  CHECK(second->counters().allocations == 1);
}

TEST_CASE("vulkan: bytes go to the device and back") {
  const auto device = OpenDevice();
  // More than one piece of a staging buffer.
  const std::vector<uint32_t> values = Counting((17u << 20) / 4 + 3);
  const uint64_t bytes = values.size() * sizeof(uint32_t);
  const auto kind = GENERATE(MemoryKind::kDevice, MemoryKind::kShared);
  auto buffer = device->Allocate(bytes + 5, kind);
  REQUIRE(buffer.ok());
  CHECK((*buffer)->bytes() == bytes + 5);
  CHECK(((*buffer)->host() != nullptr) == (kind == MemoryKind::kShared));
  REQUIRE(device->Write(**buffer, 5, values.data(), bytes).ok());
  std::vector<uint32_t> read(values.size());
  REQUIRE(device->Read(**buffer, 5, read.data(), bytes).ok());
  CHECK(read == values);
  CHECK(device->counters().written_bytes == bytes);
  CHECK(device->counters().read_bytes == bytes);
}

TEST_CASE("vulkan: ranges beyond a buffer are refused") {
  const auto device = OpenDevice();
  auto buffer = device->Allocate(100, MemoryKind::kDevice);
  REQUIRE(buffer.ok());
  char bytes[200] = {};
  CHECK(device->Write(**buffer, 0, bytes, 101).code() == Code::kInvalid);
  CHECK(device->Write(**buffer, 101, bytes, 0).code() == Code::kInvalid);
  CHECK(device->Read(**buffer, UINT64_MAX, bytes, 2).code() == Code::kInvalid);
  CHECK(device->Read(**buffer, 100, bytes, 0).ok());
}

TEST_CASE("vulkan: buffers without bytes, and those that are too large") {
  const auto device = OpenDevice();
  auto buffer = device->Allocate(0, MemoryKind::kShared);
  REQUIRE(buffer.ok());
  CHECK((*buffer)->bytes() == 0);
  CHECK((*buffer)->host() == nullptr);
  CHECK(device->counters().allocations == 0);
  for (const uint64_t bytes : {UINT64_MAX, UINT64_MAX - 100, uint64_t{1} << 60}) {
    CHECK(device->Grow(**buffer, bytes).code() == Code::kLimit);
    CHECK(device->Allocate(bytes, MemoryKind::kDevice).status().code() == Code::kLimit);
  }
  CHECK((*buffer)->bytes() == 0);
  REQUIRE(device->Grow(**buffer, 10).ok());
  CHECK((*buffer)->bytes() == 10);
  CHECK((*buffer)->host() != nullptr);
  REQUIRE(device->Grow(**buffer, 5).ok());
  CHECK((*buffer)->bytes() == 10);
}

TEST_CASE("vulkan: host memory is imported where the driver can") {
  const auto device = OpenDevice();
  constexpr uint32_t kCount = 65536 / 4;
  void* const memory = std::aligned_alloc(65536, 65536);
  std::memcpy(memory, Counting(kCount).data(), 65536);
  {
    CHECK(device->Import(static_cast<char*>(memory) + 4, 4096).status().code() ==
          Code::kUnsupported);
    CHECK(device->Import(memory, 100).status().code() == Code::kUnsupported);
    CHECK(device->Import(memory, 0).status().code() == Code::kUnsupported);
    auto x = device->Import(memory, 65536);
    if (!x.ok()) {
      CHECK(x.status().code() == Code::kUnsupported);
      WARN("not imported: " << x.status().message());
    } else {
      CHECK(device->Write(**x, 0, memory, 4).code() == Code::kInvalid);
      auto y = device->Allocate(65536, MemoryKind::kShared);
      auto pipeline = device->FindPipeline(ScaleAdd(1));
      auto list = device->CreateCommandList({1, false});
      REQUIRE(pipeline.ok());
      const ScaleAddCall call(*pipeline, x->get(), y->get(), kCount, 2);
      REQUIRE(AddTo(**list, call).ok());
      REQUIRE((*list)->Run().ok());
      const auto* const values = static_cast<const uint32_t*>((*y)->host());
      bool right = true;
      for (uint32_t i = 0; i < kCount; ++i) right = right && values[i] == i * 2 + 1;
      CHECK(right);
    }
  }
  std::free(memory);
}

TEST_CASE("vulkan: a pipeline is made once") {
  const auto device = OpenDevice();
  auto first = device->FindPipeline(ScaleAdd(1));
  INFO(first.status().message());
  REQUIRE(first.ok());
  auto again = device->FindPipeline(ScaleAdd(1));
  auto other = device->FindPipeline(ScaleAdd(2));
  REQUIRE(again.ok());
  REQUIRE(other.ok());
  CHECK(*first == *again);
  CHECK(*first != *other);
  CHECK(device->counters().pipelines_compiled == 2);
  CHECK(device->counters().pipeline_hits == 1);
}

TEST_CASE("vulkan: memory of the host cannot be wrapped") {
  const auto device = OpenDevice();
  CHECK(device->WrapHost().status().code() == Code::kUnsupported);
}

}  // namespace stint::vulkan
