// The spelling of softmax and log-softmax in single operators becomes a Softmax: the maximum along
// an axis, distances from it, their exponentials, the sum of those, a quotient; or the distances
// less the logarithm of the sum. Without the maximum it is left alone: it overflows where Softmax
// does not.
#include <optional>

#include "runtime/ops/softmax.h"
#include "tools/compiler/passes/passes.h"
#include "tools/compiler/passes/single_steps.h"

namespace stint::compiler {

namespace {

class Naming {
 public:
  explicit Naming(Function& function) : function_(function), steps_(function) {}

  // The node that computes what `map` does; nothing when that is no softmax.
  std::optional<Node> Named(const Node& map) {
    const std::optional<Step> last = steps_.Of(map);
    if (!last) return std::nullopt;
    if (MatchQuotient(*last)) return NodeFor(map, /*log=*/false);
    if (MatchLogarithm(*last)) return NodeFor(map, /*log=*/true);
    return std::nullopt;
  }

 private:
  // e / sum(e), or e times the inverse of the sum, of e = exp(x - max(x)).
  bool MatchQuotient(const Step& last) {
    if (last.opcode == MapOpcode::kDiv) return MatchParts(last.a.view, last.b.view);
    if (last.opcode != MapOpcode::kMul) return false;
    return MatchParts(last.a.view, steps_.InverseBelow(last.b.view)) ||
           MatchParts(last.b.view, steps_.InverseBelow(last.a.view));
  }
  bool MatchParts(const View& exponentials, const View& sum) {
    return MatchExponentials(exponentials) && IsSumOf(exponentials, sum);
  }

  // d - log(sum(exp(d))) of d = x - max(x), or x - (max(x) + log(sum(exp(d)))).
  bool MatchLogarithm(const Step& last) {
    if (last.opcode != MapOpcode::kSub) return false;
    const std::optional<Step> subtrahend = steps_.Behind(last.b.view);
    if (!subtrahend) return false;
    if (subtrahend->opcode == MapOpcode::kLog) {
      return MatchSum(subtrahend->a.view) && last.a.view == distance_;
    }
    if (subtrahend->opcode != MapOpcode::kAdd) return false;
    for (const bool swapped : {false, true}) {
      const View& largest = (swapped ? subtrahend->b : subtrahend->a).view;
      const View& logarithm = (swapped ? subtrahend->a : subtrahend->b).view;
      const std::optional<Step> log = steps_.Behind(logarithm);
      if (!log || log->opcode != MapOpcode::kLog || !MatchSum(log->a.view)) continue;
      if (largest == largest_ && last.a.view == x_) return true;
    }
    return false;
  }

  // The view is sum(exp(x - max(x))).
  bool MatchSum(const View& sum) {
    bool is_reduced[kMaxRank] = {};
    const std::optional<View> below = steps_.BelowReduce(sum, ReduceKind::kSum, is_reduced);
    return below && MatchExponentials(*below) && IsSumOf(*below, sum);
  }

  // The view is exp(x - max(x)). Sets what it is made of.
  bool MatchExponentials(const View& view) {
    const std::optional<Step> exponential = steps_.Behind(view);
    if (!exponential || exponential->opcode != MapOpcode::kExp) return false;
    const std::optional<Step> distance = steps_.Behind(exponential->a.view);
    if (!distance || distance->opcode != MapOpcode::kSub) return false;
    bool is_reduced[kMaxRank] = {};
    const std::optional<View> x =
        steps_.BelowReduce(distance->b.view, ReduceKind::kMax, is_reduced);
    if (!x || *x != distance->a.view) return false;
    x_ = *x;
    distance_ = exponential->a.view;
    largest_ = distance->b.view;
    axis_ = OnlyAxis(is_reduced);
    return axis_ >= 0;
  }

  // The view is the sum of `of` along axis_.
  bool IsSumOf(const View& of, const View& sum) {
    bool is_reduced[kMaxRank] = {};
    const std::optional<View> below = steps_.BelowReduce(sum, ReduceKind::kSum, is_reduced);
    return below && *below == of && OnlyAxis(is_reduced) == axis_;
  }

  // The one axis that is reduced; -1: none or several.
  static int OnlyAxis(const bool* is_reduced) {
    int found = -1;
    for (int axis = 0; axis < kMaxRank; ++axis) {
      if (!is_reduced[axis]) continue;
      if (found >= 0) return -1;
      found = axis;
    }
    return found;
  }

  std::optional<Node> NodeFor(const Node& map, bool log) {
    SoftmaxAttributes attributes;
    attributes.axis = axis_;
    attributes.log = log ? 1 : 0;
    return NamedNode(function_, map, kSoftmaxOp, Attributes::Of(attributes), x_);
  }

  Function& function_;
  Steps steps_;
  View x_, distance_, largest_;
  int axis_ = -1;
};

}  // namespace

Result<Patch> NameSoftmax(Function& function, PassContext&) {
  Naming naming(function);
  return PatchOfNames(function, naming);
}

}  // namespace stint::compiler
