// What holds for any node of a model, and how messages name it.
#ifndef STINT_TOOLS_COMPILER_IMPORT_ONNX_CHECK_NODE_H_
#define STINT_TOOLS_COMPILER_IMPORT_ONNX_CHECK_NODE_H_

#include <string>

#include "onnx/onnx-ml.pb.h"
#include "runtime/base/status.h"

namespace stint::compiler {

// The node's name, or where it has none its operator and first result.
std::string NodeName(const onnx::NodeProto& node);

// "node 'conv' (Conv)": where an error is.
std::string Where(const onnx::NodeProto& node);

// Whether each attribute is there once, and holds a value of the type that it states, outside
// functions: kInvalid.
Status CheckAttributes(const onnx::NodeProto& node);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_IMPORT_ONNX_CHECK_NODE_H_
