// Of which type an attribute of an ONNX node is.
#ifndef STINT_TOOLS_COMPILER_IMPORT_ONNX_ATTRIBUTE_TYPES_H_
#define STINT_TOOLS_COMPILER_IMPORT_ONNX_ATTRIBUTE_TYPES_H_

#include "onnx/onnx-ml.pb.h"

namespace stint::compiler {

// Whether the attribute states this type, or none as files of the first IR versions do, and holds
// no value of another; a zero or an empty list may be left out. UNDEFINED: any type.
bool IsOfType(const onnx::AttributeProto& attribute, onnx::AttributeProto::AttributeType type);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_IMPORT_ONNX_ATTRIBUTE_TYPES_H_
