// Nms: boxes of each class that no better box of the class overlaps. How many there are is known
// when it has run: the result has room for all, and what reads it knows the number from the second
// one.
#ifndef STINT_RUNTIME_OPS_NMS_H_
#define STINT_RUNTIME_OPS_NMS_H_

#include "runtime/ops/attributes.h"

namespace stint {

// Operands, float32: boxes [B, N, 4], scores [B, C, N]. Results: int64 [B * C * min(most, N), 3],
// rows (batch, class, box) ordered by batch, class, descending score, ascending box, rows beyond
// those that there are 0; int64 [], their number. A score must be larger than the threshold; a box
// goes whose intersection with a better one is more than that part of their union. Boxes without
// area overlap nothing; scores that are NaN are below all thresholds.
struct NmsAttributes {
  int64_t centered = 0;  // Boxes are x, y (the centre), width, height; else y, x, y, x of corners.
  DimList most;          // One: boxes of a class, at most; an expression if computed.
  FloatList thresholds;  // Two: the intersection's part of the union; the score.
};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_NMS_H_
