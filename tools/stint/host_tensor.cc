#include "tools/stint/host_tensor.h"

#include <algorithm>
#include <utility>

#include "runtime/base/checked.h"

namespace stint::cli {

Result<AlignedBytes> AllocateAligned(const std::string& where, uint64_t bytes) {
  const uint64_t rounded = AlignUp(bytes + 1, 64);
  if (rounded > SIZE_MAX) return OutOfMemory(where.c_str(), bytes);
  AlignedBytes memory(static_cast<uint8_t*>(std::aligned_alloc(64, rounded)));
  if (memory == nullptr) return OutOfMemory(where.c_str(), bytes);
  return memory;
}

TensorView HostTensor::View() const {
  TensorView view;
  if (!present()) return view;
  view.data = data.get();
  view.dtype = dtype;
  view.rank = static_cast<int>(extents.size());
  for (size_t i = 0; i < extents.size(); ++i) view.extents[i] = extents[i];
  DenseStrides(view.rank, view.extents, view.strides);
  return view;
}

Result<uint64_t> CountElements(const std::string& where, DType dtype,
                               const std::vector<int64_t>& extents) {
  if (extents.size() > kMaxRank) {
    return Error(Code::kLimit, where.c_str(), "found rank %zu, allowed 0 to %d", extents.size(),
                 kMaxRank);
  }
  uint64_t count = 1;
  uint64_t bytes = 0;
  bool fits = true;
  for (const int64_t extent : extents) {
    if (extent < 0) {
      return Error(Code::kInvalid, where.c_str(), "found shape %s, allowed extents from 0",
                   ExtentsText(extents).c_str());
    }
    fits = fits && CheckedMul(count, static_cast<uint64_t>(extent), &count);
  }
  const auto width = static_cast<uint64_t>(BytesOf(dtype));
  if (!fits || !CheckedMul(count, width, &bytes) || bytes > kMaxTensorBytes) {
    return Error(Code::kLimit, where.c_str(), "found %s of shape %s, allowed tensors up to 4 GiB",
                 NameOf(dtype), ExtentsText(extents).c_str());
  }
  return count;
}

Result<HostTensor> AllocateTensor(const std::string& where, DType dtype,
                                  std::vector<int64_t> extents) {
  HostTensor tensor;
  STINT_ASSIGN(tensor.count, CountElements(where, dtype, extents));
  tensor.dtype = dtype;
  tensor.bytes = tensor.count * static_cast<uint64_t>(BytesOf(dtype));
  tensor.extents = std::move(extents);
  STINT_ASSIGN(tensor.data, AllocateAligned(where, tensor.bytes));
  return tensor;
}

std::vector<api::Tensor> TensorsOf(const std::vector<HostTensor>& tensors) {
  std::vector<api::Tensor> result;
  for (const HostTensor& tensor : tensors) {
    const auto dtype = static_cast<stint_dtype>(tensor.dtype);
    result.push_back(tensor.present() ? api::Tensor(dtype, tensor.extents, tensor.data.get())
                                      : api::Tensor());
  }
  return result;
}

TensorView ViewOf(const api::Tensor& tensor) {
  TensorView view;
  view.data = tensor.c().data;
  view.dtype = static_cast<DType>(tensor.dtype());
  view.rank = tensor.rank();
  std::copy_n(tensor.c().shape, view.rank, view.extents);
  DenseStrides(view.rank, view.extents, view.strides);
  return view;
}

std::string ExtentsText(const std::vector<int64_t>& extents) {
  std::string text = "[";
  for (size_t i = 0; i < extents.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(extents[i]);
  }
  return text + "]";
}

std::vector<int64_t> ExtentsOf(const TensorView& view) {
  return {view.extents, view.extents + view.rank};
}

}  // namespace stint::cli
