// What Conv, ConvTranspose and the pools share: windows that slide over spatial axes.
#ifndef STINT_TOOLS_COMPILER_IMPORT_ONNX_WINDOWS_H_
#define STINT_TOOLS_COMPILER_IMPORT_ONNX_WINDOWS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/ops/attributes.h"
#include "tools/compiler/import/onnx/node_context.h"

namespace stint::compiler {

struct Windows {
  std::vector<int64_t> kernel;
  std::vector<int64_t> strides;
  std::vector<int64_t> dilations;
  std::vector<Dim> pads;  // begin..., end...
};

// Reads kernel_shape (`kernel` when absent), strides, dilations, pads and auto_pad for operand 0,
// [N, C, spatial...]. kInvalid for lists of a wrong length.
Result<Windows> ReadWindows(const NodeContext& node, std::vector<int64_t> kernel);

// The attribute lists of the plan op.
IntList ToIntList(const std::vector<int64_t>& values);
LongDimList ToDimList(const std::vector<Dim>& values);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_IMPORT_ONNX_WINDOWS_H_
