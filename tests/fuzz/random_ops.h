// Random ops that fit together: attributes by the field table, operands by trying, until the op's
// own shape function accepts. Nothing here names an op, so that new ones are covered at once.
#ifndef STINT_TESTS_FUZZ_RANDOM_OPS_H_
#define STINT_TESTS_FUZZ_RANDOM_OPS_H_

#include <optional>
#include <vector>

#include "tests/fuzz/random.h"
#include "tools/compiler/emit/plan_writer.h"

namespace stint::fuzz {

struct RandomOp {
  compiler::Attributes attributes;
  std::vector<TensorShape> operands;  // Integers.
  std::vector<TensorShape> results;
};

// A program of a few instructions that VerifyMap accepts, from `inputs` inputs of `dtype` to one
// output of `dtype`.
MapProgram RandomProgram(Random& random, DType dtype, int inputs);

// Sets a field to something that is often sensible for tensors of rank `rank` and type `dtype`.
void RandomizeField(Random& random, const Field& field, int rank, DType dtype, void* attributes);

// Nothing when `attempts` tries were refused.
std::optional<RandomOp> MakeOp(Random& random, const OpInfo& info, int attempts);

}  // namespace stint::fuzz

#endif  // STINT_TESTS_FUZZ_RANDOM_OPS_H_
