// Walking the coordinates of a small tensor in row-major order.
#ifndef STINT_TOOLS_COMPILER_GRAPH_COORDINATES_H_
#define STINT_TOOLS_COMPILER_GRAPH_COORDINATES_H_

#include <cstdint>
#include <vector>

namespace stint::compiler {

// Steps `coordinate` to the next one; after the last it is all zeros again.
inline void NextCoordinate(const std::vector<int64_t>& extents, std::vector<int64_t>& coordinate) {
  for (size_t axis = extents.size(); axis-- > 0;) {
    if (++coordinate[axis] < extents[axis]) return;
    coordinate[axis] = 0;
  }
}

// The sum of coordinate * stride: row-major positions with row-major strides.
inline int64_t Position(const std::vector<int64_t>& coordinate,
                        const std::vector<int64_t>& strides) {
  int64_t position = 0;
  for (size_t axis = 0; axis < coordinate.size(); ++axis) {
    position += coordinate[axis] * strides[axis];
  }
  return position;
}

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_GRAPH_COORDINATES_H_
