// Making sessions, running them and looking at what they gave. State is in state.cc, what a session
// did in report.cc.
#include "runtime/api/session.h"

#include <algorithm>

#include "runtime/base/text.h"
#include "runtime/ops/shape_checks.h"

using stint::Array;
using stint::Code;
using stint::Error;
using stint::Formatted;
using stint::Status;
using stint::TensorView;
using stint::abi::CheckIndex;
using stint::abi::Missing;
using stint::abi::Owner;
using stint::abi::Use;

Status stint_session::OpenDevices(const stint_session_options& options) {
  if (options.device_count > 0 && options.devices == nullptr) return Missing("devices");
  if (options.device_count > stint::kMaxDevices) {
    return Error(Code::kInvalid, "devices", "found %zu, allowed 1 to %u", options.device_count,
                 stint::kMaxDevices);
  }
  for (size_t i = 0; i < options.device_count; ++i) {
    if (options.devices[i] == nullptr) return Missing("devices");
    STINT_TRY(devices_.Push(Owner<stint_device>(options.devices[i])));
  }
  if (!devices_.empty()) return {};
  STINT_ASSIGN(stint_device* const own, stint::abi::OpenDevice("auto", options.threads));
  Owner<stint_device> owner(own);
  own->Release();
  return devices_.Push(std::move(owner));
}

Status stint_session::Init(const stint_plan* plan, const stint_session_options& options) {
  STINT_TRY(stint::abi::CheckFlags(
      "stint_session_options", options.flags,
      STINT_SESSION_NO_FALLBACK | STINT_SESSION_PROFILE | STINT_SESSION_NO_GROUPS));
  STINT_TRY(OpenDevices(options));
  // Owners count, which is all that is changed of a plan.
  plan_ = Owner<stint_plan>(const_cast<stint_plan*>(plan));
  stint::SessionOptions own;
  own.no_fallback = (options.flags & STINT_SESSION_NO_FALLBACK) != 0;
  own.fuse = (options.flags & STINT_SESSION_NO_GROUPS) == 0;
  own.timed = profile_ = (options.flags & STINT_SESSION_PROFILE) != 0;
  if (options.prepared_shapes != 0) own.cached_bindings = options.prepared_shapes;
  if (options.prepared_bytes != 0) own.cached_bytes = options.prepared_bytes;
  if (options.arena_bytes != 0) own.arena_bytes = options.arena_bytes;
  own.log = stint::abi::LogOf(options.log);
  Array<stint::Device*> devices;
  for (const auto& device : devices_) STINT_TRY(devices.Push(device->device.get()));
  STINT_ASSIGN(session_, stint::Session::Create(*plan_->plan, devices.span(), own));
  const stint::PlanFunction& main = plan_->main();
  STINT_TRY(inputs_.Resize(main.inputs.size()));
  STINT_TRY(views_.Resize(main.inputs.size()));
  STINT_TRY(outputs_.Resize(main.outputs.size()));
  for (const stint::PlanSymbol& symbol : main.symbols) {
    if (symbol.source == stint::SymbolSource::kElement) {
      inputs_[symbol.input].read_by_shapes = true;
    }
  }
  return {};
}

stint_session::~stint_session() {
  Cancel();
  worker_.End();
}

// Before memory is spent on a copy of it.
Status stint_session::CheckAgainstPlan(size_t index, const TensorView& view) const {
  const stint::PlanFunction& main = plan_->main();
  const stint::PlanValue& value = main.values[main.inputs[index]];
  const int length = static_cast<int>(std::min<size_t>(value.name.size(), 100));
  const Formatted<> where("input %.*s", length, value.name.data());
  TensorView allowed;
  allowed.dtype = value.dtype;
  allowed.rank = value.rank;
  for (int axis = 0; axis < value.rank; ++axis) {
    const stint::Dim extent = value.extents[axis];
    allowed.extents[axis] = extent.is_constant() ? extent.constant() : -1;
  }
  return stint::CheckView(where.c_str(), view, allowed);
}

