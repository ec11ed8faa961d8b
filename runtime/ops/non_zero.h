// NonZero: where a tensor is not zero. How many places there are is known when it has run: results
// have room for all, and what reads them knows the number from the second one.
#ifndef STINT_RUNTIME_OPS_NON_ZERO_H_
#define STINT_RUNTIME_OPS_NON_ZERO_H_

#include "runtime/ops/attributes.h"

namespace stint {

// Operand: X of rank 1 and more, any number; NaN is not zero. Results: int64 coordinates [elements
// of X, rank], a row a place, row-major, rows beyond them 0; int64 [], the number of places.
struct NonZeroAttributes {};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_NON_ZERO_H_
