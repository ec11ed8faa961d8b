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

// Decodes a whole file. kInvalid: damaged, big endian or a dtype that no tensor has; kUnsupported:
// strings; kLimit: too large.
Result<HostTensor> DecodeNpy(const std::string& where, std::span<const uint8_t> file);

// Whether .npy files hold the dtype: bool, integers of whole bytes, float16, float32, float64.
bool NpyHolds(DType dtype);

// A whole file, version 1, C order. Only for dtypes that NpyHolds.
std::vector<uint8_t> EncodeNpy(const TensorView& tensor);

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_NPY_H_
