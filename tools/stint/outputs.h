// What becomes of a run's outputs: files, or a summary for people.
#ifndef STINT_TOOLS_STINT_OUTPUTS_H_
#define STINT_TOOLS_STINT_OUTPUTS_H_

#include <string>
#include <vector>

#include "runtime/ops/tensor.h"
#include "tools/stint/tensor_file.h"

namespace stint::cli {

// File names, without folder, one an output. npy: the output's name with bytes outside
// [A-Za-z0-9._-] as '_', the prefix output_<i> for an empty name or one that starts with '.', and
// _<i> appended while the name is taken. pb: output_<i>.pb.
std::vector<std::string> OutputFileNames(const std::vector<std::string>& names,
                                         TensorFormat format);

// "probs: float32 [1, 10], min -1, max 2.5, mean 0.25, first 0.1 0.2 0.3".
std::string SummaryLine(const std::string& name, const TensorView& tensor);

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_OUTPUTS_H_
