// int32 sums to quantised values: y = saturate(round_even(float(sum) * (product(scales) / y_scale))
// + y_zero), with the factor computed in f32 (lowering of QLinearConv and QLinearMatMul).
#ifndef STINT_TOOLS_COMPILER_IMPORT_ONNX_REQUANTIZE_H_
#define STINT_TOOLS_COMPILER_IMPORT_ONNX_REQUANTIZE_H_

#include <vector>

#include "tools/compiler/import/onnx/node_context.h"

namespace stint::compiler {

// `scales` broadcast against `sums`; the result has the dtype of `y_zero`.
Result<View> Requantize(NodeContext& node, const View& sums, const std::vector<View>& scales,
                        const View& y_scale, const View& y_zero);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_IMPORT_ONNX_REQUANTIZE_H_