Status stint_session::ReadInputs(const stint_tensor* inputs, size_t count) {
  if (count != inputs_.size()) {
    return Error(Code::kInvalid, "inputs", "found %zu, allowed %zu", count, inputs_.size());
  }
  if (inputs == nullptr && count > 0) return Missing("inputs");
  for (size_t i = 0; i < count; ++i) {
    const Formatted<> where("input %zu", i);
    STINT_TRY(stint::abi::ReadShape(where.c_str(), inputs[i], &views_[i]));
    inputs_[i].given = inputs[i];
    if (views_[i].present()) {
      if (inputs_[i].state) {
        return Error(Code::kInvalid, where.c_str(), "found a tensor, allowed none: it is state");
      }
      STINT_TRY(CheckAgainstPlan(i, views_[i]));
    }
  }
  return {};
}

// Memory of the session's where view `index` cannot be used in place, as large as its elements.
Status stint_session::MakeRoom(size_t index) {
  Input& input = inputs_[index];
  const TensorView& view = views_[index];
  input.copied = view.present() && !input.state && !stint::abi::UsableInPlace(input.given, view);
  if (!input.copied) return {};
  const auto bytes = static_cast<uint64_t>(ElementCount(view) * BytesOf(view.dtype));
  const uint64_t most = plan_->plan->limits().arena_bytes;
  const Formatted<> where("input %zu", index);
  if (bytes > most) {
    return Error(Code::kLimit, where.c_str(), "found %llu bytes to copy, allowed %llu",
                 static_cast<unsigned long long>(bytes), static_cast<unsigned long long>(most));
  }
  return input.staging.Grow(where.c_str(), bytes);
}

// Gives view `index`, for which there is room, the elements that the caller gave.
void stint_session::Stage(size_t index) {
  const Input& input = inputs_[index];
  TensorView& view = views_[index];
  if (!view.present() || input.state) return;
  view.data = input.given.data;
  if (view.data == nullptr || !input.copied) return;
  stint::abi::CopyFromStrided(input.given, view, input.staging.data());
  view.data = input.staging.data();
}

Status stint_session::Prepare(const stint_tensor* inputs, size_t count) {
  const Use use(worker_);
  STINT_TRY(use.Check());
  STINT_TRY(ReadInputs(inputs, count));
  results_ = Results::kNone;
  for (size_t i = 0; i < count; ++i) {
    STINT_TRY(MakeRoom(i));
    if (inputs_[i].read_by_shapes) Stage(i);
  }
  STINT_TRY(SetUpState());
  STINT_TRY(session_->Bind(views_.span()));
  results_ = Results::kShapes;
  return {};
}

// What a run checks before it leaves the caller's thread.
Status stint_session::Start(const stint_tensor* inputs, size_t count,
                            const stint_run_options* options) {
  stint_run_options read = {};
  STINT_TRY(stint::abi::ReadOptions("stint_run_options", options, &read));
  STINT_TRY(ReadInputs(inputs, count));
  uint64_t deadline = stint::RunControl::kNever;
  if (read.timeout != 0) {
    const uint64_t now = stint::MonotonicNanoseconds();
    if (!stint::CheckedAdd(now, read.timeout, &deadline)) deadline = stint::RunControl::kNever;
  }
  control_.Start(deadline);
  return {};
}

// Extents that nothing is known of yet are checked after the run.
Status stint_session::CheckCopiedOutputs() const {
  for (size_t i = 0; i < outputs_.size(); ++i) {
    if (outputs_[i].memory.dtype == STINT_NONE) continue;
    const Formatted<> where("output %zu", i);
    TensorView memory;
    STINT_TRY(stint::abi::ReadShape(where.c_str(), outputs_[i].memory, &memory));
    STINT_TRY(stint::CheckView(where.c_str(), memory, session_->output(i)));
  }
  return {};
}

Status stint_session::RunPlan() {
  const bool copies = std::any_of(outputs_.begin(), outputs_.end(), [](const Output& output) {
    return output.memory.dtype != STINT_NONE;
  });
  if (copies) {
    STINT_TRY(session_->Bind(views_.span()));
    STINT_TRY(CheckCopiedOutputs());
  }
  STINT_TRY(session_->Run(views_.span(), &control_));
  if (copies) STINT_TRY(CheckCopiedOutputs());
  for (size_t i = 0; copies && i < outputs_.size(); ++i) {
    const stint_tensor& memory = outputs_[i].memory;
    if (memory.dtype == STINT_NONE) continue;
    stint::abi::CopyToStrided(session_->output(i).data, session_->output(i), memory);
  }
  return {};
}

