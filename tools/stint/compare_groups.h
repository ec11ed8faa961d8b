// stint profile --compare-groups: what running ops as groups gains.
#ifndef STINT_TOOLS_STINT_COMPARE_GROUPS_H_
#define STINT_TOOLS_STINT_COMPARE_GROUPS_H_

#include <stint/stint.hpp>
#include <string>
#include <vector>

#include "tools/stint/device_choice.h"

namespace stint::cli {

struct CompareOptions {
  int warmup = 0;
  int rounds = 1;
  std::string json;  // Where to; as --json takes it.
};

// Runs `joined`, a timed session, and one without groups in turns, and prints for each group the
// least time of both, and the median over the rounds of the ratio. Gives the exit code.
Result<int> CompareGroups(const api::Plan& plan, const DeviceSet& devices,
                          const DeviceArguments& arguments, const std::vector<api::Tensor>& inputs,
                          api::Session& joined, const CompareOptions& options);

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_COMPARE_GROUPS_H_
