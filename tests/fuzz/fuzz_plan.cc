// Fuzz target of the plan loader, and of everything that a loaded plan reaches: bind and run on the
// CPU device. Any bytes at all may be handed to the loader; the worst that happens is a clear
// error.
//
// Half of the mutations change plans in the terms of their schema (mutate_plan.h), the others flip
// bytes; nearly all get right checksums. What is no plan is replaced by a random one now and then,
// so that the target also starts from an empty corpus.
//
//   cmake --preset asan && cmake --build --preset asan && cd build/asan
//   mkdir seeds corpus && bin/stint-fuzz-seeds seeds
//   bin/stint-fuzz-plan -max_len=4096 -max_total_time=60 corpus seeds
#include <algorithm>
#include <cstring>

#include "runtime/plan/header.h"
#include "tests/fuzz/mutate_plan.h"
#include "tests/fuzz/random_plan.h"
#include "tests/fuzz/run_plan.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace stint::fuzz {

namespace {

constexpr int kAttempts = 50;
// How often what cannot be decoded is replaced: random plans cost far more time than mutations.
constexpr int kFreshPercent = 5;

std::vector<uint8_t> FreshPlan(Random& random) {
  std::vector<uint8_t> file;
  while (file.empty()) {
    file = RandomPlan(random, *AllOps()[random.Below(AllOps().size())], kAttempts);
  }
  return file;
}

std::vector<uint8_t> FlipBytes(Random& random, std::span<const uint8_t> file, size_t max_size) {
  if (random.Chance(5) || file.size() <= kPlanHeaderBytes || max_size <= kPlanHeaderBytes) {
    std::vector<uint8_t> bytes(std::max(max_size, file.size()));
    std::copy(file.begin(), file.end(), bytes.begin());
    bytes.resize(LLVMFuzzerMutate(bytes.data(), file.size(), max_size));
    return bytes;
  }
  const std::span<const uint8_t> metadata = file.subspan(kPlanHeaderBytes);
  std::vector<uint8_t> bytes(std::max(max_size, metadata.size()));
  std::copy(metadata.begin(), metadata.end(), bytes.begin());
  bytes.resize(LLVMFuzzerMutate(bytes.data(), metadata.size(), max_size - kPlanHeaderBytes));
  return WrapMetadata(bytes);
}

std::vector<uint8_t> Mutate(Random& random, std::span<const uint8_t> file, size_t max_size) {
  if (random.Chance(50)) return FlipBytes(random, file, max_size);
  schema::PlanT plan;
  if (!DecodePlan(file, &plan)) {
    return random.Chance(kFreshPercent) ? FreshPlan(random) : FlipBytes(random, file, max_size);
  }
  MutatePlan(random, plan);
  if (random.Chance(50)) RepairPlan(plan);
  return EncodePlan(plan);
}

}  // namespace

}  // namespace stint::fuzz

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned int seed) {
  stint::fuzz::Random random(seed);
  const auto mutated = stint::fuzz::Mutate(random, {data, size}, max_size);
  if (mutated.empty() || mutated.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, mutated.data(), mutated.size());
  return mutated.size();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using stint::Plan;
  const auto plan = Plan::FromMemory({data, size}, stint::fuzz::TinyLimits(), stint::Verify::kAll);
  stint::fuzz::CheckStatus(plan.status());
  if (plan.ok()) stint::fuzz::RunPlan(**plan);
  return 0;
}
