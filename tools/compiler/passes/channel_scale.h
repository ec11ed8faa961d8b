// Maps that scale and shift channels: y = slope[c] * x + offset[c].
#ifndef STINT_TOOLS_COMPILER_PASSES_CHANNEL_SCALE_H_
#define STINT_TOOLS_COMPILER_PASSES_CHANNEL_SCALE_H_

#include <optional>
#include <vector>

#include "tools/compiler/graph/graph.h"

namespace stint::compiler {

struct ChannelScale {
  std::vector<double> slopes;  // One a channel.
  std::vector<double> offsets;
};

// What the Map does to operand `input` of it, when it is such a scale in float32 or float64 with
// constants that vary along `axis` of the result alone; nothing otherwise.
std::optional<ChannelScale> ChannelScaleOf(const Node& map, size_t input, int axis,
                                           Function& function);

// Elements of a float32 or float64 tensor as doubles, and back.
std::vector<double> ToDoubles(DType dtype, const Bytes& bytes);
Bytes FromDoubles(DType dtype, const std::vector<double>& numbers);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_PASSES_CHANNEL_SCALE_H_
