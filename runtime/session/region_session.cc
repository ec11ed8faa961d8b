#include "runtime/session/region_session.h"

#include <algorithm>

#include "runtime/session/bound_session.h"
#include "runtime/session/region_functions.h"

namespace stint {

namespace {

class RegionSession final : public Session {
 public:
  RegionSession(const Plan& plan, const SessionOptions& options)
      : plan_(plan), arena_bytes_(std::min(plan.limits().arena_bytes, options.arena_bytes)) {}

  Status Init(std::span<Device* const> devices, const SessionOptions& options);

  Status Bind(std::span<const TensorView> inputs) override;
  Status Run(std::span<const TensorView> inputs, const RunControl* control) override;
  Status PlaceOutput(size_t i, const TensorView& memory) override;
  const TensorView& output(size_t i) const override {
    return bound_ == sessions_.size() ? sessions_[bound_ - 1]->output(i) : unknown_[i];
  }
  std::span<const Placement> placement() const override { return placement_.span(); }
  SessionStatistics statistics() const override;
  size_t step_count() const override { return Total(&Session::step_count); }
  StepInfo step(size_t i) const override;
  size_t group_count() const override { return Total(&Session::group_count); }
  GroupInfo group(size_t i) const override;
  Status ReadTimes(std::span<double> seconds) override;
  size_t refusal_count() const override { return Total(&Session::refusal_count); }
  RefusalInfo refusal(size_t i) const override;

 private:
  // A number that sessions tell: of steps, of groups, of refusals.
  using Number = size_t (Session::*)() const;
  // Its sum over regions [0, end).
  size_t Sum(Number number, size_t end) const;
  size_t Total(Number number) const { return Sum(number, bound_); }
  // The region of the i-th of them all; i becomes its place in that region.
  size_t RegionOf(Number number, size_t* i) const;

  Status DescribeOutputs();
  std::span<const TensorView> InputsOf(size_t region, std::span<const TensorView> inputs);
  Status RunRegions(std::span<const TensorView> inputs, const RunControl* control);
  bool ShareLosses(size_t region);
  void Count();

