// An ONNX file as a protobuf message, with the checks that hold for any model.
#ifndef STINT_TOOLS_COMPILER_IMPORT_ONNX_READ_MODEL_H_
#define STINT_TOOLS_COMPILER_IMPORT_ONNX_READ_MODEL_H_

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "onnx/onnx-ml.pb.h"
#include "runtime/base/result.h"

namespace stint::compiler {

// Reads `bytes`, or where there are none the file. kIo: missing, not a regular file, unreadable.
// kInvalid: not an ONNX model, or one without graph or opsets. kUnsupported: an IR or opset version
// above those of ONNX 1.22.
Result<std::unique_ptr<onnx::ModelProto>> ReadModel(const std::string& path,
                                                    std::span<const uint8_t> bytes);

// The opset versions by domain, "" for ai.onnx. `where` names the model or function in errors.
// kInvalid: two versions of one domain. kUnsupported: one of ai.onnx that ONNX 1.22 does not have.
Result<std::map<std::string, int64_t>> ReadOpsets(
    const std::string& where,
    const google::protobuf::RepeatedPtrField<onnx::OperatorSetIdProto>& imports);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_IMPORT_ONNX_READ_MODEL_H_
