#include "runtime/session/describe.h"

namespace stint {

namespace {

const BoundValue& SourceOf(const Binding& binding, const Step& step) {
  return binding.values[step.call.operand_values[0]];
}

}  // namespace

bool IsTransfer(const Binding& binding, const Step& step) {
  return step.kernel == nullptr && SourceOf(binding, step).home == Home::kArena;
}

StepInfo DescribeStep(const Binding& binding, const Step& step, std::span<Device* const> devices) {
  StepInfo info;
  info.op = step.plan_op;
  info.device = devices[step.device]->info().name;
  info.predicted_seconds = step.predicted_seconds;
  if (step.kernel != nullptr) {
    info.name = step.call.op->name;
    info.kernel = step.kernel->name;
    return info;
  }
  const BoundValue& source = SourceOf(binding, step);
  info.name = "copy";
  info.source = IsTransfer(binding, step) ? devices[source.device]->info().name : "input";
  info.bytes = source.bytes;
  return info;
}

RefusalInfo DescribeRefusal(const Refusal& refusal, std::span<Device* const> devices) {
  return {refusal.plan_op, devices[refusal.device]->info().name, refusal.kernel, refusal.reason};
}

}  // namespace stint
