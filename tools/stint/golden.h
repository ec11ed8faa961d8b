// The golden pairs of a plan, and how much of it they are.
#ifndef STINT_TOOLS_STINT_GOLDEN_H_
#define STINT_TOOLS_STINT_GOLDEN_H_

#include <cstddef>
#include <cstdint>

#include "runtime/plan/plan.h"

namespace stint::cli {

struct GoldenSummary {
  size_t pairs = 0;
  uint64_t bytes = 0;  // Of constants that only pairs refer to.
};

GoldenSummary SummarizeGolden(const Plan& plan);

// Bytes of constants, without those of golden pairs.
uint64_t WeightsBytes(const Plan& plan);

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_GOLDEN_H_
