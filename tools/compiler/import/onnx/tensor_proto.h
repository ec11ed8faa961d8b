// ONNX TensorProto to and from dense bytes as plans hold them: one byte an element for four- and
// two-bit types, little endian.
#ifndef STINT_TOOLS_COMPILER_IMPORT_ONNX_TENSOR_PROTO_H_
#define STINT_TOOLS_COMPILER_IMPORT_ONNX_TENSOR_PROTO_H_

#include <cstdint>
#include <string>
#include <vector>

#include "onnx/onnx-ml.pb.h"
#include "runtime/base/dtype.h"
#include "runtime/base/result.h"

namespace stint::compiler {

// kNone for a number that is no element type.
DType DTypeFromOnnx(int32_t data_type);
int32_t DTypeToOnnx(DType dtype);

struct TensorData {
  DType dtype = DType::kNone;
  std::vector<int64_t> extents;
  std::vector<uint8_t> bytes;
};

// Decodes typed fields, raw_data or external data. `folder` is where external files lie: their
// paths must stay inside it (no absolute path, no "..", no link that leads out). kInvalid: sizes
// that disagree, unknown type; kUnsupported: strings; kIo: external data that cannot be read.
Result<TensorData> DecodeTensor(const onnx::TensorProto& tensor, const std::string& folder);

// Encodes into raw_data.
onnx::TensorProto EncodeTensor(const std::string& name, DType dtype,
                               const std::vector<int64_t>& extents, const uint8_t* bytes);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_IMPORT_ONNX_TENSOR_PROTO_H_
