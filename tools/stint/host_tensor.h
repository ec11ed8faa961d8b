// A dense tensor that owns its memory: what tensor files hold and what runs are fed with.
#ifndef STINT_TOOLS_STINT_HOST_TENSOR_H_
#define STINT_TOOLS_STINT_HOST_TENSOR_H_

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <stint/stint.hpp>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/ops/tensor.h"

namespace stint::cli {

// No tensor of a file or an input may be larger.
inline constexpr uint64_t kMaxTensorBytes = uint64_t{4} << 30;

struct FreeMemory {
  void operator()(uint8_t* memory) const { std::free(memory); }
};
using AlignedBytes = std::unique_ptr<uint8_t, FreeMemory>;

// Memory aligned to 64 bytes, not initialised; kLimit when the system has none.
Result<AlignedBytes> AllocateAligned(const std::string& where, uint64_t bytes);

// An absent tensor has dtype kNone.
struct HostTensor {
  DType dtype = DType::kNone;
  std::vector<int64_t> extents;
  AlignedBytes data;
  uint64_t count = 0;  // Elements.
  uint64_t bytes = 0;

  bool present() const { return dtype != DType::kNone; }
  TensorView View() const;
};

// How many elements a tensor has. kLimit: more than kMaxTensorBytes or than kMaxRank axes;
// kInvalid: a negative extent.
Result<uint64_t> CountElements(const std::string& where, DType dtype,
                               const std::vector<int64_t>& extents);

// Memory for a tensor, not initialised. Fails as CountElements does.
Result<HostTensor> AllocateTensor(const std::string& where, DType dtype,
                                  std::vector<int64_t> extents);

// What a session takes and gives, and elements as the tool reads them: the same dense memory.
std::vector<api::Tensor> TensorsOf(const std::vector<HostTensor>& tensors);
TensorView ViewOf(const api::Tensor& tensor);

// "[1, 3, 224]".
std::string ExtentsText(const std::vector<int64_t>& extents);
std::vector<int64_t> ExtentsOf(const TensorView& view);

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_HOST_TENSOR_H_
