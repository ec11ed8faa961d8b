// What a run is fed with: tensors from files, and seeded ones where no file is given.
#ifndef STINT_TOOLS_STINT_INPUTS_H_
#define STINT_TOOLS_STINT_INPUTS_H_

#include <cstdint>
#include <stint/stint.hpp>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "tools/stint/arguments.h"
#include "tools/stint/command.h"
#include "tools/stint/host_tensor.h"
#include "tools/stint/image_tensor.h"

namespace stint::cli {

struct InputArguments {
  std::vector<std::string> files;
  uint64_t seed = 0;
  ImageArguments images;
};

void AddInputOptions(Command& command, InputArguments& arguments);

// One tensor an input of the plan, absent where the plan's default stands. Files must have the
// declared dtype, rank and extents; pictures are made to fit as their options say. Seeded inputs
// take the extents that `shapes` or the files' symbols fix; an unfixed axis 0 is 1, another one is
// kInvalid and names the flag. Pass empty `shapes` when the compiler has applied them.
Result<std::vector<HostTensor>> MakeInputs(const api::Plan& plan, const InputArguments& arguments,
                                           const Shapes& shapes);

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_INPUTS_H_
