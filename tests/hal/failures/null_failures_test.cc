// Failures on demand: what uses a device through the HAL alone gets a clean error at whichever call
// the null device fails, and everything is destructible afterwards. Run with AddressSanitizer, this
// is also a test that nothing is lost or freed twice.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "backends/null/device.h"

namespace stint::null {

namespace {

using Buffers = std::vector<std::unique_ptr<Buffer>>;

constexpr uint64_t kBytes = 256;

Status MakeBuffers(Device& device, const std::vector<std::byte>& memory, Buffers* buffers) {
  for (const MemoryKind kind : {MemoryKind::kDevice, MemoryKind::kShared}) {
    STINT_ASSIGN(auto buffer, device.Allocate(kBytes, kind));
    buffers->push_back(std::move(buffer));
  }
  if (!device.info().host_memory) return {};
  STINT_ASSIGN(auto imported, device.Import(memory.data(), memory.size()));
  buffers->push_back(std::move(imported));
  STINT_ASSIGN(auto wrapped, device.WrapHost());
  buffers->push_back(std::move(wrapped));
  return {};
}

// Two calls on two buffers.
Status RecordCalls(Device& device, const Buffers& buffers, CommandList& list,
                   std::vector<std::unique_ptr<PreparedKernel>>* kernels) {
  DeviceTensor tensors[2];
  tensors[0].buffer = buffers[0].get();
  tensors[1].buffer = buffers[1].get();
  for (const Kernel& row : device.kernels().first(2)) {
    const KernelCall call = {FindOp(row.op), nullptr, {&tensors[0], 1}, {&tensors[1], 1}};
    STINT_ASSIGN(auto kernel, row.prepare(device, call));
    kernels->push_back(std::move(kernel));
    STINT_TRY(row.record(list, *kernels->back(), call, {}));
  }
  return {};
}

Status RunList(CommandList& list) {
  STINT_TRY(list.Submit());
  STINT_TRY(list.Wait(CommandList::kForever).TakeStatus());
  double seconds[2];
  return list.ReadTimes(seconds);
}

// Every function of the HAL that can fail, as a session would use them.
Status UseDevice(Device& device) {
  std::vector<std::byte> memory(kBytes);
  Buffers buffers;
  std::vector<std::unique_ptr<PreparedKernel>> kernels;
  STINT_TRY(MakeBuffers(device, memory, &buffers));
  STINT_ASSIGN(auto list, device.CreateCommandList({.capacity = 2, .timed = true}));
  STINT_TRY(RecordCalls(device, buffers, *list, &kernels));
  for (int i = 0; i < 2; ++i) {
    STINT_TRY(device.Write(*buffers[0], 0, memory.data(), memory.size()));
    STINT_TRY(RunList(*list));
    STINT_TRY(device.Read(*buffers[1], 0, memory.data(), memory.size()));
    STINT_TRY(device.Grow(*buffers[0], 4 * kBytes));
  }
  return {};
}

std::unique_ptr<NullDevice> Open(const NullOptions& options) {
  auto device = NullDevice::Create(options);
  REQUIRE(device.ok());
  return std::move(*device);
}

// How many calls UseDevice makes.
uint64_t CountCalls(bool host_memory) {
  const auto device = Open({.host_memory = host_memory});
  REQUIRE(UseDevice(*device).ok());
  return device->calls();
}

TEST_CASE("Whichever call loses the device, the error is clean and all later calls fail",
          "[null]") {
  for (const bool host_memory : {true, false}) {
    const uint64_t calls = CountCalls(host_memory);
    CHECK(calls >= 15);
    for (uint64_t k = 1; k <= calls; ++k) {
      const auto device = Open({.host_memory = host_memory, .failure = {.call = k}});
      const Status status = UseDevice(*device);
      INFO("call " << k << " of " << calls);
      CHECK(status.code() == Code::kUnavailable);
      CHECK(device->calls() == k);
      CHECK(device->Allocate(1, MemoryKind::kDevice).status().code() == Code::kUnavailable);
      CHECK(device->CreateCommandList({}).status().code() == Code::kUnavailable);
    }
  }
}

TEST_CASE("Whichever call finds no memory, the device is as good as before", "[null]") {
  for (const bool host_memory : {true, false}) {
    const auto device = Open({.host_memory = host_memory});
    const uint64_t calls = CountCalls(host_memory);
    for (uint64_t k = 1; k <= calls; ++k) {
      device->ArmFailure({.call = k, .code = Code::kLimit});
      INFO("call " << k << " of " << calls);
      CHECK(UseDevice(*device).code() == Code::kLimit);
      CHECK(device->calls() == k);
      CHECK(UseDevice(*device).ok());
    }
  }
}

TEST_CASE("A failure beyond the last call does not happen", "[null]") {
  const uint64_t calls = CountCalls(true);
  const auto device = Open({.failure = {.call = calls + 1}});
  CHECK(UseDevice(*device).ok());
  CHECK(device->calls() == calls);
  CHECK(UseDevice(*device).code() == Code::kUnavailable);
}

TEST_CASE("Each function of the HAL fails where it is told to", "[null]") {
  for (auto function = static_cast<int>(HalCall::kAllocate);
       function <= static_cast<int>(HalCall::kReadTimes); ++function) {
    Failure failure = {.call = 1, .code = Code::kInternal};
    failure.function = static_cast<HalCall>(function);
    const auto device = Open({.failure = failure});
    INFO("function " << function);
    CHECK(UseDevice(*device).code() == Code::kInternal);
    CHECK(device->calls() == 1);
    CHECK(UseDevice(*device).ok());
  }
}

TEST_CASE("Objects of a failed call are as before", "[null]") {
  const auto device = Open({});
  auto buffer = device->Allocate(8, MemoryKind::kDevice);
  REQUIRE(buffer.ok());
  const uint64_t content = 0x0123456789abcdef;
  REQUIRE(device->Write(**buffer, 0, &content, 8).ok());
  const DeviceCounters before = device->counters();
  const uint64_t other = 1;
  uint64_t found = 2;
  device->ArmFailure({.call = 1, .code = Code::kLimit});
  CHECK(device->Grow(**buffer, 100).code() == Code::kLimit);
  device->ArmFailure({.call = 1, .code = Code::kLimit});
  CHECK(device->Write(**buffer, 0, &other, 8).code() == Code::kLimit);
  device->ArmFailure({.call = 1, .code = Code::kLimit});
  CHECK(device->Read(**buffer, 0, &found, 8).code() == Code::kLimit);
  CHECK(found == 2);
  CHECK(device->counters().written_bytes == before.written_bytes);
  CHECK(device->counters().allocations == before.allocations);
  CHECK((*buffer)->bytes() == 8);
  REQUIRE(device->Read(**buffer, 0, &found, 8).ok());
  CHECK(found == content);
}

TEST_CASE("Memory is given up to the limit that was set", "[null]") {
  const auto device = Open({.memory_bytes = 100});
  CHECK(device->Allocate(101, MemoryKind::kDevice).status().code() == Code::kLimit);
  auto buffer = device->Allocate(100, MemoryKind::kDevice);
  REQUIRE(buffer.ok());
  CHECK(device->Grow(**buffer, 101).code() == Code::kLimit);
  CHECK((*buffer)->bytes() == 100);
}

TEST_CASE("Without host memory the host sees what is shared alone", "[null]") {
  const auto device = Open({.host_memory = false});
  auto hidden = device->Allocate(8, MemoryKind::kDevice);
  auto shared = device->Allocate(8, MemoryKind::kShared);
  REQUIRE((hidden.ok() && shared.ok()));
  CHECK((*hidden)->host() == nullptr);
  CHECK((*shared)->host() != nullptr);
  const int here = 0;
  CHECK(device->Import(&here, sizeof(here)).status().code() == Code::kUnsupported);
  CHECK(device->WrapHost().status().code() == Code::kUnsupported);
}

TEST_CASE("Every op but one is refused", "[null]") {
  const auto device = Open({.only_op = static_cast<uint16_t>(OpKind::kSoftmax)});
  REQUIRE(device->kernels().size() == 1);
  CHECK(device->kernels()[0].op == OpKind::kSoftmax);
  CHECK(Open({})->kernels().size() == AllOps().size());
  CHECK(Open({.only_op = 999})->kernels().empty());
}

}  // namespace

}  // namespace stint::null
