// Fifth stage of a bind: each device sees the runs of steps that it was given and may join
// neighbours to groups, which are one command. Groups are found here and not by the compiler: which
// steps are neighbours, how large their tensors are and what a device keeps in its caches is known
// only now. What passes inside of a group needs no place; what it reads and writes lives as long as
// all of it.
#include <algorithm>

#include "runtime/session/binder.h"

namespace stint {

namespace {

// A run of steps as its device sees it. Positions count from the first.
class Neighbours {
 public:
  Neighbours(Binding& binding, uint32_t first, uint32_t end)
      : binding_(binding), first_(first), end_(end) {}

  Status Describe() {
    size_t operands = 0;
    for (uint32_t i = first_; i < end_; ++i) operands += binding_.steps[i].call.operands.size();
    STINT_TRY(writers_.Reserve(operands));  // Spans into it stay valid.
    STINT_TRY(calls_.Reserve(end_ - first_));
    for (uint32_t i = first_; i < end_; ++i) STINT_TRY(Add(i));
    return {};
  }

  std::span<const PlacedCall> calls() const { return calls_.span(); }

 private:
  Status Add(uint32_t index) {
    Step& step = binding_.steps[index];
    const size_t begin = writers_.size();
    for (const uint32_t value : step.call.operand_values) {
      STINT_TRY(writers_.Push(WriterOf(value, index)));
    }
    PlacedCall call;
    call.kernel = step.kernel;
    call.prepared = step.prepared.get();
    call.call = step.call.Call();
    call.writers = writers_.span().subspan(begin);
    call.last_reader = LastReader(step.call);
    return calls_.Push(call);
  }

  // The neighbour before `index` that wrote the value. Values that a run alone reads have one
  // writer, near to the reader.
  uint32_t WriterOf(uint32_t value, uint32_t index) const {
    if (value == kNoIndex || binding_.values[value].writers != 1) return PlacedCall::kOutside;
    const uint32_t first = binding_.values[value].first_use;
    return first >= first_ && first < index ? first - first_ : PlacedCall::kOutside;
  }

  uint32_t LastReader(const BoundCall& call) const {
    if (call.result_values.empty() || call.result_values[0] == kNoIndex) {
      return PlacedCall::kOutside;
    }
    const BoundValue& value = binding_.values[call.result_values[0]];
    const bool alone = value.home == Home::kArena && value.writers == 1 && value.last_use < end_ &&
                       IsWhole(call.results[0], value);
    return alone ? value.last_use - first_ : PlacedCall::kOutside;
  }

  Binding& binding_;
  const uint32_t first_;
  const uint32_t end_;
  Array<uint32_t> writers_;
  Array<PlacedCall> calls_;
};

}  // namespace

Status Binder::AddGroup(uint32_t first, FusedCalls&& fused) {
  auto& steps = binding_->steps;
  auto& values = binding_->values;
  const uint32_t end = first + fused.count;
  for (uint32_t i = first; i + 1 < end; ++i) {
    values[steps[i].call.result_values[0]].first_use = kNoIndex;  // It has no place.
  }
  const auto touch = [&](uint32_t value) {
    if (value == kNoIndex || values[value].first_use == kNoIndex) return;
    values[value].Touch(first);
    values[value].Touch(end - 1);
  };
  for (uint32_t i = first; i < end; ++i) {
    steps[i].group = static_cast<uint32_t>(binding_->groups.size());
    for (const uint32_t value : steps[i].call.operand_values) touch(value);
    for (const uint32_t value : steps[i].call.result_values) touch(value);
  }
  Group group;
  group.first_step = first;
  group.end_step = end;
  group.fused = std::move(fused);
  return binding_->groups.Push(std::move(group));
}

Status Binder::FuseRun(uint32_t first, uint32_t end) {
  const uint32_t device = binding_->steps[first].device;
  Neighbours neighbours(*binding_, first, end);
  STINT_TRY(neighbours.Describe());
  Array<FusedCalls> fused;
  Array<const char*> reasons;
  STINT_TRY(reasons.Resize(end - first));
  STINT_TRY(Blame(device, devices_[device]->Fuse(neighbours.calls(), &fused, reasons.span())));
  for (uint32_t i = first + 1; i < end; ++i) binding_->steps[i].alone = reasons[i - first - 1];
  for (FusedCalls& group : fused) {
    const uint32_t begin = first + group.first;
    for (uint32_t i = 1; i < group.count; ++i) binding_->steps[begin + i].alone = nullptr;
    STINT_TRY(AddGroup(begin, std::move(group)));
  }
  return {};
}

Status Binder::FuseSteps() {
  if (!options_.fuse) return {};
  const auto& steps = binding_->steps;
  for (uint32_t first = 0; first < steps.size();) {
    uint32_t end = first + 1;
    while (steps[first].kernel != nullptr && end < steps.size() && steps[end].kernel != nullptr &&
           steps[end].device == steps[first].device) {
      ++end;
    }
    if (steps[first].kernel != nullptr && end - first > 1) STINT_TRY(FuseRun(first, end));
    first = end;
  }
  return {};
}

}  // namespace stint
