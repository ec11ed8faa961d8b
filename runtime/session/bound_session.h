// The session of a function of one region: finds or makes the binding for the inputs at hand and
// replays it. Run allocates nothing when the binding is kept: the key lies in memory that was
// reserved at creation.
//
// Inputs are never written and outputs mean nothing until a run has succeeded, so a device that
// fails is left out and everything is done again.
#ifndef STINT_RUNTIME_SESSION_BOUND_SESSION_H_
#define STINT_RUNTIME_SESSION_BOUND_SESSION_H_

#include <memory>
#include <span>

#include "runtime/session/binder.h"
#include "runtime/session/binding_cache.h"
#include "runtime/session/describe.h"
#include "runtime/session/session.h"

namespace stint {

class BoundSession final : public Session {
 public:
  // Runs `function`, which has one region and whose constants are those of `plan`. Both are
  // borrowed.
  BoundSession(const Plan& plan, const PlanFunction& function, const SessionOptions& options)
      : plan_(plan), function_(function), options_(options) {}

  Status Init(std::span<Device* const> devices);

  Status Bind(std::span<const TensorView> inputs) override;
  Status Run(std::span<const TensorView> inputs, const RunControl* control) override;
  Status PlaceOutput(size_t i, const TensorView& memory) override;
  const TensorView& output(size_t i) const override { return outputs_[i]; }
  std::span<const Placement> placement() const override { return placement_.span(); }
  SessionStatistics statistics() const override { return statistics_; }
  size_t step_count() const override { return active_ != nullptr ? active_->steps.size() : 0; }
  StepInfo step(size_t i) const override {
    return DescribeStep(*active_, active_->steps[i], devices_.span());
  }
  size_t group_count() const override { return active_ != nullptr ? active_->groups.size() : 0; }
  GroupInfo group(size_t i) const override { return DescribeGroup(active_->groups[i]); }
  Status ReadTimes(std::span<double> seconds) override;
  size_t refusal_count() const override {
    return active_ != nullptr ? active_->refusals.size() : 0;
  }
  RefusalInfo refusal(size_t i) const override {
    return DescribeRefusal(active_->refusals[i], devices_.span());
  }

  // Devices that failed for good, a bit each; Lose adds some and drops what was recorded.
  uint32_t lost() const { return lost_; }
  void Lose(uint32_t devices);
  // What all arenas may take together, from the next bind on.
  void LimitArenas(uint64_t bytes) { options_.arena_bytes = bytes; }

 private:
  Status CreateBuffers(uint32_t device);
  bool LeaveOut(uint32_t device, const Status& error, uint32_t* excluded);
  Status MakeKey(std::span<const TensorView> inputs);
  Status FindOrBind(std::span<const TensorView> inputs, uint32_t* excluded);
  Status BindWithout(uint32_t excluded, std::span<const TensorView> inputs, uint32_t* failed);
  Status GrowArenas(const Binding& binding, uint32_t* failed);
  void Activate(Binding* binding);
  Status CheckData(std::span<const TensorView> inputs) const;
  void SetInputs(std::span<const TensorView> inputs);
  void SetOutputs();
  void FetchOutputs();
  void Forget();
  void LogBinding() const;
  Status RunPhases(std::span<const TensorView> inputs, const RunControl* control, uint32_t* failed);
  void Transfer(const Step& step, std::span<const TensorView> inputs) const;

  const Plan& plan_;
  const PlanFunction& function_;
  SessionOptions options_;
  Array<Device*> devices_;
  uint32_t lost_ = 0;  // Devices that are of no use any more, a bit each.
  SessionBuffers buffers_;
  BindingCache cache_;
  Array<int64_t> key_;
  Binding* active_ = nullptr;  // In cache_.
  Array<TensorView> outputs_;
  Array<double> command_seconds_;  // Of one list.
  Array<Placement> placement_;
  SessionStatistics statistics_;
};

}  // namespace stint

#endif  // STINT_RUNTIME_SESSION_BOUND_SESSION_H_
