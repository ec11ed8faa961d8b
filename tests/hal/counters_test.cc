// What a device counts, and how long it says that commands took.
#include <cmath>

#include "runtime/ops/map.h"
#include "tests/hal/workload.h"

namespace stint::testing {

namespace {

// Three calls, one after the other.
size_t AddThree(Workload& work) {
  MapAttributes negate;
  negate.program = UnaryProgram(MapOpcode::kNeg, DType::kFloat32, DType::kFloat32);
  size_t last = work.Input(Floats({6, 7}, 1));
  for (int i = 0; i < 3; ++i) last = work.Add(kMapOp, negate, {last});
  return last;
}

TEST_CASE("Bytes that Write and Read moved are counted", "[counters]") {
  const auto device = OpenDevice();
  const auto buffer = Take(device->Allocate(1000, MemoryKind::kDevice));
  std::vector<uint8_t> bytes(1000);
  const DeviceCounters before = device->counters();
  Require(device->Write(*buffer, 0, bytes.data(), 1000));
  Require(device->Write(*buffer, 10, bytes.data(), 3));
  Require(device->Read(*buffer, 500, bytes.data(), 77));
  const DeviceCounters after = device->counters();
  CHECK(after.written_bytes - before.written_bytes == 1003);
  CHECK(after.read_bytes - before.read_bytes == 77);
  CHECK(device->Write(*buffer, buffer->bytes(), bytes.data(), 1).code() == Code::kInvalid);
  CHECK(device->counters().written_bytes == after.written_bytes);
}

TEST_CASE("Allocations of device memory are counted", "[counters]") {
  const auto device = OpenDevice();
  for (const MemoryKind kind : kMemoryKinds) {
    const uint64_t before = device->counters().allocations;
    const auto buffer = Take(device->Allocate(100, kind));
    const uint64_t allocated = device->counters().allocations;
    CHECK(allocated > before);
    Require(device->Grow(*buffer, 100 * buffer->bytes()));
    CHECK(device->counters().allocations > allocated);
  }
}

TEST_CASE("Commands are recorded once and executed at each submission", "[counters]") {
  const auto device = OpenDevice();
  Workload work(*device);
  AddThree(work);
  work.Prepare();
  const DeviceCounters start = device->counters();
  const auto list = work.Record();
  Require(list->Run());
  const DeviceCounters first = device->counters();
  const uint64_t commands = first.dispatches - start.dispatches;
  CHECK(commands >= 3);
  CHECK(first.recorded - start.recorded >= commands);
  CHECK(first.submissions == start.submissions + 1);
  for (uint64_t i = 1; i <= 3; ++i) {
    Require(list->Run());
    const DeviceCounters now = device->counters();
    CHECK(now.recorded == first.recorded);
    CHECK(now.dispatches == first.dispatches + i * commands);
    CHECK(now.submissions == first.submissions + i);
    CHECK(now.allocations == first.allocations);
    CHECK(now.pipelines_compiled == first.pipelines_compiled);
    CHECK(now.written_bytes == first.written_bytes);
    CHECK(now.read_bytes == first.read_bytes);
  }
}

TEST_CASE("Submitting again allocates no device memory", "[counters]") {
  const auto device = OpenDevice();
  Workload work(*device);
  AddThree(work);
  work.Prepare();
  const auto list = work.Record();
  Require(list->Run());
  const uint64_t allocations = device->counters().allocations;
  for (int i = 0; i < 3; ++i) Require(list->Run());
  CHECK(device->counters().allocations == allocations);
}

TEST_CASE("A pipeline that is there is not made again", "[counters]") {
  const auto device = OpenDevice();
  Workload one(*device);
  Workload two(*device);
  AddThree(one);
  AddThree(two);
  one.Prepare();
  const DeviceCounters first = device->counters();
  two.Prepare();
  const DeviceCounters second = device->counters();
  CHECK(second.pipelines_compiled == first.pipelines_compiled);
  if (first.pipelines_compiled > 0) CHECK(second.pipeline_hits > first.pipeline_hits);
}

TEST_CASE("Each command of a timed list has a time", "[counters]") {
  const auto device = OpenDevice();
  if (!device->info().timestamps) return;
  Workload work(*device);
  AddThree(work);
  work.Prepare();
  const auto list = work.Record(true);
  const uint64_t before = device->counters().dispatches;
  for (int i = 0; i < 2; ++i) {
    Require(list->Run());
    const uint64_t executed = device->counters().dispatches - before;
    std::vector<double> seconds(executed / static_cast<uint64_t>(i + 1), -1);
    Require(list->ReadTimes(seconds));
    for (const double time : seconds) {
      CHECK(std::isfinite(time));
      CHECK(time >= 0);
      CHECK(time < 60);
    }
  }
}

TEST_CASE("A list that is not timed has no times", "[counters]") {
  const auto device = OpenDevice();
  Workload work(*device);
  AddThree(work);
  work.Prepare();
  const auto list = work.Record();
  Require(list->Run());
  std::vector<double> seconds(3, -1);
  CHECK(list->ReadTimes(seconds).code() == Code::kInvalid);
  CHECK(seconds == std::vector<double>(3, -1));
}

TEST_CASE("Times are those of all commands or there are none", "[counters]") {
  const auto device = OpenDevice();
  if (!device->info().timestamps) return;
  Workload work(*device);
  AddThree(work);
  work.Prepare();
  const auto list = work.Record(true);
  Require(list->Run());
  for (const size_t count : {0, 100}) {
    std::vector<double> seconds(count, -1);
    CHECK(list->ReadTimes(seconds).code() == Code::kInvalid);
    CHECK(seconds == std::vector<double>(count, -1));
  }
  Require(list->Run());
}

TEST_CASE("Computes the same when commands are timed", "[counters]") {
  const auto device = OpenDevice();
  if (!device->info().timestamps) return;
  Workload work(*device);
  const size_t y = AddThree(work);
  work.Prepare();
  const auto list = work.Record(true);
  Require(list->Run());
  work.Check(y);
}

}  // namespace

}  // namespace stint::testing
