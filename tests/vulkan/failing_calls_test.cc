// Every call of Vulkan fails once: the life of a device ends in a clean error, and nothing leaks.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <cstring>

#include "backends/vulkan/device.h"
#include "tests/vulkan/vulkan_testing.h"

namespace stint::vulkan {

namespace {

constexpr uint32_t kCount = 1000;
constexpr uint64_t kBytes = kCount * sizeof(uint32_t);
constexpr int32_t kOutOfHostMemory = -1;
constexpr int32_t kOutOfDeviceMemory = -2;
constexpr int32_t kInitializationFailed = -3;
constexpr int32_t kDeviceLost = -4;

// What a device was asked to compute is wrong: no error that a failed call may lead to.
Status Wrong(const char* what) {
  return Error(Code::kInternal, "life", "found wrong %s, allowed right ones", what);
}

Status CheckValues(Device& device, Buffer& y, uint32_t factor, uint32_t addend) {
  std::vector<uint32_t> values(kCount);
  STINT_TRY(device.Read(y, 0, values.data(), kBytes));
  for (uint32_t i = 0; i < kCount; ++i) {
    if (values[i] != i * factor + addend) return Wrong("values");
  }
  return {};
}

Status UseImport(Device& device) {
  constexpr size_t kPage = 65536;
  void* const memory = std::aligned_alloc(kPage, kPage);
  std::memset(memory, 1, kPage);
  Status status = device.Import(memory, kPage).TakeStatus();
  std::free(memory);
  return status.code() == Code::kUnsupported ? Status() : std::move(status);
}

Status UseTimes(Device& device, const ScaleAddCall& call) {
  if (!device.info().timestamps) return {};
  STINT_ASSIGN(auto list, device.CreateCommandList({1, true}));
  STINT_TRY(AddTo(*list, call));
  STINT_TRY(list->Run());
  double seconds = -1;
  STINT_TRY(list->ReadTimes({&seconds, 1}));
  return seconds >= 0 && seconds < 10 ? Status() : Wrong("times");
}

// All that a device does, from its creation on.
Status Live() {
  STINT_ASSIGN(auto created, CreateDevice(0, {}));
  auto& device = static_cast<gpu::GpuDevice&>(*created);
  STINT_ASSIGN(auto x, device.Allocate(kBytes, MemoryKind::kDevice));
  STINT_ASSIGN(auto y, device.Allocate(0, MemoryKind::kShared));
  STINT_ASSIGN(auto z, device.Allocate(16, MemoryKind::kDevice));
  STINT_TRY(device.Write(*x, 0, Counting(kCount).data(), kBytes));
  STINT_ASSIGN(auto* const plus7, device.FindPipeline(ScaleAdd(7)));
  STINT_TRY(device.FindPipeline(ScaleAdd(7)).TakeStatus());

  STINT_ASSIGN(auto list, device.CreateCommandList({2, false}));
  const ScaleAddCall first(plus7, x.get(), y.get(), kCount, 3);
  const ScaleAddCall second(plus7, y.get(), z.get(), kCount, 2);
  STINT_TRY(AddTo(*list, first));
  STINT_TRY(AddTo(*list, second));
  STINT_TRY(device.Grow(*y, kBytes));
  STINT_TRY(device.Grow(*z, kBytes));
  STINT_TRY(list->Submit());
  STINT_ASSIGN(const bool done, list->Wait(CommandList::kForever));
  if (!done) return Wrong("answers");
  STINT_TRY(CheckValues(device, *y, 3, 7));
  STINT_TRY(CheckValues(device, *z, 6, 21));

  STINT_TRY(device.Grow(*z, 2 * kBytes));
  STINT_TRY(list->Run());
  STINT_TRY(CheckValues(device, *z, 6, 21));
  STINT_TRY(UseTimes(device, first));
  STINT_TRY(UseImport(device));
  // In flight when it is destroyed.
  return list->Submit();
}

void CheckEnd(const Status& status, uint64_t call) {
  const Shim& shim = TheShim();
  INFO("call " << call << ": " << CodeName(status.code()) << " " << status.where() << ": "
               << status.message());
  CHECK(status.code() != Code::kInternal);
  CHECK(status.code() != Code::kInvalid);
  const char* const leak = shim.live_name();
  INFO("an object of " << (leak == nullptr ? "nothing" : leak) << " lives on");
  CHECK(shim.live_objects() == 0);
}

void CheckMissing(const char* name) {
  // An instance that cannot be destroyed stays.
  if (std::strcmp(name, "vkDestroyInstance") == 0) return;
  TheShim().hide(name);
  const Status status = Live();
  CHECK(status.code() == Code::kUnavailable);
  CHECK(std::strstr(status.message(), name) != nullptr);
  CheckEnd(status, 0);
}

}  // namespace

TEST_CASE("vulkan: every failing call ends in a clean error") {
  const Shim& shim = TheShim();
  shim.arm(0, 0);
  const Status whole = Live();
  CheckEnd(whole, 0);
  REQUIRE(whole.ok());
  const uint64_t calls = shim.calls();
  CHECK(calls > 50);
  const int32_t result =
      GENERATE(kOutOfHostMemory, kOutOfDeviceMemory, kInitializationFailed, kDeviceLost);
  uint64_t failures = 0;
  uint64_t call = 1;
  for (;; ++call) {
    shim.arm(call, result);
    const Status status = Live();
    CheckEnd(status, call);
    if (shim.calls() < call) break;
    if (result == kDeviceLost && call < calls) CHECK(status.code() == Code::kUnavailable);
    failures += status.ok() ? 0 : 1;
  }
  shim.arm(0, 0);
  CHECK(call > calls);
  // Few calls may fail unnoticed: those of imports, and memory that another type gives.
  CHECK(failures > calls * 3 / 4);
}

TEST_CASE("vulkan: every missing function is a clean error") {
  const Shim& shim = TheShim();
  shim.arm(0, 0);
#define STINT_VULKAN_GLOBAL(name) CheckMissing(#name);
#define STINT_VULKAN_INSTANCE(name) CheckMissing(#name);
#define STINT_VULKAN_DEVICE(name) CheckMissing(#name);
#include "backends/vulkan/functions.inc"
  // Without its extension's function, import alone is missing.
  shim.hide("vkGetMemoryHostPointerPropertiesEXT");
  CHECK(Live().ok());
  shim.hide(nullptr);
}

TEST_CASE("vulkan: a lost device stays lost") {
  const Shim& shim = TheShim();
  shim.arm(0, 0);
  {
    const auto device = OpenDevice();
    auto x = device->Allocate(kBytes, MemoryKind::kShared);
    REQUIRE(x.ok());
    auto pipeline = device->FindPipeline(ScaleAdd(1));
    REQUIRE(pipeline.ok());
    auto list = device->CreateCommandList({1, false});
    REQUIRE(list.ok());
    const ScaleAddCall call(*pipeline, x->get(), x->get(), kCount, 1);
    REQUIRE(AddTo(**list, call).ok());
    REQUIRE((*list)->Submit().ok());
    shim.arm(1, kDeviceLost);
    Result<bool> waited = (*list)->Wait(CommandList::kForever);
    CHECK(waited.status().code() == Code::kUnavailable);
    CHECK(std::strstr(waited.status().message(), "found a lost device") != nullptr);
    const uint64_t calls = shim.calls();
    CHECK((*list)->Submit().code() == Code::kUnavailable);
    CHECK((*list)->Wait(0).status().code() == Code::kUnavailable);
    CHECK(device->Grow(**x, 2 * kBytes).code() == Code::kUnavailable);
    CHECK(device->Allocate(0, MemoryKind::kDevice).status().code() == Code::kUnavailable);
    char byte = 0;
    CHECK(device->Read(**x, 0, &byte, 1).code() == Code::kUnavailable);
    CHECK(device->FindPipeline(ScaleAdd(1)).status().code() == Code::kUnavailable);
    CHECK(device->CreateCommandList({}).status().code() == Code::kUnavailable);
    CHECK(shim.calls() == calls);
  }
  CHECK(shim.live_objects() == 0);
  shim.arm(0, 0);
}

}  // namespace stint::vulkan
