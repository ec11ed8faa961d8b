// Shapes of operands that several families treat alike.
#ifndef STINT_TOOLS_COMPILER_IMPORT_ONNX_OPERANDS_H_
#define STINT_TOOLS_COMPILER_IMPORT_ONNX_OPERANDS_H_

#include <vector>

#include "tools/compiler/import/onnx/node_context.h"

namespace stint::compiler {

// Operand 1 so that it broadcasts to operand 0 as NumPy does. Before opset 7 the attribute `axis`
// says which axis of operand 0 its first axis meets; without it the last axes meet.
Result<View> AlignedSecondOperand(const NodeContext& node);

// kInvalid unless operands [first, last) are there and have one element type.
Status NeedOneType(const NodeContext& node, int first, int last);

// [C] seen as [C, 1, ...] so that it broadcasts along `axis` of a tensor of this rank. Scalars and
// operands of another rank stay as they are.
View AlongAxis(Builder& build, const View& x, int axis, int rank);

// A tensor of one element as a scalar.
Result<View> AsScalar(Builder& build, const View& x);

// The axes from 0, sorted; kInvalid outside the rank or when one repeats.
Result<std::vector<int>> NormalizedAxes(const NodeContext& node, const std::vector<int64_t>& axes,
                                        int rank);

// The type that attribute `name` gives as an ONNX number, `otherwise` without it or for 0.
Result<DType> TypeAttribute(const NodeContext& node, const char* name, DType otherwise);

// The product of dims[first, last).
Dim Product(Builder& build, const std::vector<Dim>& dims, int first, int last);

// `first`, `first` + 1, ... below `last`.
std::vector<int> AxisRange(int first, int last);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_IMPORT_ONNX_OPERANDS_H_
