// Reductions as other operators need them: along given axes, which keep extent 1.
#ifndef STINT_TOOLS_COMPILER_IMPORT_ONNX_REDUCE_AXES_H_
#define STINT_TOOLS_COMPILER_IMPORT_ONNX_REDUCE_AXES_H_

#include <vector>

#include "runtime/ops/reduce.h"
#include "tools/compiler/import/onnx/terms.h"

namespace stint::compiler {

// Computes before each element is combined, and of the result. Null: nothing.
struct ReduceFormulas {
  Formula before;  // Input 0: the element; then the views of `beside`.
  Formula after;   // Input 0: the result; then the views of `beside`.
  std::vector<View> beside;
};

// `x` combined along `axes` (expressions when the graph computes them), which keep extent 1. The
// result has x's dtype, or int64 for arg kinds.
Result<View> ReduceAxes(Builder& build, ReduceKind kind, const View& x,
                        const std::vector<Dim>& axes, const ReduceFormulas& formulas = {});

// The mean along axes and the mean of the squared distances from it.
struct Moments {
  View mean;
  View variance;
};
Result<Moments> MomentsAlong(Builder& build, const View& x, const std::vector<Dim>& axes);

// first, first + 1, ... below last.
std::vector<Dim> DimRange(int first, int last);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_IMPORT_ONNX_REDUCE_AXES_H_