  const Plan& plan_;
  const uint64_t arena_bytes_;
  Array<RegionFunction> regions_;
  Array<std::unique_ptr<BoundSession>> sessions_;  // One a region.
  Array<Array<TensorView>> inputs_;                // Of each region.
  Array<TensorView> unknown_;                      // Outputs before the last region is bound.
  Array<Placement> placement_;
  size_t bound_ = 0;   // Regions that are bound, from the first on.
  uint32_t lost_ = 0;  // Devices that are lost to all regions, a bit each.
};

Status RegionSession::Init(std::span<Device* const> devices, const SessionOptions& options) {
  STINT_ASSIGN(regions_, MakeRegionFunctions(plan_.main(), plan_.limits().structure_bytes));
  for (const RegionFunction& region : regions_) {
    STINT_ASSIGN(auto session, Make<BoundSession>(plan_, region.function, options));
    STINT_TRY(session->Init(devices));
    STINT_TRY(sessions_.Push(std::move(session)));
    Array<TensorView> inputs;
    STINT_TRY(inputs.Resize(region.function.inputs.size()));
    STINT_TRY(inputs_.Push(std::move(inputs)));
  }
  for (Device* device : devices) STINT_TRY(placement_.Push({device->info().name, 0}));
  return DescribeOutputs();
}

Status RegionSession::DescribeOutputs() {
  const PlanFunction& function = plan_.main();
  for (const PlanUse& use : function.outputs) {
    const PlanValue& value = function.values[use.value];
    TensorView view;
    view.dtype = value.dtype;
    view.rank = use.view == kNoIndex ? value.rank : function.views[use.view].rank;
    const Dim* const extents =
        use.view == kNoIndex ? value.extents : function.views[use.view].extents;
    for (int axis = 0; axis < view.rank; ++axis) {
      view.extents[axis] = extents[axis].is_constant() ? extents[axis].constant() : -1;
    }
    STINT_TRY(unknown_.Push(view));
  }
  return {};
}

// Earlier regions have run.
std::span<const TensorView> RegionSession::InputsOf(size_t region,
                                                    std::span<const TensorView> inputs) {
  const Array<CarriedInput>& carried = regions_[region].carried;
  if (inputs.size() + carried.size() != inputs_[region].size()) return inputs;  // Refused there.
  TensorView* next = std::copy(inputs.begin(), inputs.end(), inputs_[region].begin());
  for (const CarriedInput& input : carried) {
    *next++ = sessions_[input.region]->output(input.output);
  }
  return inputs_[region].span();
}

void RegionSession::Count() {
  for (size_t device = 0; device < placement_.size(); ++device) {
    placement_[device].ops = 0;
    for (size_t i = 0; i < bound_; ++i) {
      placement_[device].ops += sessions_[i]->placement()[device].ops;
    }
  }
}

Status RegionSession::Bind(std::span<const TensorView> inputs) {
  bound_ = 0;
  sessions_[0]->LimitArenas(arena_bytes_);
  Status status = sessions_[0]->Bind(InputsOf(0, inputs));
  ShareLosses(0);
  if (!status.ok()) return status;
  bound_ = 1;
  Count();
  return {};
}

// Whether a device was lost in a region, which then is lost to all of them. What it computed before
// cannot be relied on.
bool RegionSession::ShareLosses(size_t region) {
  const uint32_t lost = sessions_[region]->lost();
  if (lost == lost_) return false;
  lost_ = lost;
  for (const auto& session : sessions_) session->Lose(lost);
  return true;
}

Status RegionSession::RunRegions(std::span<const TensorView> inputs, const RunControl* control) {
  uint64_t left = arena_bytes_;  // A region may take what the arenas of those before it leave.
  while (bound_ < sessions_.size()) {
    if (control != nullptr) STINT_TRY(control->Check());
    BoundSession& session = *sessions_[bound_];
    session.LimitArenas(left);
    Status status = session.Run(InputsOf(bound_, inputs), control);
    if (ShareLosses(bound_) && bound_ > 0) {
      bound_ = 0;
      left = arena_bytes_;
      continue;
    }
    if (!status.ok()) return status;
    left -= std::min(left, session.statistics().arena_bytes);
    ++bound_;
  }
  return {};
}

Status RegionSession::Run(std::span<const TensorView> inputs, const RunControl* control) {
  bound_ = 0;
  Status status = RunRegions(inputs, control);
  Count();
  return status;
}

Status RegionSession::PlaceOutput(size_t i, const TensorView& memory) {
  bound_ = std::min(bound_, sessions_.size() - 1);
  return sessions_.back()->PlaceOutput(i, memory);
}

SessionStatistics RegionSession::statistics() const {
  SessionStatistics sum;
  for (size_t i = 0; i < sessions_.size(); ++i) {
    const SessionStatistics region = sessions_[i]->statistics();
    sum.binding_hits += region.binding_hits;
    sum.binding_misses += region.binding_misses;
    if (i >= bound_) continue;
    sum.arena_bytes += region.arena_bytes;
    sum.live_set_bytes += region.live_set_bytes;
    sum.packed_bytes += region.packed_bytes;
    sum.submissions += region.submissions;
    sum.transfers += region.transfers;
  }
  return sum;
}

size_t RegionSession::Sum(Number number, size_t end) const {
  size_t sum = 0;
  for (size_t region = 0; region < end; ++region) sum += (*sessions_[region].*number)();
  return sum;
}

size_t RegionSession::RegionOf(Number number, size_t* i) const {
  size_t region = 0;
  for (; *i >= (*sessions_[region].*number)(); ++region) *i -= (*sessions_[region].*number)();
  return region;
}

StepInfo RegionSession::step(size_t i) const {
  const size_t region = RegionOf(&Session::step_count, &i);
  StepInfo info = sessions_[region]->step(i);
  if (info.op != kNoIndex) info.op += regions_[region].first_op;
  if (info.group != kNoIndex) {
    info.group += static_cast<uint32_t>(Sum(&Session::group_count, region));
  }
  return info;
}

GroupInfo RegionSession::group(size_t i) const {
  const size_t region = RegionOf(&Session::group_count, &i);
  const size_t steps = Sum(&Session::step_count, region);
  GroupInfo info = sessions_[region]->group(i);
  info.first_step += steps;
  info.end_step += steps;
  return info;
}

Status RegionSession::ReadTimes(std::span<double> seconds) {
  if (seconds.size() != step_count()) {
    return Error(Code::kInvalid, "times", "found room for %zu steps, allowed %zu", seconds.size(),
                 step_count());
  }
  for (size_t i = 0; i < bound_; ++i) {
    const size_t steps = sessions_[i]->step_count();
    STINT_TRY(sessions_[i]->ReadTimes(seconds.first(steps)));
    seconds = seconds.subspan(steps);
  }
  return {};
}

RefusalInfo RegionSession::refusal(size_t i) const {
  const size_t region = RegionOf(&Session::refusal_count, &i);
  RefusalInfo info = sessions_[region]->refusal(i);
  if (info.op != kNoIndex) info.op += regions_[region].first_op;
  return info;
}

}  // namespace

Result<std::unique_ptr<Session>> CreateRegionSession(const Plan& plan,
                                                     std::span<Device* const> devices,
                                                     const SessionOptions& options) {
  STINT_ASSIGN(auto session, Make<RegionSession>(plan, options));
  STINT_TRY(session->Init(devices, options));
  return std::unique_ptr<Session>(std::move(session));
}

}  // namespace stint
