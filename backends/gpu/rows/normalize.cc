// Normalisation over the last axes: a workgroup a part, or an invocation where parts are short.
#include "runtime/ops/normalize.h"

#include <cstring>

#include "backends/gpu/kernel_table.h"
#include "backends/gpu/rows/axes.h"
#include "backends/gpu/rows/dispatch.h"

namespace stint::gpu::normalize {

namespace {

constexpr uint32_t kInvocations = 64;

// Extents and strides of x and y.
void AddAxes(const Axes& axes, Words* words) {
  words->AddList(axes.extents, axes.rank, kMaxRank);
  words->AddList(axes.strides[0], axes.rank, kMaxRank);
  words->AddList(axes.strides[1], axes.rank, kMaxRank);
}

int64_t BitsOf(double number) {
  const auto value = static_cast<float>(number);
  uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo& device) {
  return RejectFloats(call, device, 1, kInvocations, kInvocations * sizeof(float));
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  return {12 * static_cast<double>(ElementCount(call.results[0].view)), BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  const auto& attributes = call.as<NormalizeAttributes>();
  const TensorView& x = call.operands[0].view;
  const TensorView& y = call.results[0].view;
  Axes outer;
  Axes inner;
  int64_t parts = 1;
  int64_t count = 1;
  for (int i = 0; i < x.rank; ++i) {
    const bool is_outer = i < attributes.axis;
    (is_outer ? outer : inner).Add(x.extents[i], x.strides[i], y.strides[i]);
    (is_outer ? parts : count) *= x.extents[i];
  }
  const uint32_t lanes = count <= 16 ? 1 : kInvocations;
  DispatchPlan plan;
  plan.source = IsHalf(call) ? &sources::normalize_f16 : &sources::normalize_f32;
  plan.operands = 1;
  plan.words.Add({parts, count, BitsOf(attributes.epsilon)});
  AddAxes(outer, &plan.words);
  AddAxes(inner, &plan.words);
  plan.groups = CeilDivide(static_cast<uint64_t>(parts) * lanes, kInvocations);
  const uint32_t constants[] = {attributes.kind == NormalizeKind::kRms ? 1u : 0u, lanes,
                                static_cast<uint32_t>(outer.rank),
                                static_cast<uint32_t>(inner.rank)};
  plan.constants = constants;
  return PrepareDispatch(device, call, plan);
}

Status Record(CommandList& commands, PreparedKernel& kernel, const KernelCall& call,
              const DeviceTensor&) {
  return RecordDispatch(commands, kernel, call);
}

}  // namespace stint::gpu::normalize
