// What the rows of Reduce share: a workgroup computes a result where there are many terms, an
// invocation where there are few, or neighbouring results lie beside each other.
#ifndef STINT_BACKENDS_GPU_ROWS_REDUCE_CALL_H_
#define STINT_BACKENDS_GPU_ROWS_REDUCE_CALL_H_

#include "backends/gpu/rows/axes.h"
#include "backends/gpu/rows/dispatch.h"
#include "runtime/ops/reduce.h"

namespace stint::gpu {

inline constexpr uint32_t kReduceInvocations = 64;

struct ReduceCall {
  Axes kept;     // Strides of x and y.
  Axes reduced;  // Strides of x.
  int64_t results = 1;
  int64_t terms = 1;

  // How many invocations compute a result: 1 or kReduceInvocations.
  uint32_t lanes() const;
};

ReduceCall MakeReduceCall(const KernelCall& call);
bool ReducesToPositions(const KernelCall& call);
// The words of kernels/reduce.glsl, and the workgroups.
DispatchPlan PlanOf(const ReduceCall& reduce);

}  // namespace stint::gpu

#endif  // STINT_BACKENDS_GPU_ROWS_REDUCE_CALL_H_