Status stint_session::Execute() {
  results_ = Results::kNone;
  seconds_.Clear();
  for (size_t i = 0; i < inputs_.size(); ++i) {
    STINT_TRY(MakeRoom(i));
    Stage(i);
  }
  STINT_TRY(SetUpState());
  STINT_TRY(control_.Check());
  STINT_TRY(RunPlan());
  for (State& state : states_) state.current = 1 - state.current;
  results_ = Results::kValues;
  return {};
}

Status stint_session::Run(const stint_tensor* inputs, size_t count,
                          const stint_run_options* options) {
  const Use use(worker_);
  STINT_TRY(use.Check());
  STINT_TRY(Start(inputs, count, options));
  return Execute();
}

void stint_session::RunOnThread() { outcome_ = Execute(); }

void stint_session::CallDone() {
  if (done_ == nullptr) return;
  stint_error error = STINT_ERROR_INIT;
  stint::abi::Report(outcome_, &error);
  done_(user_, this, &error);
}

Status stint_session::RunAsync(const stint_tensor* inputs, size_t count,
                               const stint_run_options* options, Done done, void* user) {
  Use use(worker_);
  STINT_TRY(use.Check());
  STINT_TRY(Start(inputs, count, options));
  done_ = done;
  user_ = user;
  use.HandOver();
  return worker_.Start([](void* self) { static_cast<stint_session*>(self)->RunOnThread(); },
                       [](void* self) { static_cast<stint_session*>(self)->CallDone(); }, this);
}

Status stint_session::Wait(stint_error* error, stint_code* code) {
  if (worker_.IsCaller()) {
    return Error(Code::kInvalid, "session", "found a wait in its own callback, allowed elsewhere");
  }
  worker_.Wait();
  *code = stint::abi::Report(outcome_, error);
  return {};
}

Status stint_session::CheckLooks() const {
  if (!worker_.Quiet()) {
    return Error(Code::kInvalid, "session", "found a run in flight, allowed none");
  }
  if (results_ != Results::kNone) return {};
  return Error(Code::kInvalid, "session", "found nothing, allowed after a run that succeeded");
}

Status stint_session::GetOutput(size_t index, stint_tensor* output) const {
  if (output == nullptr) return Missing("output");
  STINT_TRY(CheckIndex("output", index, outputs_.size()));
  STINT_TRY(CheckLooks());
  const TensorView& view = session_->output(index);
  void* const data = results_ == Results::kValues ? view.data : nullptr;
  *output = stint_dense(static_cast<stint_dtype>(view.dtype), view.rank, view.extents, data);
  return {};
}

void stint_session::Unbind(size_t output) {
  results_ = std::min(results_, Results::kShapes);
  outputs_[output] = {};
  for (size_t i = 0; i < states_.size(); ++i) {
    if (states_[i].output != output) continue;
    inputs_[states_[i].input].state = false;
    std::swap(states_[i], states_.back());
    (void)states_.Resize(states_.size() - 1);  // Fewer need no memory.
    return;
  }
}

Status stint_session::BindOutput(size_t index, const stint_tensor* memory) {
  const Use use(worker_);
  STINT_TRY(use.Check());
  STINT_TRY(CheckIndex("output", index, outputs_.size()));
  if (memory == nullptr) {
    STINT_TRY(session_->PlaceOutput(index, {}));
    Unbind(index);
    return {};
  }
  const Formatted<> where("output %zu", index);
  TensorView view;
  STINT_TRY(stint::abi::ReadShape(where.c_str(), *memory, &view));
  if (!view.present()) {
    return Error(Code::kInvalid, where.c_str(), "found dtype none, allowed a tensor or NULL");
  }
  if (memory->data == nullptr && ElementCount(view) > 0) return Missing("data");
  view.data = memory->data;
  const bool in_place = stint::abi::UsableInPlace(*memory, view);
  STINT_TRY(session_->PlaceOutput(index, in_place ? view : TensorView()));
  Unbind(index);
  if (!in_place) outputs_[index].memory = *memory;
  return {};
}
