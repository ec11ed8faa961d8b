#include "tools/compiler/passes/single_steps.h"

#include "runtime/ops/map.h"
#include "tools/compiler/passes/queries.h"

namespace stint::compiler {

namespace {

double NumberOf(MapType type, uint64_t bits) {
  if (type == MapType::kF64) return __builtin_bit_cast(double, bits);
  return static_cast<double>(__builtin_bit_cast(float, static_cast<uint32_t>(bits)));
}

bool IsFloat(MapType type) { return type == MapType::kF32 || type == MapType::kF64; }

std::optional<Step> StepOf(const Node& map) {
  const MapProgram& program = map.attributes.as<MapAttributes>().program;
  Step::Operand registers[kMapMaxRegisters];
  std::optional<Step> step;
  for (int i = 0; i < program.instruction_count; ++i) {
    const MapInstruction& it = program.instructions[i];
    if (!IsFloat(it.type)) return std::nullopt;
    if (it.opcode == MapOpcode::kLoad) {
      registers[it.result] = {map.operands[it.a], 0};
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

}  // namespace

std::optional<Step> Steps::Of(const Node& node) const {
  const bool is_map = node.op->kind == OpKind::kMap && HasPlainResult(node, function_);
  return is_map ? StepOf(node) : std::nullopt;
}

const Node* Steps::WriterOf(const View& view) {
  return view.present() && IsPlain(view, function_) ? uses_.writer(view.value) : nullptr;
}

std::optional<Step> Steps::Behind(const View& view) {
  const Node* writer = WriterOf(view);
  return writer != nullptr ? Of(*writer) : std::nullopt;
}

std::optional<View> Steps::BelowReduce(const View& view, ReduceKind kind, bool* is_reduced) {
  const Node* reduce = WriterOf(view);
  if (reduce == nullptr || reduce->op->kind != OpKind::kReduce) return std::nullopt;
  const auto& attributes = reduce->attributes.as<ReduceAttributes>();
  if (attributes.kind != kind || attributes.prologue.present() || attributes.epilogue.present()) {
    return std::nullopt;
  }
  const View& x = reduce->operands[0];
  for (const Dim given : attributes.axes.span()) {
    if (!given.is_constant()) return std::nullopt;
    is_reduced[given.constant() < 0 ? given.constant() + x.rank() : given.constant()] = true;
  }
  return x;
}

View Steps::InverseBelow(const View& view) {
  const std::optional<Step> step = Behind(view);
  if (!step) return {};
  if (step->opcode == MapOpcode::kReciprocal) return step->a.view;
  const bool divides = step->opcode == MapOpcode::kDiv && !step->a.view.present();
  return divides && step->a.number == 1 ? step->b.view : View();
}

std::optional<Node> NamedNode(const Function& function, const Node& last, const OpInfo& op,
                              Attributes attributes, View x) {
  const View& result = last.results[0];
  const bool fits =
      function[result.value].dtype == function[x.value].dtype && result.dims == x.dims;
  if (!fits) return std::nullopt;
  Node node = last;
  node.op = &op;
  node.attributes = std::move(attributes);
  node.operands = {std::move(x)};
  node.results.resize(1);
  return node;
}

}  // namespace stint::compiler
