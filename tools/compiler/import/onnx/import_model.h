// ONNX model file to graph.
#ifndef STINT_TOOLS_COMPILER_IMPORT_ONNX_IMPORT_MODEL_H_
#define STINT_TOOLS_COMPILER_IMPORT_ONNX_IMPORT_MODEL_H_

#include <string>

#include "tools/compiler/compile.h"
#include "tools/compiler/graph/graph.h"

namespace stint::compiler {

// Reads and imports a model. Every node is decomposed into plan ops at once; nodes that cannot be
// are all collected in `report`, and the first is the error (kUnsupported). kIo: the file cannot be
// read; kInvalid: no ONNX model, or one that contradicts itself.
Result<Graph> ImportModel(const std::string& path, const CompileOptions& options,
                          ModelReport* report);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_IMPORT_ONNX_IMPORT_MODEL_H_
