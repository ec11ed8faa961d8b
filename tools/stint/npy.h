// NumPy's .npy files, versions 1 to 3: little endian, C or Fortran order.
#ifndef STINT_TOOLS_STINT_NPY_H_
#define STINT_TOOLS_STINT_NPY_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "tools/stint/host_tensor.h"

namespace stint::cli {

// Decodes a whole file. kInvalid: damaged, big endian or a dtype that no tensor has; kLimit: too
// large.
Result<HostTensor> DecodeNpy(const std::string& where, std::span<const uint8_t> file);

// A header and what stands before it take at most so many bytes.
constexpr size_t kMaxNpyHeaderBytes = 65536 + 10;

// How long a file is by its header, which lies in `start`, the first kMaxNpyHeaderBytes of the file
// or all of it. Fails as DecodeNpy does.
Result<uint64_t> NpyFileBytes(const std::string& where, std::span<const uint8_t> start);

// Whether .npy files hold the dtype: bool, integers of whole bytes, float16, float32, float64.
bool NpyHolds(DType dtype);

// A whole file, version 1, C order. Only for dtypes that NpyHolds.
std::vector<uint8_t> EncodeNpy(const TensorView& tensor);

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_NPY_H_
