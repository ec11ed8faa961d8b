#include "backends/gpu/rows/reduce_call.h"

namespace stint::gpu {

uint32_t ReduceCall::lanes() const {
  if (terms <= 32) return 1;
  const int last = kept.rank - 1;
  const bool beside = last >= 0 && kept.strides[0][last] == 1 && kept.extents[last] >= 16;
  return beside && results >= 2048 ? 1 : kReduceInvocations;
}

ReduceCall MakeReduceCall(const KernelCall& call) {
  const TensorView& x = call.operands[0].view;
  const TensorView& y = call.results[0].view;
  bool is_reduced[kMaxRank] = {};
  for (const Dim axis : call.as<ReduceAttributes>().axes.span()) {
    is_reduced[axis.constant() < 0 ? axis.constant() + x.rank : axis.constant()] = true;
  }
  ReduceCall reduce;
  for (int i = 0; i < x.rank; ++i) {
    if (is_reduced[i]) {
      reduce.reduced.Add(x.extents[i], x.strides[i]);
      reduce.terms *= x.extents[i];
    } else {
      reduce.kept.Add(x.extents[i], x.strides[i], y.strides[i]);
      reduce.results *= x.extents[i];
    }
  }
  return reduce;
}

bool ReducesToPositions(const KernelCall& call) {
  const ReduceKind kind = call.as<ReduceAttributes>().kind;
  return kind == ReduceKind::kArgMax || kind == ReduceKind::kArgMin;
}

DispatchPlan PlanOf(const ReduceCall& reduce) {
  DispatchPlan plan;
  plan.operands = 1;
  plan.words.Add({reduce.results, reduce.terms});
  plan.words.AddList(reduce.kept.extents, reduce.kept.rank, kMaxRank);
  plan.words.AddList(reduce.kept.strides[0], reduce.kept.rank, kMaxRank);
  plan.words.AddList(reduce.kept.strides[1], reduce.kept.rank, kMaxRank);
  plan.words.AddList(reduce.reduced.extents, reduce.reduced.rank, kMaxRank);
  plan.words.AddList(reduce.reduced.strides[0], reduce.reduced.rank, kMaxRank);
  plan.groups =
      CeilDivide(static_cast<uint64_t>(reduce.results) * reduce.lanes(), kReduceInvocations);
  return plan;
}

}  // namespace stint::gpu
