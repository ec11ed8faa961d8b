// Random plans that load and bind: chains of random ops over inputs, constants and earlier results.
#ifndef STINT_TESTS_FUZZ_RANDOM_PLAN_H_
#define STINT_TESTS_FUZZ_RANDOM_PLAN_H_

#include <cstdint>
#include <vector>

#include "tests/fuzz/random_ops.h"

namespace stint::fuzz {

// The extent that a run gives to input axes without a fixed one.
inline constexpr int64_t kDynamicExtent = 2;

// The bytes of a plan whose first op is `info`; empty when `attempts` tries gave no such op.
std::vector<uint8_t> RandomPlan(Random& random, const OpInfo& info, int attempts);

}  // namespace stint::fuzz

#endif  // STINT_TESTS_FUZZ_RANDOM_PLAN_H_
