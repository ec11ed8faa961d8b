// The session: finds or makes the binding for the inputs at hand and replays it. Run allocates
// nothing when the binding is kept: the key lies in memory that was reserved at creation.
#include "runtime/session/session.h"

#include <algorithm>

#include "runtime/base/text.h"
#include "runtime/session/binder.h"
#include "runtime/session/binding_cache.h"

namespace stint {

namespace {

class BoundSession final : public Session {
 public:
  BoundSession(const Plan& plan, const SessionOptions& options)
      : plan_(plan), function_(plan.main()), options_(options) {}

  Status Init(std::span<Device* const> devices);

  Status Bind(std::span<const TensorView> inputs) override;
  Status Run(std::span<const TensorView> inputs) override;
  const TensorView& output(size_t i) const override { return outputs_[i]; }
  std::span<const Placement> placement() const override { return placement_.span(); }
  SessionStatistics statistics() const override { return statistics_; }

 private:
  Status CheckFunction() const;
  Status CreateBuffers();
  Status MakeKey(std::span<const TensorView> inputs);
  Status FindOrBind(std::span<const TensorView> inputs);
  Status GrowArenas(const Binding& binding);
  void Activate(Binding* binding);
  Status CheckData(std::span<const TensorView> inputs) const;
  void SetInputs(std::span<const TensorView> inputs);
  Status Transfer(const Step& step);

  const Plan& plan_;
  const PlanFunction& function_;
  const SessionOptions options_;
  Array<Device*> devices_;
  SessionBuffers buffers_;
  BindingCache cache_;
  Array<int64_t> key_;
  Binding* active_ = nullptr;  // In cache_.
  Array<TensorView> outputs_;
  Array<Placement> placement_;
  SessionStatistics statistics_;
};

Status BoundSession::CheckFunction() const {
  if (function_.region_sizes.size() > 1) {
    return Error(Code::kUnsupported, "regions", "found %zu in the main function, allowed 1",
                 function_.region_sizes.size());
  }
  return {};
}

Status BoundSession::CreateBuffers() {
  for (Device* device : devices_) {
    STINT_ASSIGN(auto arena, device->Allocate(0));
    STINT_TRY(buffers_.arenas.Push(std::move(arena)));
    for (size_t i = 0; i < function_.inputs.size(); ++i) {
      std::unique_ptr<Buffer> input;
      if (device->info().host_memory) {
        STINT_ASSIGN(input, device->WrapHost());
      }
      STINT_TRY(buffers_.inputs.Push(std::move(input)));
    }
  }
  return {};
}

Status BoundSession::Init(std::span<Device* const> devices) {
  bool host = false;
  for (Device* device : devices) {
    STINT_TRY(devices_.Push(device));
    host = host || device->info().host_memory;
    STINT_TRY(placement_.Push({device->info().name, 0}));
  }
  if (!host || devices.size() > kMaxDevices) {
    return Error(Code::kInvalid, "devices", "found %zu, allowed up to %u, one with host memory",
                 devices.size(), kMaxDevices);
  }
  STINT_TRY(CheckFunction());
  STINT_TRY(CreateBuffers());
  STINT_TRY(cache_.Create(options_.cached_bindings, options_.cached_bytes));
  STINT_TRY(outputs_.Resize(function_.outputs.size()));
  return key_.Reserve(function_.inputs.size() * (kMaxRank + 2) + function_.symbols.size());
}

// Dtype, rank and extents of each input, then the host values that symbols are read from.
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
  return {};
}

Status BoundSession::GrowArenas(const Binding& binding) {
  for (uint32_t i = 0; i < devices_.size(); ++i) {
    STINT_TRY(devices_[i]->Grow(*buffers_.arenas[i], binding.arena_bytes[i]));
  }
  return {};
}

void BoundSession::Activate(Binding* binding) {
  active_ = binding;
  statistics_.arena_bytes = 0;
  statistics_.live_set_bytes = 0;
  for (uint32_t i = 0; i < devices_.size(); ++i) {
    statistics_.arena_bytes += binding->arena_bytes[i];
    statistics_.live_set_bytes += binding->live_set_bytes[i];
    placement_[i].ops = binding->ops[i];
  }
  for (size_t i = 0; i < outputs_.size(); ++i) {
    const BoundOutput& output = binding->outputs[i];
    const BoundValue& value = binding->values[output.value];
    outputs_[i] = output.view;
    auto* const arena = static_cast<uint8_t*>(buffers_.arenas[value.device]->host());
    outputs_[i].data = arena == nullptr ? nullptr : arena + value.offset;
  }
}

Status BoundSession::FindOrBind(std::span<const TensorView> inputs) {
  STINT_TRY(MakeKey(inputs));
  if (Binding* const found = cache_.Find(key_.span()); found != nullptr) {
    ++statistics_.binding_hits;
    Activate(found);
    return {};
  }
  ++statistics_.binding_misses;
  // Should the bind fail, nobody is left with addresses into an arena that has moved.
  for (TensorView& output : outputs_) output.data = nullptr;
  std::span<Device* const> devices(devices_.data(), devices_.size());
  Binder binder(plan_, devices, options_, buffers_, inputs);
  STINT_ASSIGN(std::unique_ptr<Binding> binding, binder.Bind());
  STINT_TRY(GrowArenas(*binding));
  Binding* const made = binding.get();
  STINT_TRY(cache_.Insert(key_.span(), std::move(binding)));
  Activate(made);
  return {};
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

Status BoundSession::Transfer(const Step& step) {
  const DeviceTensor& from = step.call.operands[0];
  const DeviceTensor& to = step.call.results[0];
  const uint64_t bytes = active_->values[step.call.result_values[0]].bytes;
  if (bytes == 0) return {};
  if (const auto* host = static_cast<const uint8_t*>(from.buffer->host()); host != nullptr) {
    return devices_[step.device]->Write(*to.buffer, to.offset, host + from.offset, bytes);
  }
  auto* const host = static_cast<uint8_t*>(to.buffer->host());
  const uint32_t source = active_->values[step.call.operand_values[0]].device;
  return devices_[source]->Read(*from.buffer, from.offset, host + to.offset, bytes);
}

Status BoundSession::Bind(std::span<const TensorView> inputs) { return FindOrBind(inputs); }

Status BoundSession::Run(std::span<const TensorView> inputs) {
  STINT_TRY(FindOrBind(inputs));
  STINT_TRY(CheckData(inputs));
  SetInputs(inputs);
  for (Phase& phase : active_->phases) {
    STINT_TRY(phase.commands != nullptr ? phase.commands->Run()
                                        : Transfer(active_->steps[phase.transfer]));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Session>> Session::Create(const Plan& plan, std::span<Device* const> devices,
                                                 const SessionOptions& options) {
  STINT_ASSIGN(auto session, Make<BoundSession>(plan, options));
  STINT_TRY(session->Init(devices));
  return std::unique_ptr<Session>(std::move(session));
}

}  // namespace stint
