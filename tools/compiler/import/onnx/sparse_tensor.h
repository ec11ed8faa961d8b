// Sparse tensors of models, which become dense: plans have no others.
#ifndef STINT_TOOLS_COMPILER_IMPORT_ONNX_SPARSE_TENSOR_H_
#define STINT_TOOLS_COMPILER_IMPORT_ONNX_SPARSE_TENSOR_H_

#include <string>

#include "tools/compiler/import/onnx/tensor_proto.h"

namespace stint::compiler {

// Where the tensors of a model come from.
struct TensorSource {
  std::string folder;  // Of external data.
  // Few bytes of a file may stand for many: so many may all sparse tensors together become.
  int64_t dense_bytes_left = int64_t{1} << 30;
};

// ONNX SparseTensorProto: `values` [N], and `indices` [N] into the row-major elements or [N, rank],
// in ascending order, each once. kInvalid: anything else; kLimit: more bytes when dense than are
// left; else as DecodeTensor.
Result<TensorData> DecodeSparseTensor(const onnx::SparseTensorProto& sparse, TensorSource& source);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_IMPORT_ONNX_SPARSE_TENSOR_H_
