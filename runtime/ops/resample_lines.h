// The lines of a Resample's result, any of which may be computed at a time: what the reference
// kernel and the CPU's row have in common.
#ifndef STINT_RUNTIME_OPS_RESAMPLE_LINES_H_
#define STINT_RUNTIME_OPS_RESAMPLE_LINES_H_

#include <cstdint>

#include "runtime/ops/op_table.h"
#include "runtime/ops/resample_taps.h"

namespace stint {

// The tables of all axes. They take no memory where the result has no elements.
struct ResampleTables {
  ResampleTables(const OpTensors& op, Scratch& memory);
  // Computes the tables from the attributes.
  void Fill(const OpTensors& op);

  ResampleTable axes[kMaxRank];
};

// Lines run along the last axis of the result; rank 0 has one.
int64_t ResampleLineCount(const TensorView& y);

// Computes the lines from `begin` to `end`, in the order of their coordinates.
void ResampleLines(const OpTensors& op, const ResampleTables& tables, int64_t begin, int64_t end);

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_RESAMPLE_LINES_H_
