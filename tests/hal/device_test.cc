// What a device says of itself, and that devices do not know of each other.
#include <cmath>
#include <cstring>

#include "runtime/ops/map.h"
#include "tests/hal/workload.h"

namespace stint::testing {

namespace {

MapAttributes Negate() {
  MapAttributes attributes;
  attributes.program = UnaryProgram(MapOpcode::kNeg, DType::kFloat32, DType::kFloat32);
  return attributes;
}

TEST_CASE("Info names the device and states limits that make sense", "[device]") {
  const auto device = OpenDevice();
  const DeviceInfo& info = device->info();
  const std::string name = info.name;
  CHECK(name.size() > 0);
  CHECK(BackendName() == name);
  CHECK(std::strlen(info.description) > 0);
  CHECK(info.threads >= 0);
  CHECK(info.max_bindings >= 4);
  CHECK(info.max_binding_bytes >= 1 << 20);
  CHECK(info.binding_alignment > 0);
  CHECK((info.binding_alignment & (info.binding_alignment - 1)) == 0);
  CHECK(info.max_group_invocations > 0);
  CHECK(info.max_group_bytes > 0);
  CHECK((info.features & ~uint32_t{kFeatureStorage16 | kFeatureStorage8}) == 0);
  CHECK((std::isfinite(info.operations_per_second) && info.operations_per_second > 0));
  CHECK((std::isfinite(info.bytes_per_second) && info.bytes_per_second > 0));
}

TEST_CASE("A device that is not there is unavailable", "[device]") {
  CHECK(CreateDevice(BackendName() + ":9999", {}).status().code() == Code::kUnavailable);
}

TEST_CASE("A device comes and goes without being used", "[device]") {
  for (int i = 0; i < 3; ++i) OpenDevice();
}

TEST_CASE("Two devices of a backend live side by side", "[device]") {
  auto first = OpenDevice();
  const auto second = OpenDevice();
  const auto a = Take(first->Allocate(100, MemoryKind::kDevice));
  const auto b = Take(second->Allocate(100, MemoryKind::kDevice));
  const std::vector<uint8_t> ones = Bytes(100, 1);
  const std::vector<uint8_t> twos = Bytes(100, 2);
  Require(first->Write(*a, 0, ones.data(), 100));
  const uint64_t written = first->counters().written_bytes;
  Require(second->Write(*b, 0, twos.data(), 100));
  CheckSame(ReadAll(*first, *a), ones);
  CheckSame(ReadAll(*second, *b), twos);
  CHECK(first->counters().written_bytes == written);
}

TEST_CASE("A device outlives another of its backend", "[device]") {
  const auto kept = OpenDevice();
  const auto buffer = Take(kept->Allocate(64, MemoryKind::kDevice));
  OpenDevice();
  const std::vector<uint8_t> bytes = Bytes(64, 3);
  Require(kept->Write(*buffer, 0, bytes.data(), 64));
  CheckSame(ReadAll(*kept, *buffer), bytes);
}

TEST_CASE("Computes on two devices in turn", "[device]") {
  const auto first = OpenDevice();
  const auto second = OpenDevice();
  Workload one(*first);
  Workload two(*second);
  const size_t x = one.Input(Floats({7, 9}, 1));
  const size_t y = one.Add(kMapOp, Negate(), {x});
  const size_t v = two.Input(Floats({5}, 2));
  const size_t w = two.Add(kMapOp, Negate(), {v});
  one.Prepare();
  two.Prepare();
  const auto list_one = one.Record();
  const auto list_two = two.Record();
  for (int i = 0; i < 2; ++i) {
    Require(list_one->Submit());
    Require(list_two->Submit());
    CHECK(Take(list_one->Wait(CommandList::kForever)));
    CHECK(Take(list_two->Wait(CommandList::kForever)));
  }
  one.Check(y);
  two.Check(w);
}

}  // namespace

}  // namespace stint::testing
