// TopK: the k largest or smallest elements along an axis, sorted, and where they were. Equal
// elements come in the order of their indices, for largest and smallest alike; NaN counts as the
// largest number.
#ifndef STINT_RUNTIME_OPS_TOP_K_H_
#define STINT_RUNTIME_OPS_TOP_K_H_

#include "runtime/ops/attributes.h"

namespace stint {

// Operand: X, any number. Results: values as X, int64 indices; both with extent k on the axis.
struct TopKAttributes {
  int64_t axis = 0;  // From 0.
  DimList k;         // One, at most the axis' extent; an expression if computed.
  int64_t largest = 1;
};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_TOP_K_H_
