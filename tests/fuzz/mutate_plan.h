// The structure-aware half of the plan mutator: changes plans in the terms of their schema and of
// the ops' field tables, and gives them right checksums.
//
// It works on FlatBuffers' object API, which can hold what the plan writer cannot: wrong counts,
// fields twice, unknown ids.
#ifndef STINT_TESTS_FUZZ_MUTATE_PLAN_H_
#define STINT_TESTS_FUZZ_MUTATE_PLAN_H_

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/plan/schema.h"
#include "tests/fuzz/random.h"

namespace stint::fuzz {

// The metadata of a plan whose header and FlatBuffers data are sound; false otherwise.
bool DecodePlan(std::span<const uint8_t> file, schema::PlanT* plan);

// A plan without blobs, under right checksums.
std::vector<uint8_t> EncodePlan(const schema::PlanT& plan);

// `metadata` as a plan without blobs, under right checksums.
std::vector<uint8_t> WrapMetadata(std::span<const uint8_t> metadata);

// Changes a plan in a few places.
void MutatePlan(Random& random, schema::PlanT& plan);

// Makes region sizes, content hashes and, where the plan loads, the extents of results agree with
// the ops again, so that a change elsewhere is seen by kernels.
void RepairPlan(schema::PlanT& plan);

// Changes one op of `function` (mutate_op.cc).
void MutateOp(Random& random, const schema::FunctionT& function, schema::OpT& op);

// A number near a border, or a small one.
int64_t InterestingInteger(Random& random);
// An index into a list of `size`, mostly in range.
uint32_t InterestingIndex(Random& random, size_t size);
// A constant, or an expression of a function.
int64_t InterestingDim(Random& random, size_t expressions);

}  // namespace stint::fuzz

#endif  // STINT_TESTS_FUZZ_MUTATE_PLAN_H_
