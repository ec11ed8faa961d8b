// Files of one tensor: .npy, and .pb (ONNX TensorProto) where the compiler is built.
#ifndef STINT_TOOLS_STINT_TENSOR_FILE_H_
#define STINT_TOOLS_STINT_TENSOR_FILE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "tools/stint/host_tensor.h"

namespace stint::cli {

enum class TensorFormat : uint8_t { kNpy, kPb };

// Reads a .npy or .pb file, by extension. kIo: missing or not a regular file; kInvalid: damaged,
// another extension, strings, or a .pb in a build without the compiler.
Result<HostTensor> ReadTensorFile(const std::string& path);

// kInvalid, naming the alternative, when files of the format cannot hold the dtype or this build
// cannot write them.
Status CheckFormat(TensorFormat format, const std::string& name, DType dtype);

// A whole file with a dense tensor that passed CheckFormat. kLimit: larger than the format allows.
Result<std::vector<uint8_t>> EncodeTensorFile(TensorFormat format, const std::string& name,
                                              const TensorView& tensor);

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_TENSOR_FILE_H_
