// What a session did: placement, steps, refusals, counts.
#include <utility>

#include "runtime/api/session.h"

using stint::Status;
using stint::abi::CheckIndex;
using stint::abi::TextOf;
using stint::abi::WriteInfo;

namespace {

// From 1, as 0 is none.
uint32_t NumberOf(uint32_t group) { return group == stint::kNoIndex ? 0 : group + 1; }
int64_t IndexOf(uint32_t op) { return op == stint::kNoIndex ? -1 : int64_t{op}; }

}  // namespace

const char* stint_session::OpName(uint32_t op) const {
  return op == stint::kNoIndex ? "" : TextOf(plan_->main().ops[op].name);
}

Status stint_session::GetPlacement(size_t index, stint_placement* placement) const {
  STINT_TRY(CheckIndex("device", index, devices_.size()));
  STINT_TRY(CheckLooks());
  return WriteInfo("stint_placement",
                   {0, session_->placement()[index].ops, devices_[index]->name.c_str()}, placement);
}

Status stint_session::GetStep(size_t index, stint_step* step) {
  STINT_TRY(CheckLooks());
  STINT_TRY(CheckIndex("step", index, session_->step_count()));
  const bool timed = profile_ && results_ == Results::kValues;
  if (timed && seconds_.empty()) {
    stint::Array<double> seconds;
    STINT_TRY(seconds.Resize(session_->step_count()));
    STINT_TRY(session_->ReadTimes(seconds.span()));
    seconds_ = std::move(seconds);
  }
  const stint::StepInfo own = session_->step(index);
  return WriteInfo("stint_step",
                   {0, NumberOf(own.group), IndexOf(own.op), OpName(own.op), own.name, own.device,
                    own.kernel, own.source, own.bytes, own.operations, own.predicted_seconds,
                    timed ? seconds_[index] : -1.0, own.alone},
                   step);
}

Status stint_session::GetGroup(size_t index, stint_group* group) const {
  STINT_TRY(CheckLooks());
  STINT_TRY(CheckIndex("group", index, session_->group_count()));
  const stint::GroupInfo own = session_->group(index);
  return WriteInfo("stint_group", {0, own.lines, own.first_step, own.end_step, own.kept_bytes},
                   group);
}

Status stint_session::GetRefusal(size_t index, stint_refusal* refusal) const {
  STINT_TRY(CheckLooks());
  STINT_TRY(CheckIndex("refusal", index, session_->refusal_count()));
  const stint::RefusalInfo own = session_->refusal(index);
  return WriteInfo("stint_refusal",
                   {0, 0, IndexOf(own.op), OpName(own.op), own.device, own.kernel, own.reason},
                   refusal);
}

Status stint_session::GetStatistics(stint_statistics* statistics) const {
  STINT_TRY(CheckLooks());
  const stint::SessionStatistics own = session_->statistics();
  return WriteInfo("stint_statistics",
                   {0, own.submissions, own.arena_bytes, own.live_set_bytes, own.binding_hits,
                    own.binding_misses, own.transfers, 0, own.packed_bytes},
                   statistics);
}
