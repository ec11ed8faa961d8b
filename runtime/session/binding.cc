#include "runtime/session/binding.h"

#include <algorithm>

namespace stint {

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
                   refusals.size() * sizeof(Refusal);
  for (const Array<uint64_t>& words : attributes) bytes += words.size() * sizeof(uint64_t);
  for (const Step& step : steps) {
    bytes += (step.call.operands.size() + step.call.results.size()) * sizeof(DeviceTensor);
    if (step.prepared != nullptr) bytes += step.prepared->held_bytes;
  }
  return bytes;
}

}  // namespace stint
