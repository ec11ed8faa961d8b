// Where the dispatches of a list need a barrier.
#include "backends/gpu/hazards.h"

#include <catch2/catch.hpp>

namespace stint::gpu {

namespace {

// Addresses tell buffers apart; nobody looks into them.
Buffer* const kA = reinterpret_cast<Buffer*>(0x1000);
Buffer* const kB = reinterpret_cast<Buffer*>(0x2000);

Binding Reads(Buffer* buffer, uint64_t offset, uint64_t bytes) {
  return {buffer, offset, bytes, false};
}
Binding Writes(Buffer* buffer, uint64_t offset, uint64_t bytes) {
  return {buffer, offset, bytes, true};
}
bool Add(HazardTracker& hazards, std::initializer_list<Binding> bindings) {
  return hazards.Add({bindings.begin(), bindings.size()});
}

}  // namespace

TEST_CASE("hazards: readers of one range run at once") {
  HazardTracker hazards;
  CHECK(!Add(hazards, {Reads(kA, 0, 100), Writes(kB, 0, 100)}));
  CHECK(!Add(hazards, {Reads(kA, 0, 100), Writes(kB, 100, 100)}));
}

TEST_CASE("hazards: a write before or after an access needs a barrier") {
  const Binding first = GENERATE(Reads(kA, 0, 100), Writes(kA, 0, 100));
  const Binding second = GENERATE(Reads(kA, 99, 10), Writes(kA, 99, 10), Reads(kA, 100, 10),
                                  Writes(kA, 100, 10), Writes(kB, 0, 100));
  HazardTracker hazards;
  CHECK(!Add(hazards, {first}));
  const bool overlap = second.buffer == kA && second.offset < 100;
  CHECK(Add(hazards, {second}) == (overlap && (first.written || second.written)));
}

TEST_CASE("hazards: a barrier orders all that stands before it") {
  HazardTracker hazards;
  CHECK(!Add(hazards, {Writes(kA, 0, 10)}));
  CHECK(!Add(hazards, {Writes(kA, 10, 10)}));
  CHECK(Add(hazards, {Reads(kA, 0, 10), Writes(kB, 0, 10)}));
  CHECK(!Add(hazards, {Reads(kA, 10, 10), Writes(kB, 10, 10)}));
  CHECK(Add(hazards, {Reads(kB, 0, 10)}));
}

TEST_CASE("hazards: a dispatch is none with itself, nor with absent tensors") {
  HazardTracker hazards;
  CHECK(!Add(hazards, {Reads(kA, 0, 10), Writes(kA, 0, 10), Writes(nullptr, 0, 10)}));
  CHECK(!Add(hazards, {Writes(nullptr, 0, 10), Writes(kA, 5, 0)}));
}

TEST_CASE("hazards: without room a barrier stands in") {
  HazardTracker hazards;
  int barriers = 0;
  for (uint64_t i = 0; i < 1000; ++i) barriers += Add(hazards, {Writes(kA, i, 1)}) ? 1 : 0;
  CHECK(barriers == 3);
  std::vector<Binding> many(300, Reads(kB, 0, 1));
  CHECK(hazards.Add(many));
  CHECK(Add(hazards, {Writes(kB, 0, 1)}));
}

}  // namespace stint::gpu
