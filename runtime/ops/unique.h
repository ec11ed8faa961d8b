// Unique: which slices of a tensor along its first axis are different ones. How many there are is
// known when it has run: results have room for all, and what reads them knows the number from the
// last one. The slices themselves are a Gather of what this finds.
#ifndef STINT_RUNTIME_OPS_UNIQUE_H_
#define STINT_RUNTIME_OPS_UNIQUE_H_

#include "runtime/ops/attributes.h"

namespace stint {

// Operand: X [m, ...], any number. Slices compare lexicographically, row-major; NaNs are equal and
// larger than all numbers. Results, int64: [m], the index of the first slice of each kind; [m], the
// kind of each slice of X; [m], how many slices of each kind there are; [], the number of kinds.
// Elements of the first and third beyond the kinds are 0.
struct UniqueAttributes {
  int64_t sorted = 1;  // Kinds ascend; else they stand in the order in which they are met.
};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_UNIQUE_H_
