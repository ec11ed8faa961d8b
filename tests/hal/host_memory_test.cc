// Memory of the host as devices see it: imported, or wrapped where the device works in place.
#include <cstdlib>
#include <cstring>

#include "runtime/ops/map.h"
#include "tests/hal/workload.h"

namespace stint::testing {

namespace {

constexpr size_t kPage = 65536;  // A page, or several, everywhere.

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};
using HostMemory = std::unique_ptr<std::byte, Free>;

HostMemory Pages(size_t count) {
  return HostMemory(static_cast<std::byte*>(std::aligned_alloc(kPage, count * kPage)));
}

MapAttributes Negate() {
  MapAttributes attributes;
  attributes.program = UnaryProgram(MapOpcode::kNeg, DType::kFloat32, DType::kFloat32);
  return attributes;
}

void CopyTo(void* memory, const Tensor& tensor) {
  const std::vector<uint8_t> bytes = tensor.values<uint8_t>();
  std::memcpy(memory, bytes.data(), bytes.size());
}

TEST_CASE("Import gives a buffer or says that it is unsupported", "[host]") {
  const auto device = OpenDevice();
  const HostMemory memory = Pages(2);
  struct Range {
    size_t offset, bytes;
  };
  for (const Range range : {Range{0, kPage}, {0, 2 * kPage}, {0, 100}, {64, 1000}, {3, 5}}) {
    const auto imported = device->Import(memory.get() + range.offset, range.bytes);
    INFO(range.bytes << " bytes at " << range.offset << ": " << TextOf(imported.status()));
    if (imported.ok()) {
      CHECK((*imported)->bytes() >= range.bytes);
    } else {
      CHECK(imported.status().code() == Code::kUnsupported);
    }
  }
}

TEST_CASE("Computes from imported memory", "[host]") {
  const auto device = OpenDevice();
  const HostMemory memory = Pages(1);
  for (const size_t offset : {size_t{0}, size_t{64}, size_t{1028}}) {
    std::memset(memory.get(), 0, kPage);
    auto imported = device->Import(memory.get() + offset, kPage - offset);
    if (imported.status().code() == Code::kUnsupported) continue;
    const auto buffer = Take(std::move(imported));
    const Tensor values = Floats({33, 7}, 1);
    CopyTo(memory.get() + offset, values);
    Workload work(*device);
    const size_t x = work.Input(values);
    const size_t y = work.Add(kMapOp, Negate(), {x});
    work.PlaceIn(x, *buffer);
    work.Prepare();
    const auto list = work.Record();
    Require(list->Run());
    work.Check(y);
  }
  SUCCEED();
}

TEST_CASE("Host memory is wrapped only where kernels work in place", "[host]") {
  const auto device = OpenDevice();
  auto wrapped = device->WrapHost();
  if (!device->info().host_memory) {
    CHECK(wrapped.status().code() == Code::kUnsupported);
    return;
  }
  const auto buffer = Take(std::move(wrapped));
  const HostMemory memory = Pages(1);
  device->SetHost(*buffer, memory.get(), kPage);
  CHECK(buffer->host() == memory.get());
  device->SetHost(*buffer, memory.get() + 64, 100);
  CHECK(buffer->host() == memory.get() + 64);
}

TEST_CASE("Computes in wrapped host memory that changes between runs", "[host]") {
  const auto device = OpenDevice();
  if (!device->info().host_memory) return;
  const auto input = Take(device->WrapHost());
  Workload work(*device);
  const size_t x = work.Input(Floats({9, 5}, 1));
  const size_t y = work.Add(kMapOp, Negate(), {x});
  work.PlaceIn(x, *input);
  work.Prepare();
  const auto list = work.Record();
  const HostMemory memory = Pages(2);
  for (uint32_t i = 0; i < 3; ++i) {
    std::byte* const address = memory.get() + i * kPage / 2 + 4;
    const Tensor values = Floats({9, 5}, 10 + i);
    CopyTo(address, values);
    device->SetHost(*input, address, 9 * 5 * sizeof(float));
    work.Set(x, values);
    Require(list->Run());
    work.Check(y);
  }
}

}  // namespace

}  // namespace stint::testing
