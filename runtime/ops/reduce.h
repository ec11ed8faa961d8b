// Reduce: combines the elements along axes. Sums of narrow floats are taken in float64, in order,
// and rounded once; those of float64 in blocks of 256 that are combined in pairs. The result
// depends on the shape alone.
#ifndef STINT_RUNTIME_OPS_REDUCE_H_
#define STINT_RUNTIME_OPS_REDUCE_H_

#include "runtime/ops/attributes.h"

namespace stint {

enum class ReduceKind : int64_t {
  kSum = 0,
  kMean = 1,
  kProduct = 2,
  kMax = 3,
  kMin = 4,
  kArgMax = 5,  // int64 index of the first (select_last: last) maximum.
  kArgMin = 6,
};

// Operand: X, floats and integers; bool for kMax, kMin and positions, which have one axis. The
// result keeps reduced axes with extent 1; dropping them is a view. Of no elements
// the sum is 0, the product 1, the maximum -inf or the lowest integer, the minimum likewise; the
// mean NaN (integers: 0).
struct ReduceAttributes {
  ReduceKind kind = ReduceKind::kSum;
  // The axes, from 0, or negative from the end; expressions when a graph computes them. Ones that
  // repeat count once. Empty: no axis is reduced.
  DimList axes;
  int64_t select_last = 0;
  MapProgram prologue;
  MapProgram epilogue;
};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_REDUCE_H_
