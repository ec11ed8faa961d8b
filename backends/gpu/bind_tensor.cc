// Tensors as bindings: what a view reaches, in bytes.
#include "backends/gpu/program_link.h"
#include "runtime/base/checked.h"

namespace stint::gpu {

namespace {

// Offsets of the elements that a view reaches, from its element 0 on.
struct Reach {
  int64_t lowest = 0;
  int64_t highest = 0;
};

// false: beyond 64 bits.
bool ReachOf(const TensorView& view, Reach* reach) {
  for (int axis = 0; axis < view.rank; ++axis) {
    int64_t last = 0;
    if (!CheckedMul(view.extents[axis] - 1, view.strides[axis], &last)) return false;
    int64_t& end = last < 0 ? reach->lowest : reach->highest;
    if (!CheckedAdd(end, last, &end)) return false;
  }
  return true;
}

}  // namespace

const char* RejectTensor(const TensorView& view, const DeviceInfo& device) {
  static constexpr char kReason[] = "needs tensors within the device's limits";
  int64_t elements = 1;
  for (int axis = 0; axis < view.rank; ++axis) {
    if (view.extents[axis] == 0) return nullptr;
    if (!CheckedMul(elements, view.extents[axis], &elements)) return kReason;
  }
  Reach reach;
  if (elements > INT32_MAX || !ReachOf(view, &reach)) return kReason;
  if (reach.lowest < -INT32_MAX || reach.highest > INT32_MAX) return kReason;
  // With up to an alignment in front, indices still fit.
  const int64_t span = reach.highest - reach.lowest + 1;
  const uint64_t bytes =
      static_cast<uint64_t>(span * BytesOf(view.dtype)) + device.binding_alignment;
  return span > INT32_MAX || bytes > device.max_binding_bytes ? kReason : nullptr;
}

Binding BindTensor(const DeviceTensor& tensor, const DeviceInfo& device, bool written,
                   uint32_t* base) {
  *base = 0;
  Reach reach;
  const bool empty = ElementCount(tensor.view) == 0 || !ReachOf(tensor.view, &reach);
  if (empty) return {tensor.buffer, 0, 0, written};
  const auto width = static_cast<uint64_t>(BytesOf(tensor.view.dtype));
  const uint64_t begin = tensor.offset + static_cast<uint64_t>(reach.lowest) * width;
  const uint64_t end = tensor.offset + static_cast<uint64_t>(reach.highest + 1) * width;
  const uint64_t offset = begin & ~(uint64_t{device.binding_alignment} - 1);
  *base = static_cast<uint32_t>((tensor.offset - offset) / width);
  return {tensor.buffer, offset, end - offset, written};
}

}  // namespace stint::gpu
