// Fourth stage of a bind: chosen kernels become steps, with a transfer wherever a step reads what
// another device holds, and graph outputs become dense tensors that the host sees. What crosses
// from a device to another or to the host lies in memory that the host sees at both ends, so that a
// transfer is a copy by the host.
#include <algorithm>

#include "runtime/ops/copy.h"
#include "runtime/session/binder.h"

namespace stint {

Result<uint32_t> Binder::AddValue(const TensorView& view, uint32_t device) {
  BoundValue value;
  value.dtype = view.dtype;
  value.rank = view.rank;
  std::copy_n(view.extents, view.rank, value.extents);
  value.bytes =
      static_cast<uint64_t>(ElementCount(view)) * static_cast<uint64_t>(BytesOf(view.dtype));
  value.device = device;
  const auto index = static_cast<uint32_t>(binding_->values.size());
  value.storage = index;
  STINT_TRY(binding_->values.Push(value));
  return index;
}

// Makes `tensor`, of *value, readable on `device`: a copy of the value there, made at most once.
Status Binder::MoveOperand(uint32_t device, DeviceTensor* tensor, uint32_t* value) {
  const uint32_t source = *value;
  if (source == kNoIndex || binding_->values[source].home == Home::kConstant) return {};
  BoundValue& bound = binding_->values[source];
  if (bound.home == Home::kArena) {
    if (bound.device == kNoIndex) bound.device = device;  // Empty: nothing ever wrote it.
    if (bound.device == device) return {};
    bound.shared = !HasHostMemory(bound.device);
  } else if (HasHostMemory(device)) {
    return {};
  }
  if (bound.mirrors[device] == 0) {
    const TensorView dense = bound.Dense();
    STINT_ASSIGN(const uint32_t mirror, AddValue(dense, device));
    binding_->values[mirror].shared = !HasHostMemory(device);
    binding_->values[source].mirrors[device] = mirror;
    DeviceTensor whole;
    whole.view = dense;
    Step step;
    step.device = device;
    STINT_TRY(step.call.AddOperand(whole, source));
    STINT_TRY(step.call.AddResult(whole, mirror));
    const bool from_input = binding_->values[source].home == Home::kInput;
    STINT_TRY((from_input ? input_moves_ : binding_->steps).Push(std::move(step)));
  }
  *value = binding_->values[source].mirrors[device];
  tensor->constant = nullptr;
  return {};
}

// What comes from graph inputs depends on no step: moved first, it parts no run of steps.
Status Binder::MoveInputsFirst() {
  if (input_moves_.empty()) return {};
  STINT_TRY(input_moves_.Reserve(input_moves_.size() + binding_->steps.size()));
  for (Step& step : binding_->steps) STINT_TRY(input_moves_.Push(std::move(step)));
  binding_->steps = std::move(input_moves_);
  return {};
}

// A value has one device. When another one is to write a part of it, the copy there takes its
// place.
Status Binder::MoveResult(uint32_t device, DeviceTensor* tensor, uint32_t* value) {
  const uint32_t source = *value;
  if (source == kNoIndex || binding_->values[source].device == kNoIndex) return {};
  STINT_TRY(MoveOperand(device, tensor, value));
  if (*value == source) return {};
  const uint32_t from = binding_->values[source].moved_from;
  const uint32_t original = from == kNoIndex ? source : from;
  binding_->values[*value].moved_from = original;
  binding_->values[original].moved_to = *value;
  return {};
}

Status Binder::EmitPart(uint32_t device, Part&& part, uint32_t plan_op) {
  BoundCall& call = part.call;
  for (size_t i = 0; i < call.operands.size(); ++i) {
    STINT_TRY(MoveOperand(device, &call.operands[i], &call.operand_values[i]));
  }
  for (size_t i = 0; i < call.results.size(); ++i) {
    STINT_TRY(MoveResult(device, &call.results[i], &call.result_values[i]));
    if (call.result_values[i] == kNoIndex) continue;
    BoundValue& bound = binding_->values[call.result_values[i]];
    bound.device = device;
    std::fill(std::begin(bound.mirrors), std::end(bound.mirrors), 0);  // Copies are stale now.
  }
  Step step;
  step.call = std::move(call);
  step.plan_op = plan_op;
  step.device = device;
  step.kernel = part.kernel;
  step.prepared = std::move(part.prepared);
  step.predicted_seconds = part.seconds;
  return binding_->steps.Push(std::move(step));
}

Status Binder::Emit(Chosen&& chosen, uint32_t plan_op) {
  // What passes between the parts of a split op becomes a value now that it is emitted: the first
  // result of each part is the first operand of the next.
  for (size_t i = 0; i + 1 < chosen.parts.size(); ++i) {
    BoundCall& writer = chosen.parts[i].call;
    STINT_ASSIGN(const uint32_t value, AddValue(writer.results[0].view, chosen.device));
    writer.result_values[0] = value;
    chosen.parts[i + 1].call.operand_values[0] = value;
  }
  for (Part& part : chosen.parts) {
    STINT_TRY(EmitPart(chosen.device, std::move(part), plan_op));
  }
  ++binding_->ops[chosen.device];
  return {};
}

// A graph output that is an input, a constant or a strided view, or that another output has been
// placed with, is copied into memory of its own. Gives the value that holds the copy.
Result<uint32_t> Binder::CopyOutput(const DeviceTensor& source, uint32_t value,
                                    const TensorView& dense) {
  BoundCall call;
  call.op = &kCopyOp;
  STINT_ASSIGN(void* const attributes, binding_->NewAttributes(sizeof(CopyAttributes)));
  kCopyOp.construct(attributes);
  call.attributes = attributes;
  auto& copy = *static_cast<CopyAttributes*>(attributes);
  for (int axis = 0; axis < source.view.rank; ++axis) {
    copy.extents.Push(source.view.extents[axis]);
    copy.starts.Push(0);
  }
  DeviceTensor result;
  result.view = dense;
  STINT_TRY(call.AddOperand(source, value));
  STINT_TRY(call.AddResult(result, kNoIndex));
  const BoundValue& held = binding_->values[value];
  const bool has_device = held.home == Home::kArena && held.device != kNoIndex;
  const uint32_t preferred = has_device ? held.device : HostDevice();
  STINT_ASSIGN(Chosen chosen, ChooseFrom(preferred, call));
  STINT_ASSIGN(const uint32_t copied, AddValue(dense, chosen.device));
  chosen.parts[0].call.result_values[0] = copied;
  STINT_TRY(EmitPart(chosen.device, std::move(chosen.parts[0]), kNoIndex));
  return copied;
}

Status Binder::BindOutput(const PlanUse& use) {
  DeviceTensor tensor;
  STINT_TRY(BindUse(use, true, &tensor));
  BoundOutput output;
  output.view = tensor.view;
  DenseStrides(output.view.rank, output.view.extents, output.view.strides);
  output.value = Current(use.value);
  const size_t index = binding_->outputs.size();
  const bool placed = buffers_.placed.placed(index);
  const BoundValue& used = binding_->values[output.value];
  const bool own = !used.is_output || (!placed && used.placed == kNoIndex);
  // Placed memory has room for the output and no more: the value must be no larger.
  // Without a device it was written through empty views alone.
  const bool lies_there = used.home == Home::kArena && used.device != kNoIndex;
  const bool in_place = own && lies_there && tensor.offset == 0 && IsDense(tensor.view) &&
                        (!placed || IsWhole(tensor, used));
  if (ElementCount(tensor.view) == 0) {
    STINT_ASSIGN(output.value, AddValue(output.view, HostDevice()));
  } else if (!in_place) {
    STINT_ASSIGN(output.value, CopyOutput(tensor, output.value, output.view));
  }
  BoundValue& value = binding_->values[output.value];
  value.is_output = true;
  value.shared = !HasHostMemory(value.device);
  if (placed && !value.shared) value.placed = static_cast<uint32_t>(index);
  return binding_->outputs.Push(output);
}

// The first device of host memory, else the first one.
uint32_t Binder::HostDevice() const {
  uint32_t first = kNoIndex;
  for (uint32_t device = 0; device < devices_.size(); ++device) {
    if ((excluded_ >> device & 1) != 0) continue;
    if (HasHostMemory(device)) return device;
    if (first == kNoIndex) first = device;
  }
  return first;
}

Status Binder::BindOutputs() {
  for (const PlanUse& use : function_.outputs) STINT_TRY(BindOutput(use));
  return MoveInputsFirst();
}

}  // namespace stint
