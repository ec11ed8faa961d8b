// Moves boxes of elements between strided places, by the widest moves that the strides allow.
#ifndef STINT_BACKENDS_CPU_STRIDED_COPY_H_
#define STINT_BACKENDS_CPU_STRIDED_COPY_H_

#include <cstdint>

#include "runtime/ops/tensor.h"

namespace stint::cpu {

// A box of elements, seen from both ends. Strides are in elements.
struct CopyBox {
  int rank = 0;
  int64_t extents[kMaxRank + 2] = {};
  int64_t from_strides[kMaxRank + 2] = {};
  int64_t to_strides[kMaxRank + 2] = {};

  // Drops axes of extent 1 and joins those that are one in both places; then orders the axes so
  // that the last one is dense where it is written and the one before it where it is read, if any
  // are. At least two axes remain. Only for boxes that hold elements.
  void Simplify();
  // The product of all axes but the last two, and the rows of these.
  int64_t planes() const;
  int64_t rows() const { return extents[rank - 2]; }
};

// Copies rows [row, row_end) of plane `plane` of a simplified box. `bytes` is 1, 2, 4, 8 or 16.
void CopyPlane(const CopyBox& box, const void* from, void* to, int64_t bytes, int64_t plane,
               int64_t row, int64_t row_end);

// Fills `count` elements, `stride` apart.
void FillElements(const void* element, void* to, int64_t bytes, int64_t stride, int64_t count);

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_STRIDED_COPY_H_
