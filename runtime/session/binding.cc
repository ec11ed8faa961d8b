#include "runtime/session/binding.h"

#include <algorithm>

namespace stint {

namespace {

// Whether the elements lie without gaps, in whatever order of the axes.
bool IsPacked(const TensorView& view) {
  bool placed[kMaxRank] = {};
  int64_t stride = 1;
  for (int i = 0; i < view.rank; ++i) {
    int next = 0;
    while (next < view.rank &&
           (placed[next] || (view.extents[next] != 1 && view.strides[next] != stride))) {
      ++next;
    }
    if (next == view.rank) return false;
    placed[next] = true;
    stride *= view.extents[next];
  }
  return true;
}

}  // namespace

void BoundValue::Touch(uint32_t step) {
  first_use = std::min(first_use, step);
  last_use = std::max(last_use, step);
}

bool IsWhole(const DeviceTensor& tensor, const BoundValue& value) {
  const uint64_t bytes = static_cast<uint64_t>(ElementCount(tensor.view)) *
                         static_cast<uint64_t>(BytesOf(tensor.view.dtype));
  return tensor.offset == 0 && IsPacked(tensor.view) && bytes == value.bytes;
}

TensorView BoundValue::Dense() const {
  TensorView view;
  view.dtype = dtype;
  view.rank = rank;
  std::copy_n(extents, rank, view.extents);
  DenseStrides(rank, view.extents, view.strides);
  return view;
}

Status BoundCall::AddOperand(const DeviceTensor& tensor, uint32_t value) {
  STINT_TRY(operands.Push(tensor));
  return operand_values.Push(value);
}

Status BoundCall::AddResult(const DeviceTensor& tensor, uint32_t value) {
  STINT_TRY(results.Push(tensor));
  return result_values.Push(value);
}

Result<void*> Binding::NewAttributes(size_t bytes) {
  Array<uint64_t> words;
  STINT_TRY(words.Resize((bytes + 7) / 8));
  void* const address = words.data();
  STINT_TRY(attributes.Push(std::move(words)));
  return address;
}

uint64_t Binding::HeldBytes() const {
  uint64_t bytes = values.size() * sizeof(BoundValue) + steps.size() * sizeof(Step) +
                   refusals.size() * sizeof(Refusal) + forms.size() * sizeof(ConstantForm);
  for (const Array<uint64_t>& words : attributes) bytes += words.size() * sizeof(uint64_t);
  for (const Step& step : steps) {
    bytes += (step.call.operands.size() + step.call.results.size()) * sizeof(DeviceTensor);
    if (step.prepared != nullptr) bytes += step.prepared->held_bytes;
  }
  for (const Group& group : groups) bytes += sizeof(group) + group.fused.prepared->held_bytes;
  return bytes;
}

}  // namespace stint
