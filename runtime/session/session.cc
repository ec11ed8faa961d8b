// The session: finds or makes the binding for the inputs at hand and replays it. Run allocates
// nothing when the binding is kept: the key lies in memory that was reserved at creation.
//
// Inputs are never written and outputs mean nothing until a run has succeeded, so a device that
// fails is left out and everything is done again.
#include "runtime/session/bound_session.h"

#include <algorithm>
#include <cstring>

#include "runtime/base/text.h"
#include "runtime/session/binder.h"
#include "runtime/session/describe.h"
#include "runtime/session/region_session.h"

namespace stint {

Status BoundSession::CreateBuffers(uint32_t device) {
  Device& memory = *devices_[device];
  const bool host = memory.info().host_memory;
  STINT_ASSIGN(buffers_.arenas[ArenaIndex(device, false)], memory.Allocate(0, MemoryKind::kDevice));
  if (!host) {
    STINT_ASSIGN(buffers_.arenas[ArenaIndex(device, true)],
                 memory.Allocate(0, MemoryKind::kShared));
    return {};
  }
  const size_t inputs = function_.inputs.size();
  for (size_t i = 0; i < inputs; ++i) {
    STINT_ASSIGN(buffers_.inputs[device * inputs + i], memory.WrapHost());
  }
  const size_t outputs = function_.outputs.size();
  for (size_t i = 0; i < outputs; ++i) {
    STINT_ASSIGN(buffers_.outputs[device * outputs + i], memory.WrapHost());
  }
  return {};
}

// Whether the run can go on without the device that failed; then *excluded has it as well.
bool BoundSession::LeaveOut(uint32_t device, const Status& error, uint32_t* excluded) {
  const bool failure = error.code() == Code::kUnavailable || error.code() == Code::kLimit;
  const uint32_t all = (1u << devices_.size()) - 1;
  if (device == kNoIndex || !failure || options_.no_fallback) return false;
  const uint32_t without = *excluded | 1u << device;
  if (without == *excluded || without == all) return false;
  *excluded = without;
  options_.log.Write(LogLevel::kWarning, "%s is left out: %s: %s", devices_[device]->info().name,
                     error.where(), error.message());
  if (error.code() == Code::kUnavailable) lost_ |= 1u << device;
  return true;
}

Status BoundSession::Init(std::span<Device* const> devices) {
  if (devices.empty() || devices.size() > kMaxDevices) {
    return Error(Code::kInvalid, "devices", "found %zu, allowed 1 to %u", devices.size(),
                 kMaxDevices);
  }
  for (Device* device : devices) {
    STINT_TRY(devices_.Push(device));
    STINT_TRY(placement_.Push({device->info().name, 0}));
  }
  STINT_TRY(buffers_.arenas.Resize(2 * devices.size()));
  STINT_TRY(buffers_.inputs.Resize(devices.size() * function_.inputs.size()));
  STINT_TRY(buffers_.outputs.Resize(devices.size() * function_.outputs.size()));
  STINT_TRY(buffers_.placed.Create(function_.outputs.size()));
  STINT_TRY(buffers_.constants.Resize(devices.size()));
  for (uint32_t device = 0; device < devices.size(); ++device) {
    Status status = CreateBuffers(device);
    uint32_t excluded = lost_;
    if (!status.ok() && !LeaveOut(device, status, &excluded)) return status;
    lost_ = excluded;
  }
  cache_.SetBounds(options_.cached_bindings, options_.cached_bytes);
  STINT_TRY(outputs_.Resize(function_.outputs.size()));
  return key_.Reserve(function_.inputs.size() * (kMaxRank + 2) + function_.symbols.size() +
                      buffers_.placed.KeySize());
}

// Dtype, rank and extents of each input, the host values that symbols are read from, and which
// outputs are placed.
Status BoundSession::MakeKey(std::span<const TensorView> inputs) {
  key_.Clear();
  if (inputs.size() != function_.inputs.size()) {
    return Error(Code::kInvalid, "inputs", "found %zu, allowed %zu", inputs.size(),
                 function_.inputs.size());
  }
  for (const TensorView& input : inputs) {
    if (input.rank < 0 || input.rank > kMaxRank) {
      return Error(Code::kInvalid, "input", "found rank %d, allowed 0 to %d", input.rank, kMaxRank);
    }
    STINT_TRY(key_.Push(static_cast<int64_t>(input.dtype)));
    STINT_TRY(key_.Push(input.rank));
    for (int axis = 0; axis < input.rank; ++axis) STINT_TRY(key_.Push(input.extents[axis]));
  }
  for (const PlanSymbol& symbol : function_.symbols) {
    const TensorView& input = inputs[symbol.input];
    if (symbol.source != SymbolSource::kElement || !input.present()) continue;
    // The data is read before the binder sees it: only what the plan means may be addressed.
    const PlanValue& value = function_.values[function_.inputs[symbol.input]];
    if (input.dtype != value.dtype || input.rank != value.rank || !IsDense(input)) continue;
    STINT_ASSIGN(const int64_t element, SymbolValue(symbol, input));
    STINT_TRY(key_.Push(element));
  }
  return buffers_.placed.AddTo(&key_);
}

Status BoundSession::GrowArenas(const Binding& binding, uint32_t* failed) {
  for (uint32_t i = 0; i < buffers_.arenas.size(); ++i) {
    if (binding.arena_bytes[i] == 0) continue;
    *failed = i / 2;
    STINT_TRY(devices_[i / 2]->Grow(*buffers_.arenas[i], binding.arena_bytes[i]));
  }
  *failed = kNoIndex;
  return {};
}

void BoundSession::Activate(Binding* binding) {
  active_ = binding;
  statistics_.arena_bytes = 0;
  statistics_.live_set_bytes = 0;
  statistics_.submissions = 0;
  statistics_.transfers = 0;
  for (uint32_t i = 0; i < kMaxArenas; ++i) {
    statistics_.arena_bytes += binding->arena_bytes[i];
    statistics_.live_set_bytes += binding->live_set_bytes[i];
  }
  statistics_.packed_bytes = buffers_.unpacked.bytes() + binding->packed_bytes;
  for (const Phase& phase : binding->phases) {
    if (phase.commands != nullptr) {
      ++statistics_.submissions;
    } else if (IsTransfer(*binding, binding->steps[phase.transfer])) {
      ++statistics_.transfers;
    }
  }
  for (uint32_t i = 0; i < devices_.size(); ++i) placement_[i].ops = binding->ops[i];
  for (size_t i = 0; i < outputs_.size(); ++i) {
    const BoundOutput& output = binding->outputs[i];
    const BoundValue& value = binding->values[output.value];
    outputs_[i] = output.view;
    if (buffers_.placed.placed(i)) {
      outputs_[i].data = buffers_.placed.address(i);
      continue;
    }
    auto* const arena = static_cast<uint8_t*>(buffers_.arenas[value.arena()]->host());
    outputs_[i].data = arena == nullptr ? nullptr : arena + value.offset;
  }
}

Status BoundSession::BindWithout(uint32_t excluded, std::span<const TensorView> inputs,
                                 uint32_t* failed) {
  std::span<Device* const> devices(devices_.data(), devices_.size());
  Binder binder(plan_, function_, devices, excluded, options_, buffers_, inputs);
  auto binding = binder.Bind();
  *failed = binder.failed_device();
  if (!binding.ok()) return binding.TakeStatus();
  STINT_TRY(GrowArenas(**binding, failed));
  Binding* const made = binding->get();
  STINT_TRY(cache_.Insert(key_.span(), std::move(*binding)));
  Activate(made);
  LogBinding();
  return {};
}

void BoundSession::LogBinding() const {
  if (!options_.log.Wants(LogLevel::kInfo)) return;
  options_.log.Write(LogLevel::kInfo, "bound: %zu steps, %zu phases, %llu arena bytes",
                     active_->steps.size(), active_->phases.size(),
                     static_cast<unsigned long long>(statistics_.arena_bytes));
  if (!options_.log.Wants(LogLevel::kDebug)) return;
  for (const Refusal& refusal : active_->refusals) {
    const RefusalInfo info = DescribeRefusal(refusal, devices_.span());
    options_.log.Write(LogLevel::kDebug, "op %u: %s refuses%s%s: %s", info.op, info.device,
                       info.kernel[0] == '\0' ? "" : " in ", info.kernel, info.reason);
  }
}

Status BoundSession::FindOrBind(std::span<const TensorView> inputs, uint32_t* excluded) {
  STINT_TRY(MakeKey(inputs));
  if (Binding* const found = cache_.Find(key_.span()); found != nullptr) {
    ++statistics_.binding_hits;
    Activate(found);
    return {};
  }
  ++statistics_.binding_misses;
  // Should the bind fail, nobody is left with addresses into an arena that has moved.
  for (TensorView& output : outputs_) output.data = nullptr;
  for (;;) {
    uint32_t failed = kNoIndex;
    Status status = BindWithout(*excluded, inputs, &failed);
    if (status.ok() || !LeaveOut(failed, status, excluded)) return status;
    if (lost_ != 0) Forget();
  }
}

void BoundSession::Lose(uint32_t devices) {
  if ((lost_ | devices) == lost_) return;
  lost_ |= devices;
  Forget();
}

// Drops what was recorded: it may use a device that is lost.
void BoundSession::Forget() {
  active_ = nullptr;
  cache_.Clear();
}

Status BoundSession::CheckData(std::span<const TensorView> inputs) const {
  for (size_t i = 0; i < inputs.size(); ++i) {
    const TensorView& input = inputs[i];
    if (!input.present() || ElementCount(input) == 0) continue;
    const uint64_t alignment = std::min<uint64_t>(static_cast<uint64_t>(BytesOf(input.dtype)), 8);
    if (input.data != nullptr && reinterpret_cast<uintptr_t>(input.data) % alignment == 0 &&
        IsDense(input)) {
      continue;
    }
    return Error(Code::kInvalid, Formatted<>("input %zu", i).c_str(),
                 "found data at %p, allowed dense elements at a multiple of %llu bytes", input.data,
                 static_cast<unsigned long long>(alignment));
  }
  return {};
}

void BoundSession::SetInputs(std::span<const TensorView> inputs) {
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].present()) continue;
    const auto bytes = static_cast<uint64_t>(ElementCount(inputs[i]) * BytesOf(inputs[i].dtype));
    for (size_t device = 0; device < devices_.size(); ++device) {
      Buffer* const buffer = buffers_.inputs[device * inputs.size() + i].get();
      if (buffer != nullptr) devices_[device]->SetHost(*buffer, inputs[i].data, bytes);
    }
  }
}

