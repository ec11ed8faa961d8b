#include "tools/stint/golden.h"

#include <set>

#include "runtime/plan/golden.h"

namespace stint::cli {

GoldenSummary SummarizeGolden(const Plan& plan) {
  GoldenSummary summary;
  std::set<uint32_t> of_pairs;
  std::set<uint32_t> of_model;
  for (const PlanFunction& function : plan.functions()) {
    const bool is_pair = &function != &plan.main() && IsGolden(function);
    if (is_pair) ++summary.pairs;
    for (const PlanValue& value : function.values) {
      if (value.constant != kNoIndex) (is_pair ? of_pairs : of_model).insert(value.constant);
    }
  }
  for (const uint32_t constant : of_pairs) {
    if (!of_model.contains(constant)) summary.bytes += plan.constants()[constant].bytes.size();
  }
  return summary;
}

uint64_t WeightsBytes(const Plan& plan) {
  return plan.weights_bytes() - SummarizeGolden(plan).bytes;
}

}  // namespace stint::cli
