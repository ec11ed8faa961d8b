// Random small calls of any op that its shape function accepts, with dense and strided operands:
// what kernel rows are asked about. They have no data.
#ifndef STINT_TESTS_HAL_RANDOM_CALLS_H_
#define STINT_TESTS_HAL_RANDOM_CALLS_H_

#include <optional>
#include <vector>

#include "runtime/hal/device.h"
#include "tests/fuzz/random_ops.h"

namespace stint::testing {

struct RandomCall {
  const OpInfo* info = nullptr;
  fuzz::RandomOp op;
  std::vector<DeviceTensor> operands;
  std::vector<DeviceTensor> results;

  KernelCall Call() const { return {info, op.attributes.data(), operands, results}; }
};

// Nothing when a number of tries were refused.
std::optional<RandomCall> MakeCall(fuzz::Random& random, const OpInfo& info);

}  // namespace stint::testing

#endif  // STINT_TESTS_HAL_RANDOM_CALLS_H_
