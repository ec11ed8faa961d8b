// The spelling of layer and RMS normalisation in single operators becomes a Normalize: means,
// squares of distances, their root, a quotient. Statistics are then float64, so that results may
// differ in their last bits. Scales and biases stay Maps, which become its epilogue.
#include <algorithm>
#include <optional>

#include "runtime/ops/map.h"
#include "runtime/ops/normalize.h"
#include "runtime/ops/reduce.h"
#include "tools/compiler/passes/passes.h"
#include "tools/compiler/passes/queries.h"

namespace stint::compiler {

namespace {

// A Map of one instruction: its operands are views or numbers.
struct Step {
  struct Operand {
    View view;  // Absent: a number.
    double number = 0;
  };
  MapOpcode opcode = {};
  Operand a, b;
};

double NumberOf(MapType type, uint64_t bits) {
  if (type == MapType::kF64) return __builtin_bit_cast(double, bits);
  return static_cast<double>(__builtin_bit_cast(float, static_cast<uint32_t>(bits)));
}

bool IsFloat(MapType type) { return type == MapType::kF32 || type == MapType::kF64; }

std::optional<Step> StepOf(const Node& node) {
  const MapProgram& program = node.attributes.as<MapAttributes>().program;
  Step::Operand registers[kMapMaxRegisters];
  std::optional<Step> step;
  for (int i = 0; i < program.instruction_count; ++i) {
    const MapInstruction& it = program.instructions[i];
    if (!IsFloat(it.type)) return std::nullopt;
    if (it.opcode == MapOpcode::kLoad) {
      registers[it.result] = {node.operands[it.a], 0};
    } else if (it.opcode == MapOpcode::kImmediate) {
      registers[it.result] = {View(), NumberOf(it.type, program.constants[it.a])};
    } else if (it.opcode == MapOpcode::kStore) {
      return step;
    } else if (step || it.opcode == MapOpcode::kIota) {
      return std::nullopt;
    } else {
      const bool binary = InfoOf(it.opcode).arity == 2;
      step = Step{it.opcode, registers[it.a], binary ? registers[it.b] : Step::Operand()};
    }
  }
  return std::nullopt;
}

class Naming {
 public:
  explicit Naming(Function& function) : function_(function), uses_(function) {}

  // The node that computes what `map` does; nothing when that is no normalisation.
  std::optional<Node> Named(const Node& map) {
    if (map.op->kind != OpKind::kMap || !HasPlainResult(map, function_)) return std::nullopt;
    const DType dtype = function_[map.results[0].value].dtype;
    if (dtype != DType::kFloat32 && dtype != DType::kFloat64) return std::nullopt;
    const std::optional<Step> quotient = StepOf(map);
    if (!quotient) return std::nullopt;
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
  // What writes the view when it shows the whole value.
  const Node* WriterOf(const View& view) {
    return IsPlain(view, function_) ? uses_.writer(view.value) : nullptr;
  }
  std::optional<Step> StepBehind(const View& view) {
    const Node* writer = view.present() ? WriterOf(view) : nullptr;
    if (writer == nullptr || writer->op->kind != OpKind::kMap) return std::nullopt;
    return HasPlainResult(*writer, function_) ? StepOf(*writer) : std::nullopt;
  }

  // `view` is sqrt(v + epsilon), or 1 over it: v. Sets epsilon_.
  std::optional<View> SquareBelow(const View& view, bool divides) {
    std::optional<Step> step = StepBehind(view);
    if (!step) return std::nullopt;
    if (!divides && step->opcode == MapOpcode::kPow) {
      return step->b.number == -0.5 ? WithoutEpsilon(step->a.view) : std::nullopt;
    }
    if (!divides) {
      const bool inverts = step->opcode == MapOpcode::kReciprocal ||
                           (step->opcode == MapOpcode::kDiv && step->a.number == 1);
      if (!inverts) return std::nullopt;
      step = StepBehind(step->opcode == MapOpcode::kDiv ? step->b.view : step->a.view);
    }
    if (!step) return std::nullopt;
    const bool roots = step->opcode == MapOpcode::kSqrt ||
                       (step->opcode == MapOpcode::kPow && step->b.number == 0.5);
    return roots ? WithoutEpsilon(step->a.view) : std::nullopt;
  }

  std::optional<View> WithoutEpsilon(const View& view) {
    const std::optional<Step> step = StepBehind(view);
    if (!step || step->opcode != MapOpcode::kAdd) return std::nullopt;
    if (step->a.view.present() == step->b.view.present()) return std::nullopt;
    epsilon_ = step->a.view.present() ? step->b.number : step->a.number;
    return step->a.view.present() ? step->a.view : step->b.view;
  }

  // The operand of a plain mean; its axes must be the last ones, from *axis on.
  std::optional<View> BelowMean(const View& view, int* axis) {
    const Node* mean = WriterOf(view);
    if (mean == nullptr || mean->op->kind != OpKind::kReduce) return std::nullopt;
    const auto& attributes = mean->attributes.as<ReduceAttributes>();
    if (attributes.kind != ReduceKind::kMean || attributes.prologue.present() ||
        attributes.epilogue.present()) {
      return std::nullopt;
    }
    const View& x = mean->operands[0];
    bool is_reduced[kMaxRank] = {};
    for (const Dim given : attributes.axes.span()) {
      if (!given.is_constant()) return std::nullopt;
      is_reduced[given.constant() < 0 ? given.constant() + x.rank() : given.constant()] = true;
    }
    *axis = x.rank();
    while (*axis > 0 && is_reduced[*axis - 1]) --*axis;
    const bool last = std::none_of(is_reduced, is_reduced + *axis, [](bool is) { return is; });
    return last && *axis < x.rank() ? std::optional<View>(x) : std::nullopt;
  }

  // `mean` is the mean of distance^2, and the distance one from the mean of x; or it is x.
  bool MatchSquare(const View& mean, const View& distance) {
    const std::optional<View> squares = BelowMean(mean, &axis_);
    if (!squares) return false;
    const std::optional<Step> square = StepBehind(*squares);
    if (!square || square->a.view != distance) return false;
    const bool times_itself = square->opcode == MapOpcode::kMul && square->b.view == square->a.view;
    const bool squared =
        square->opcode == MapOpcode::kPow && !square->b.view.present() && square->b.number == 2;
    if (!times_itself && !squared) return false;
    kind_ = NormalizeKind::kRms;
    x_ = distance;
    const std::optional<Step> difference = StepBehind(distance);
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
    if (function_[x_.value].dtype != function_[map.results[0].value].dtype) return std::nullopt;
    NormalizeAttributes attributes;
    attributes.kind = kind_;
    attributes.axis = axis_;
    attributes.epsilon = epsilon_;
    Node node = map;
    node.op = &kNormalizeOp;
    node.attributes = Attributes::Of(attributes);
    node.operands = {x_};
    node.results.resize(1);
    return node;
  }

  Function& function_;
  Uses uses_;
  NormalizeKind kind_ = NormalizeKind::kStandard;
  int axis_ = 0;
  double epsilon_ = 0;
  View x_;
};

}  // namespace

Result<Patch> NameLayerNorm(Function& function, PassContext&) {
  Patch patch;
  Naming naming(function);
  for (size_t i = 0; i < function.nodes.size(); ++i) {
    std::optional<Node> named = naming.Named(function.nodes[i]);
    if (named) patch.replace.emplace_back(i, std::move(*named));
  }
  return patch;
}

}  // namespace stint::compiler
