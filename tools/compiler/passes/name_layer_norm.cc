// The spelling of layer and RMS normalisation in single operators becomes a Normalize: means,
// squares of distances, their root, a quotient. Statistics are then float64, so that results may
// differ in their last bits. Scales and biases stay Maps, which become its epilogue.
#include <algorithm>
#include <optional>

#include "runtime/ops/normalize.h"
#include "runtime/ops/reduce.h"
#include "tools/compiler/passes/passes.h"
#include "tools/compiler/passes/single_steps.h"

namespace stint::compiler {

namespace {

class Naming {
 public:
  explicit Naming(Function& function) : function_(function), steps_(function) {}

  // The node that computes what `map` does; nothing when that is no normalisation.
  std::optional<Node> Named(const Node& map) {
    const std::optional<Step> quotient = steps_.Of(map);
    if (!quotient) return std::nullopt;
    const DType dtype = function_[map.results[0].value].dtype;
    if (dtype != DType::kFloat32 && dtype != DType::kFloat64) return std::nullopt;
    for (const bool swapped : {false, true}) {
      const View& distance = (swapped ? quotient->b : quotient->a).view;
      const View& root = (swapped ? quotient->a : quotient->b).view;
      if (!distance.present() || !root.present()) continue;
      if (distance.dims != map.results[0].dims) continue;
      const bool divides = quotient->opcode == MapOpcode::kDiv && !swapped;
      if (!divides && quotient->opcode != MapOpcode::kMul) continue;
      const std::optional<View> square = SquareBelow(root, divides);
      if (square && MatchSquare(*square, distance)) return NodeFor(map);
    }
    return std::nullopt;
  }

 private:
  // `view` is sqrt(v + epsilon), or 1 over it: v. Sets epsilon_.
  std::optional<View> SquareBelow(const View& view, bool divides) {
    const std::optional<Step> power = steps_.Behind(view);
    if (!divides && power && power->opcode == MapOpcode::kPow) {
      return power->b.number == -0.5 ? WithoutEpsilon(power->a.view) : std::nullopt;
    }
    const std::optional<Step> root = divides ? power : steps_.Behind(steps_.InverseBelow(view));
    if (!root) return std::nullopt;
    const bool roots = root->opcode == MapOpcode::kSqrt ||
                       (root->opcode == MapOpcode::kPow && root->b.number == 0.5);
    return roots ? WithoutEpsilon(root->a.view) : std::nullopt;
  }

  std::optional<View> WithoutEpsilon(const View& view) {
    const std::optional<Step> step = steps_.Behind(view);
    if (!step || step->opcode != MapOpcode::kAdd) return std::nullopt;
    if (step->a.view.present() == step->b.view.present()) return std::nullopt;
    epsilon_ = step->a.view.present() ? step->b.number : step->a.number;
    return step->a.view.present() ? step->a.view : step->b.view;
  }

  // The operand of a plain mean; its axes must be the last ones, from *axis on.
  std::optional<View> BelowMean(const View& view, int* axis) {
    bool is_reduced[kMaxRank] = {};
    const std::optional<View> reduced = steps_.BelowReduce(view, ReduceKind::kMean, is_reduced);
    if (!reduced) return std::nullopt;
    const View& x = *reduced;
    *axis = x.rank();
    while (*axis > 0 && is_reduced[*axis - 1]) --*axis;
    const bool last = std::none_of(is_reduced, is_reduced + *axis, [](bool is) { return is; });
    return last && *axis < x.rank() ? std::optional<View>(x) : std::nullopt;
  }

  // `mean` is the mean of distance^2, and the distance one from the mean of x; or it is x.
  bool MatchSquare(const View& mean, const View& distance) {
    const std::optional<View> squares = BelowMean(mean, &axis_);
    if (!squares) return false;
    const std::optional<Step> square = steps_.Behind(*squares);
    if (!square || square->a.view != distance) return false;
    const bool times_itself = square->opcode == MapOpcode::kMul && square->b.view == square->a.view;
    const bool squared =
        square->opcode == MapOpcode::kPow && !square->b.view.present() && square->b.number == 2;
    if (!times_itself && !squared) return false;
    kind_ = NormalizeKind::kRms;
    x_ = distance;
    const std::optional<Step> difference = steps_.Behind(distance);
    if (!difference || difference->opcode != MapOpcode::kSub) return true;
    int axis = 0;
    if (!difference->a.view.present() || !difference->b.view.present()) return true;
    const std::optional<View> x = BelowMean(difference->b.view, &axis);
    if (!x || axis != axis_ || *x != difference->a.view) return true;
    kind_ = NormalizeKind::kStandard;
    x_ = *x;
    return true;
  }

  std::optional<Node> NodeFor(const Node& map) {
    NormalizeAttributes attributes;
    attributes.kind = kind_;
    attributes.axis = axis_;
    attributes.epsilon = epsilon_;
    return NamedNode(function_, map, kNormalizeOp, Attributes::Of(attributes), x_);
  }

  Function& function_;
  Steps steps_;
  NormalizeKind kind_ = NormalizeKind::kStandard;
  int axis_ = 0;
  double epsilon_ = 0;
  View x_;
};

}  // namespace

Result<Patch> NameLayerNorm(Function& function, PassContext&) {
  Naming naming(function);
  return PatchOfNames(function, naming);
}

}  // namespace stint::compiler
