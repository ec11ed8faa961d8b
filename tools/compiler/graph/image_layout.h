// Tensors with a channel axis, [N, C, spatial...], seen in either order of memory: channels first,
// row-major as the axes stand, or channels last, where the channels of a position lie together.
#ifndef STINT_TOOLS_COMPILER_GRAPH_IMAGE_LAYOUT_H_
#define STINT_TOOLS_COMPILER_GRAPH_IMAGE_LAYOUT_H_

#include <cstddef>
#include <vector>

#include "tools/compiler/graph/graph.h"

namespace stint::compiler {

// The axes in the order of memory when channels are last: 0, 2, ..., rank - 1, 1.
std::vector<size_t> ChannelsLastOrder(size_t rank);

template <typename T>
std::vector<T> Permuted(const std::vector<T>& list, const std::vector<size_t>& order) {
  std::vector<T> permuted;
  for (const size_t axis : order) permuted.push_back(list[axis]);
  return permuted;
}

// All of `value`, whose own dims are in the order of channels last, as [N, C, spatial...].
View ChannelsLastView(ValueId value, Function& function);

// Whether the channels of a view of rank 3 or more lie together, and positions follow each other.
// Also true of channels first where that is the same: one channel, or one position.
bool IsChannelsLast(const View& view, SymbolicDims& dims);

// Whether kernels of channels last take the view as their operand or result: as IsChannelsLast, or
// of rank 3 or 4 with gaps of one size between positions and any between images.
bool LiesInPixels(const View& view, SymbolicDims& dims);

// A Map or Copy on the same elements, with the axes of operands, results and attributes in another
// order. Operands of a Map may have fewer axes than its result.
Node PermuteAxes(const Node& node, const std::vector<size_t>& order);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_GRAPH_IMAGE_LAYOUT_H_
