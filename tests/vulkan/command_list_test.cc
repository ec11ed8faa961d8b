// Command lists on a Vulkan device: encoded once, submitted often, right after buffers moved.
#include <catch2/catch.hpp>

#include "tests/vulkan/vulkan_testing.h"

namespace stint::vulkan {

namespace {

constexpr uint32_t kCount = 4096;
constexpr uint64_t kBytes = kCount * sizeof(uint32_t);

// A device with a list and two buffers, the first of them 0, 1, 2, ...
struct Setup {
  explicit Setup(CommandListOptions options) : device(OpenDevice()) {
    x = std::move(*device->Allocate(kBytes, MemoryKind::kDevice));
    y = std::move(*device->Allocate(kBytes, MemoryKind::kDevice));
    list = std::move(*device->CreateCommandList(options));
    pipeline = *device->FindPipeline(ScaleAdd(1));
    Fill();
  }
  void Fill() { REQUIRE(device->Write(*x, 0, Counting(kCount).data(), kBytes).ok()); }
  std::vector<uint32_t> Values(Buffer& buffer) {
    std::vector<uint32_t> values(kCount);
    REQUIRE(device->Read(buffer, 0, values.data(), kBytes).ok());
    return values;
  }

  std::unique_ptr<gpu::GpuDevice> device;
  std::unique_ptr<Buffer> x, y;
  std::unique_ptr<CommandList> list;
  gpu::Pipeline* pipeline = nullptr;
};

std::vector<uint32_t> Scaled(uint32_t factor, uint32_t addend) {
  std::vector<uint32_t> values = Counting(kCount);
  for (uint32_t& value : values) value = value * factor + addend;
  return values;
}

}  // namespace

TEST_CASE("vulkan: dispatches see what those before them wrote") {
  Setup setup({8, false});
  const ScaleAddCall forth(setup.pipeline, setup.x.get(), setup.y.get(), kCount, 2);
  const ScaleAddCall back(setup.pipeline, setup.y.get(), setup.x.get(), kCount, 1);
  for (int i = 0; i < 4; ++i) {
    REQUIRE(AddTo(*setup.list, forth).ok());
    REQUIRE(AddTo(*setup.list, back).ok());
  }
  REQUIRE(setup.list->Run().ok());
  // x -> 2 x + 2, four times.
  CHECK(setup.Values(*setup.x) == Scaled(16, 30));
}

TEST_CASE("vulkan: a list is encoded once") {
  Setup setup({1, false});
  const ScaleAddCall call(setup.pipeline, setup.x.get(), setup.y.get(), kCount, 3);
  REQUIRE(AddTo(*setup.list, call).ok());
  REQUIRE(setup.list->Run().ok());
  const DeviceCounters first = setup.device->counters();
  CHECK(first.recorded >= 1);
  CHECK(first.submissions == 1);
  CHECK(first.dispatches == 1);
  for (int i = 0; i < 3; ++i) REQUIRE(setup.list->Run().ok());
  const DeviceCounters later = setup.device->counters();
  CHECK(later.recorded == first.recorded);
  CHECK(later.allocations == first.allocations);
  CHECK(later.submissions == 4);
  CHECK(later.dispatches == 4);
  CHECK(setup.Values(*setup.y) == Scaled(3, 1));
}

TEST_CASE("vulkan: a list stays valid when its buffers grow") {
  Setup setup({1, false});
  const ScaleAddCall call(setup.pipeline, setup.x.get(), setup.y.get(), kCount, 5);
  REQUIRE(AddTo(*setup.list, call).ok());
  REQUIRE(setup.list->Run().ok());
  const uint64_t recorded = setup.device->counters().recorded;

  // Another buffer's growth is no reason to encode again.
  auto other = setup.device->Allocate(16, MemoryKind::kDevice);
  REQUIRE(setup.device->Grow(**other, 1024).ok());
  REQUIRE(setup.list->Run().ok());
  CHECK(setup.device->counters().recorded == recorded);

  REQUIRE(setup.device->Grow(*setup.x, 4 * kBytes).ok());
  REQUIRE(setup.device->Grow(*setup.y, 2 * kBytes).ok());
  setup.Fill();
  REQUIRE(setup.list->Run().ok());
  CHECK(setup.device->counters().recorded == 2 * recorded);
  CHECK(setup.Values(*setup.y) == Scaled(5, 1));
}

TEST_CASE("vulkan: a list takes more commands after it has run") {
  Setup setup({1, false});
  const ScaleAddCall forth(setup.pipeline, setup.x.get(), setup.y.get(), kCount, 2);
  const ScaleAddCall back(setup.pipeline, setup.y.get(), setup.x.get(), kCount, 1);
  REQUIRE(AddTo(*setup.list, forth).ok());
  REQUIRE(setup.list->Run().ok());
  REQUIRE(AddTo(*setup.list, back).ok());
  REQUIRE(setup.list->Run().ok());
  CHECK(setup.Values(*setup.x) == Scaled(2, 2));
}

TEST_CASE("vulkan: lists in flight at once follow each other") {
  Setup setup({1, false});
  auto second = setup.device->CreateCommandList({1, false});
  REQUIRE(second.ok());
  const ScaleAddCall forth(setup.pipeline, setup.x.get(), setup.y.get(), kCount, 2);
  const ScaleAddCall back(setup.pipeline, setup.y.get(), setup.x.get(), kCount, 1);
  REQUIRE(AddTo(*setup.list, forth).ok());
  REQUIRE(AddTo(**second, back).ok());
  REQUIRE(setup.list->Submit().ok());
  REQUIRE((*second)->Submit().ok());
  CHECK(setup.list->Submit().code() == Code::kInvalid);
  REQUIRE((*second)->Wait(CommandList::kForever).ok());
  REQUIRE(setup.list->Wait(CommandList::kForever).ok());
  CHECK(setup.Values(*setup.x) == Scaled(2, 2));
}

TEST_CASE("vulkan: waiting has a timeout, and nothing to wait for is done") {
  Setup setup({64, false});
  Result<bool> done = setup.list->Wait(0);
  REQUIRE(done.ok());
  CHECK(*done);
  const ScaleAddCall forth(setup.pipeline, setup.x.get(), setup.y.get(), kCount, 2);
  for (int i = 0; i < 64; ++i) REQUIRE(AddTo(*setup.list, forth).ok());
  REQUIRE(setup.list->Submit().ok());
  done = setup.list->Wait(0);
  while (done.ok() && !*done) done = setup.list->Wait(100000);
  REQUIRE(done.ok());
  CHECK(setup.Values(*setup.y) == Scaled(2, 1));
}

TEST_CASE("vulkan: an empty list runs") {
  Setup setup({0, false});
  REQUIRE(setup.list->Run().ok());
}

TEST_CASE("vulkan: absent and empty tensors are bound") {
  Setup setup({2, false});
  auto none = setup.device->Allocate(0, MemoryKind::kDevice);
  const ScaleAddCall empty(setup.pipeline, none->get(), none->get(), 0, 2);
  const ScaleAddCall absent(setup.pipeline, nullptr, nullptr, 0, 2);
  REQUIRE(AddTo(*setup.list, empty).ok());
  REQUIRE(AddTo(*setup.list, absent).ok());
  REQUIRE(setup.list->Run().ok());
}

TEST_CASE("vulkan: wrong dispatches are refused") {
  Setup setup({2, false});
  const ScaleAddCall call(setup.pipeline, setup.x.get(), setup.y.get(), kCount, 2);
  gpu::Dispatch dispatch = call.dispatch();
  auto& list = static_cast<gpu::GpuCommandList&>(*setup.list);
  dispatch.bindings = dispatch.bindings.first(1);
  CHECK(list.Add(dispatch).code() == Code::kInternal);
  dispatch = call.dispatch();
  dispatch.groups[1] = UINT32_MAX;
  CHECK(list.Add(dispatch).code() == Code::kUnsupported);
  // Beyond its buffer: noticed when the buffer's size is known.
  const ScaleAddCall beyond(setup.pipeline, setup.x.get(), setup.y.get(), kCount + 1, 2);
  REQUIRE(AddTo(list, beyond).ok());
  CHECK(list.Submit().code() == Code::kInternal);
}

TEST_CASE("vulkan: a timed list has a time for each dispatch") {
  const bool timestamps = OpenDevice()->info().timestamps;
  if (!timestamps) {
    CHECK(OpenDevice()->CreateCommandList({1, true}).status().code() == Code::kUnsupported);
    return;
  }
  constexpr size_t kDispatches = 150;
  Setup setup({kDispatches, true});
  const ScaleAddCall call(setup.pipeline, setup.x.get(), setup.y.get(), kCount, 2);
  for (size_t i = 0; i < kDispatches; ++i) REQUIRE(AddTo(*setup.list, call).ok());
  std::vector<double> seconds(kDispatches, -1);
  std::vector<double> many(kDispatches + 1, -1);
  CHECK(setup.list->ReadTimes(seconds).code() == Code::kInvalid);
  REQUIRE(setup.list->Run().ok());
  REQUIRE(setup.list->ReadTimes(seconds).ok());
  for (size_t i = 0; i < kDispatches; ++i) {
    CHECK(seconds[i] >= 0);
    CHECK(seconds[i] < 10);
  }
  CHECK(setup.list->ReadTimes(many).code() == Code::kInvalid);
  CHECK(many == std::vector<double>(kDispatches + 1, -1));
}

}  // namespace stint::vulkan
