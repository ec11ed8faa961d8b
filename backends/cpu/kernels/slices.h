// Reference kernels on all threads, a slice at a time, for ops that compute each line along one
// axis by itself: the tensors are cut along another axis, into parts that depend on the shape only.
#ifndef STINT_BACKENDS_CPU_KERNELS_SLICES_H_
#define STINT_BACKENDS_CPU_KERNELS_SLICES_H_

#include "backends/cpu/commands.h"

namespace stint::cpu {

// nullptr: there is an axis but `line_axis` to cut along; else why not.
const char* RejectSlices(const KernelCall& call, int line_axis);
// All operands and results of the call have the rank of result 0, and those of `call.op` but
// operands with a shorter axis of the cut have its extent.
Result<std::unique_ptr<PreparedKernel>> PrepareSlices(Device& device, const KernelCall& call,
                                                      int line_axis);
// The error of the first slice that has one.
Status RunSlices(const Execution& execution);

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_KERNELS_SLICES_H_