// Tells devices of host memory where placed outputs go.
void BoundSession::SetOutputs() {
  const PlacedOutputs& placed = buffers_.placed;
  for (size_t i = 0; i < placed.size(); ++i) {
    if (!placed.placed(i)) continue;
    for (size_t device = 0; device < devices_.size(); ++device) {
      Buffer* const buffer = buffers_.outputs[device * placed.size() + i].get();
      if (buffer != nullptr) devices_[device]->SetHost(*buffer, placed.address(i), placed.bytes(i));
    }
  }
}

// Copies placed outputs of devices that do not write there themselves.
void BoundSession::FetchOutputs() {
  const PlacedOutputs& placed = buffers_.placed;
  for (size_t i = 0; i < placed.size(); ++i) {
    const BoundValue& value = active_->values[active_->outputs[i].value];
    if (!placed.placed(i) || value.placed == i || value.bytes == 0) continue;
    const auto* const arena = static_cast<uint8_t*>(buffers_.arenas[value.arena()]->host());
    std::memcpy(placed.address(i), arena + value.offset, value.bytes);
  }
}

// Both ends lie in memory that the host sees.
void BoundSession::Transfer(const Step& step, std::span<const TensorView> inputs) const {
  const DeviceTensor& from = step.call.operands[0];
  const DeviceTensor& to = step.call.results[0];
  const BoundValue& source = active_->values[step.call.operand_values[0]];
  if (source.bytes == 0) return;
  const void* const bytes = source.home == Home::kInput
                                ? inputs[source.input].data
                                : static_cast<uint8_t*>(from.buffer->host()) + from.offset;
  std::memcpy(static_cast<uint8_t*>(to.buffer->host()) + to.offset, bytes, source.bytes);
}

