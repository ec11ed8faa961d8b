// The memory planner: blocks that live together never overlap, and the arena stays near the bound.
#include <catch2/catch.hpp>
#include <random>
#include <vector>

#include "runtime/memory/planner.h"

namespace stint {

namespace {

constexpr uint64_t kNoLimit = UINT64_MAX;

bool Overlap(const MemoryBlock& a, const MemoryBlock& b) {
  const bool together = a.first_use <= b.last_use && b.first_use <= a.last_use;
  return together && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
}

// The first broken promise of a plan, or nothing.
std::string Check(const std::vector<MemoryBlock>& blocks, uint64_t arena) {
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (blocks[i].offset % kBlockAlignment != 0) return "unaligned";
    if (blocks[i].offset + blocks[i].bytes > arena) return "outside of the arena";
    for (size_t j = 0; j < i; ++j) {
      if (Overlap(blocks[i], blocks[j])) return "overlap";
    }
  }
  return "";
}

// The largest sum over steps, counted the slow way.
uint64_t SlowBound(const std::vector<MemoryBlock>& blocks, uint32_t steps) {
  uint64_t largest = 0;
  for (uint32_t step = 0; step < steps; ++step) {
    uint64_t live = 0;
    for (const MemoryBlock& block : blocks) {
      if (block.first_use <= step && step <= block.last_use) live += block.bytes;
    }
    largest = std::max(largest, live);
  }
  return largest;
}

TEST_CASE("Random plans keep live blocks apart and are the same twice", "[memory]") {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    const auto steps = static_cast<uint32_t>(1 + random() % 60);
    std::vector<MemoryBlock> blocks(random() % 80);
    for (MemoryBlock& block : blocks) {
      block.first_use = static_cast<uint32_t>(random() % steps);
      block.last_use = std::min<uint32_t>(block.first_use + random() % 8, steps - 1);
      block.bytes = random() % 10 == 0 ? 0 : random() % 100000;
    }
    std::vector<MemoryBlock> again = blocks;
    const auto arena = PlanMemory(blocks, kNoLimit);
    REQUIRE(arena.ok());
    REQUIRE(Check(blocks, *arena) == "");
    const auto bound = LiveSetBytes(blocks);
    REQUIRE(bound.ok());
    REQUIRE(*bound == SlowBound(blocks, steps));
    REQUIRE(*arena >= *bound);
    const auto second = PlanMemory(again, kNoLimit);
    REQUIRE(*second == *arena);
    for (size_t i = 0; i < blocks.size(); ++i) REQUIRE(again[i].offset == blocks[i].offset);
  }
}

TEST_CASE("A chain of tensors needs two at a time", "[memory]") {
  std::vector<MemoryBlock> blocks;
  for (uint32_t i = 0; i < 50; ++i) blocks.push_back({1000 * 64, i, i + 1, 0});
  const auto arena = PlanMemory(blocks, kNoLimit);
  REQUIRE(arena.ok());
  CHECK(*arena == 2 * 1000 * 64);
}

TEST_CASE("A network with long branches stays within 1.25 of the bound", "[memory]") {
  // Each stage: three tensors in a row, the first of which lives to the stage's end.
  std::vector<MemoryBlock> blocks;
  uint64_t bytes = 800000;
  for (uint32_t stage = 0; stage < 16; ++stage) {
    const uint32_t step = stage * 3;
    blocks.push_back({bytes, step, step + 3, 0});
    blocks.push_back({bytes * 3, step + 1, step + 2, 0});
    blocks.push_back({bytes * 3 / 2, step + 2, step + 3, 0});
    if (stage % 4 == 3) bytes /= 2;
  }
  const auto arena = PlanMemory(blocks, kNoLimit);
  const auto bound = LiveSetBytes(blocks);
  REQUIRE(arena.ok());
  REQUIRE(bound.ok());
  CHECK(static_cast<double>(*arena) <= 1.25 * static_cast<double>(*bound));
}

TEST_CASE("Nothing to place, too much to place, and sums beyond 64 bits", "[memory]") {
  std::vector<MemoryBlock> none;
  CHECK(*PlanMemory(none, 0) == 0);
  std::vector<MemoryBlock> empty = {{0, 0, 5, 99}};
  CHECK(*PlanMemory(empty, 0) == 0);
  CHECK(empty[0].offset == 0);
  std::vector<MemoryBlock> two = {{100, 0, 1, 0}, {100, 1, 2, 0}};
  CHECK(PlanMemory(two, 255).status().code() == Code::kLimit);
  CHECK(*PlanMemory(two, 256) == 256);
  std::vector<MemoryBlock> huge = {{UINT64_MAX - 200, 0, 1, 0}, {UINT64_MAX - 200, 1, 1, 0}};
  CHECK(PlanMemory(huge, kNoLimit).status().code() == Code::kLimit);
  std::vector<MemoryBlock> backwards = {{1, 3, 2, 0}};
  CHECK(PlanMemory(backwards, kNoLimit).status().code() == Code::kInternal);
}

}  // namespace

}  // namespace stint
