#include "runtime/session/describe.h"

#include "runtime/ops/conv.h"

namespace stint {

namespace {

const BoundValue& SourceOf(const Binding& binding, const Step& step) {
  return binding.values[step.call.operand_values[0]];
}

uint64_t BytesMoved(const BoundCall& call) {
  uint64_t bytes = 0;
  const auto add = [&](const DeviceTensor& tensor) {
    if (!tensor.view.present()) return;
    bytes += static_cast<uint64_t>(ElementCount(tensor.view) * BytesOf(tensor.view.dtype));
  };
  for (const DeviceTensor& tensor : call.operands) add(tensor);
  for (const DeviceTensor& tensor : call.results) add(tensor);
  return bytes;
}

double Elements(const TensorView& view) { return static_cast<double>(ElementCount(view)); }

// Multiply-accumulates of the core op; of other ops than products the elements of the result.
double OperationsOf(const BoundCall& call) {
  const TensorView& x = call.operands.empty() ? call.results[0].view : call.operands[0].view;
  const TensorView& y = call.results[0].view;
  if (call.op->kind == OpKind::kConv) {
    // Each weight meets each position once: of the result, or of the operand if transposed.
    const bool transposed = static_cast<const ConvAttributes*>(call.attributes)->transposed != 0;
    const TensorView& met = transposed ? x : y;
    return Elements(met) / static_cast<double>(met.extents[1]) * Elements(call.operands[1].view);
  }
  if (call.op->kind == OpKind::kMatMul) {
    return Elements(y) * static_cast<double>(x.extents[x.rank - 1]);
  }
  if (call.op->kind == OpKind::kRecurrent) {
    // Each weight of both matrices meets each step of each item once.
    const double weights = Elements(call.operands[1].view) + Elements(call.operands[2].view);
    return static_cast<double>(x.extents[0]) * static_cast<double>(x.extents[1]) * weights;
  }
  return Elements(y);
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
  info.group = step.group;
  info.alone = step.alone;
  if (step.kernel != nullptr) {
    info.name = step.call.op->name;
    info.kernel = step.kernel->name;
    info.bytes = BytesMoved(step.call);
    info.operations = OperationsOf(step.call);
    return info;
  }
  const BoundValue& source = SourceOf(binding, step);
  info.name = "copy";
  info.source = IsTransfer(binding, step) ? devices[source.device]->info().name : "input";
  info.bytes = source.bytes;
  return info;
}

GroupInfo DescribeGroup(const Group& group) {
  return {group.first_step, group.end_step, group.fused.lines, group.fused.kept_bytes};
}

RefusalInfo DescribeRefusal(const Refusal& refusal, std::span<Device* const> devices) {
  return {refusal.plan_op, devices[refusal.device]->info().name, refusal.kernel, refusal.reason};
}

}  // namespace stint
