// A session behind the C interface: callers' views become dense tensors, outputs go where they were
// bound, state changes places, runs happen on other threads.
#ifndef STINT_RUNTIME_API_SESSION_H_
#define STINT_RUNTIME_API_SESSION_H_

#include <memory>
#include <span>

#include "runtime/api/handles.h"
#include "runtime/api/strided_copy.h"
#include "runtime/api/worker.h"
#include "runtime/session/session.h"

namespace stint::abi {

// Has a session for the length of a call.
class Use {
 public:
  explicit Use(Worker& worker) : worker_(worker), entered_(worker.Enter()) {}
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  ~Use() {
    if (entered_) worker_.Leave();
  }
  // kInvalid: somebody else has it.
  Status Check() const {
    if (entered_) return {};
    return Error(Code::kInvalid, "session", "found a run in flight, allowed none");
  }
  // The session's thread leaves instead.
  void HandOver() { entered_ = false; }

 private:
  Worker& worker_;
  bool entered_;
};

}  // namespace stint::abi

struct stint_session final : public stint::Object {
 public:
  using Done = void (*)(void* user, stint_session* session, const stint_error* error);

  stint::Status Init(const stint_plan* plan, const stint_session_options& options);
  ~stint_session() override;

  stint::Status Prepare(const stint_tensor* inputs, size_t count);
  stint::Status Run(const stint_tensor* inputs, size_t count, const stint_run_options* options);
  stint::Status RunAsync(const stint_tensor* inputs, size_t count, const stint_run_options* options,
                         Done done, void* user);
  stint::Status Wait(stint_error* error, stint_code* code);
  void Cancel() { control_.Cancel(); }
  bool IsOwnThread() { return worker_.IsCaller(); }

  stint::Status GetOutput(size_t index, stint_tensor* output) const;
  stint::Status BindOutput(size_t index, const stint_tensor* memory);
  stint::Status BindState(size_t output, size_t input, const stint_tensor* first);
  stint::Status ResetState();

  size_t device_count() const { return devices_.size(); }
  stint::Status GetPlacement(size_t index, stint_placement* placement) const;
  size_t step_count() const { return Looks() ? session_->step_count() : 0; }
  stint::Status GetStep(size_t index, stint_step* step);
  size_t group_count() const { return Looks() ? session_->group_count() : 0; }
  stint::Status GetGroup(size_t index, stint_group* group) const;
  size_t refusal_count() const { return Looks() ? session_->refusal_count() : 0; }
  stint::Status GetRefusal(size_t index, stint_refusal* refusal) const;
  stint::Status GetStatistics(stint_statistics* statistics) const;

 private:
  struct Input {
    stint::abi::HostMemory staging;
    stint_tensor given = {};      // Of the run in flight.
    bool copied = false;          // To staging, as it cannot be used in place.
    bool read_by_shapes = false;  // Its elements are extents.
    bool state = false;
  };
  struct Output {
    stint_tensor memory = {};  // Bound: to be copied to after a run; dtype none: not so.
  };
  // The input of the next run lies in memory[current], its output goes to the other one.
  struct State {
    size_t output = 0;
    size_t input = 0;
    stint::TensorView view;
    uint64_t bytes = 0;
    bool zeros = true;
    stint::abi::HostMemory first;  // Unless zeros.
    stint::abi::HostMemory memory[2];
    int current = 0;
  };
  enum class Results : uint8_t { kNone, kShapes, kValues };

  stint::Status OpenDevices(const stint_session_options& options);
  stint::Status ReadInputs(const stint_tensor* inputs, size_t count);
  stint::Status CheckAgainstPlan(size_t index, const stint::TensorView& view) const;
  stint::Status MakeRoom(size_t index);
  void Stage(size_t index);
  stint::Status SetUpState();
  stint::Status Start(const stint_tensor* inputs, size_t count, const stint_run_options* options);
  stint::Status Execute();
  stint::Status CheckCopiedOutputs() const;
  stint::Status RunPlan();
  stint::Status MakeState(const stint_tensor& first, State* state) const;
  stint::Status CheckFree(size_t output, size_t input) const;
  void ResetOne(State& state) const;
  void Unbind(size_t output);  // The last run's results are over.
  bool Looks() const { return worker_.Quiet() && results_ != Results::kNone; }
  stint::Status CheckLooks() const;
  const char* OpName(uint32_t op) const;
  void RunOnThread();
  void CallDone();

  stint::abi::Owner<stint_plan> plan_;
  stint::Array<stint::abi::Owner<stint_device>> devices_;
  std::unique_ptr<stint::Session> session_;
  bool profile_ = false;

  stint::Array<Input> inputs_;
  stint::Array<stint::TensorView> views_;  // Of the inputs, as the session takes them.
  stint::Array<Output> outputs_;
  stint::Array<State> states_;
  Results results_ = Results::kNone;
  stint::Array<double> seconds_;  // Of each step of the last run; empty: not asked yet.

  stint::RunControl control_;
  mutable stint::abi::Worker worker_;
  stint::Status outcome_;  // Of the last asynchronous run.
  Done done_ = nullptr;
  void* user_ = nullptr;
};

#endif  // STINT_RUNTIME_API_SESSION_H_
