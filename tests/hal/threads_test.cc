// Several threads on one device, as sessions that share it are. Each thread has its own buffers and
// lists. The cases assert when the threads are done.
#include <atomic>
#include <thread>

#include "runtime/ops/map.h"
#include "runtime/ops/softmax.h"
#include "tests/hal/workload.h"

namespace stint::testing {

namespace {

constexpr int kRuns = 20;

// softmax(-x)
size_t AddTwoOps(Workload& work, uint32_t seed) {
  MapAttributes negate;
  negate.program = UnaryProgram(MapOpcode::kNeg, DType::kFloat32, DType::kFloat32);
  SoftmaxAttributes softmax;
  softmax.axis = 1;
  return work.Add(kSoftmaxOp, softmax,
                  {work.Add(kMapOp, negate, {work.Input(Floats({40, 17}, seed))})});
}

Status RunOften(CommandList& list) {
  for (int i = 0; i < kRuns; ++i) STINT_TRY(list.Run());
  return {};
}

// Buffers come, are filled, read and go.
Status MoveBytes(Device& device, uint32_t seed, bool* same) {
  for (uint32_t i = 0; i < kRuns; ++i) {
    const std::vector<uint8_t> bytes = Bytes(1000 + i, seed + i);
    std::vector<uint8_t> found(bytes.size());
    STINT_ASSIGN(const auto buffer, device.Allocate(bytes.size(), kMemoryKinds[i % 2]));
    STINT_TRY(device.Write(*buffer, 0, bytes.data(), bytes.size()));
    STINT_TRY(device.Read(*buffer, 0, found.data(), found.size()));
    *same = *same && found == bytes;
  }
  return {};
}

TEST_CASE("Computes in two threads at once", "[threads]") {
  const auto device = OpenDevice();
  Workload works[2] = {Workload(*device), Workload(*device)};
  size_t results[2];
  std::unique_ptr<CommandList> lists[2];
  for (uint32_t i = 0; i < 2; ++i) {
    results[i] = AddTwoOps(works[i], i);
    works[i].Prepare();
    lists[i] = works[i].Record();
  }
  Status status[2];
  std::thread other([&] { status[1] = RunOften(*lists[1]); });
  status[0] = RunOften(*lists[0]);
  other.join();
  for (int i = 0; i < 2; ++i) {
    Require(status[i]);
    works[i].Check(results[i]);
  }
}

TEST_CASE("Two threads move bytes while a third one reads the counters", "[threads]") {
  const auto device = OpenDevice();
  Status status[2];
  bool same[2] = {true, true};
  std::atomic<bool> done{false};
  std::thread other([&] { status[1] = MoveBytes(*device, 1000, &same[1]); });
  std::thread watcher([&] {
    while (!done) (void)device->counters();
  });
  status[0] = MoveBytes(*device, 1, &same[0]);
  other.join();
  done = true;
  watcher.join();
  for (int i = 0; i < 2; ++i) {
    Require(status[i]);
    CHECK(same[i]);
  }
  CHECK(device->counters().written_bytes >= 2 * kRuns * 1000);
}

}  // namespace

}  // namespace stint::testing