Status BoundSession::Bind(std::span<const TensorView> inputs) {
  uint32_t excluded = lost_;
  return FindOrBind(inputs, &excluded);
}

Status BoundSession::RunPhases(std::span<const TensorView> inputs, const RunControl* control,
                               uint32_t* failed) {
  for (Phase& phase : active_->phases) {
    *failed = phase.device;
    if (control != nullptr) STINT_TRY(control->Check());
    if (phase.commands != nullptr) {
      STINT_TRY(phase.commands->Run(control));
    } else {
      Transfer(active_->steps[phase.transfer], inputs);
    }
  }
  FetchOutputs();
  return {};
}

Status BoundSession::ReadTimes(std::span<double> seconds) {
  if (!options_.timed || seconds.size() != step_count()) {
    return Error(Code::kInvalid, "times",
                 "found room for %zu steps, allowed %zu of a timed session", seconds.size(),
                 step_count());
  }
  for (const Phase& phase : active_->phases) {
    if (phase.commands == nullptr || !devices_[phase.device]->info().timestamps) continue;
    STINT_TRY(command_seconds_.Resize(phase.commands->size()));
    STINT_TRY(phase.commands->ReadTimes(command_seconds_.span()));
    const double* next = command_seconds_.data();
    for (uint32_t i = phase.first_step; i < phase.end_step; ++i) {
      for (uint32_t k = 0; k < active_->steps[i].commands; ++k) seconds[i] += *next++;
    }
  }
  return {};
}

Status BoundSession::PlaceOutput(size_t i, const TensorView& memory) {
  STINT_TRY(buffers_.placed.Place(i, memory));
  outputs_[i].data = nullptr;
  return {};
}

Status BoundSession::Run(std::span<const TensorView> inputs, const RunControl* control) {
  uint32_t excluded = lost_;
  for (;;) {
    STINT_TRY(FindOrBind(inputs, &excluded));
    STINT_TRY(CheckData(inputs));
    STINT_TRY(buffers_.placed.Check(outputs_.span()));
    SetInputs(inputs);
    SetOutputs();
    uint32_t failed = kNoIndex;
    Status status = RunPhases(inputs, control, &failed);
    if (status.ok() || !LeaveOut(failed, status, &excluded)) return status;
    Forget();
  }
}

Result<std::unique_ptr<Session>> Session::Create(const Plan& plan, std::span<Device* const> devices,
                                                 const SessionOptions& options) {
  if (plan.main().region_sizes.size() > 1) return CreateRegionSession(plan, devices, options);
  STINT_ASSIGN(auto session, Make<BoundSession>(plan, plan.main(), options));
  STINT_TRY(session->Init(devices));
  return std::unique_ptr<Session>(std::move(session));
}

}  // namespace stint
