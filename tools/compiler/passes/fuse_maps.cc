// A Map that only another Map reads becomes a part of it: what is between them is never stored.
// Cheap Maps go into each of several readers.
#include <algorithm>

#include "runtime/ops/map.h"
#include "runtime/ops/map/compose_maps.h"
#include "tools/compiler/graph/compose_views.h"
#include "tools/compiler/passes/map_edits.h"
#include "tools/compiler/passes/passes.h"
#include "tools/compiler/passes/queries.h"

namespace stint::compiler {

namespace {

// Computing this much again costs less than storing and loading an element.
constexpr int kCheapInstructions = 2;
constexpr int kCheapReaders = 4;

const MapProgram& ProgramOf(const Node& node) {
  return node.attributes.as<MapAttributes>().program;
}

// Opcodes that take as long as many additions: the functions from Exp on, and powers.
bool IsSlow(const MapInstruction& instruction) {
  return instruction.opcode == MapOpcode::kPow ||
         (instruction.opcode >= MapOpcode::kExp && instruction.opcode <= MapOpcode::kErf);
}

bool IsCheap(const Node& node) {
  const MapProgram& program = ProgramOf(node);
  const auto* const end = program.instructions + program.instruction_count;
  return node.operands.size() <= 1 && ComputingInstructions(program) <= kCheapInstructions &&
         std::none_of(program.instructions, end, IsSlow);
}

class Fusion {
 public:
  explicit Fusion(Function& function)
      : function_(function), uses_(function), touched_(function.nodes.size(), false) {}

  Patch Run() {
    for (size_t i = 0; i < function_.nodes.size(); ++i) {
      const Node& consumer = function_.nodes[i];
      if (consumer.op->kind != OpKind::kMap) continue;
      for (size_t k = 0; k < consumer.operands.size(); ++k) {
        if (TryFuse(i, k)) break;
      }
    }
    return std::move(patch_);
  }

 private:
  // Each node is part of one change a patch: what was found stays true until then.
  bool TryFuse(size_t consumer_index, size_t operand) {
    if (touched_[consumer_index]) return false;
    const Node& consumer = function_.nodes[consumer_index];
    const View& view = consumer.operands[operand];
    const Node* producer = uses_.writer(view.value);
    if (producer == nullptr || producer->op->kind != OpKind::kMap) return false;
    const size_t producer_index = uses_.writers(view.value)[0];
    if (touched_[producer_index] || !HasPlainResult(*producer, function_)) return false;
    const bool sole = uses_.of(view.value).size() == 1;
    if (!sole && !IsWorthRepeating(*producer, view.value)) return false;
    if (IsEpilogueOfItsOwn(*producer, consumer, operand)) return false;
    // Broadcasting computes the producer again for each reader of an element.
    if (view.dims != consumer.results[0].dims && !IsCheap(*producer)) return false;
    std::optional<Node> fused = Fuse(*producer, consumer, operand);
    if (!fused) return false;
    if (sole) patch_.erase.push_back(producer_index);
    touched_[producer_index] = touched_[consumer_index] = true;
    patch_.replace.emplace_back(consumer_index, std::move(*fused));
    return true;
  }

  // All readers take the producer in, so that it goes away in the end.
  bool IsWorthRepeating(const Node& producer, ValueId value) const {
    const auto& readers = uses_.of(value);
    return IsCheap(producer) && readers.size() <= kCheapReaders &&
           std::all_of(readers.begin(), readers.end(), [this](const Use& use) {
             return use.node != Use::kOutput && function_.nodes[use.node].op->kind == OpKind::kMap;
           });
  }

  // Whether the producer had better finish the core op before it, as Relu does a convolution,
  // because the consumer brings in a tensor from elsewhere. fuse_epilogues then takes both, one by
  // one.
  bool IsEpilogueOfItsOwn(const Node& producer, const Node& consumer, size_t operand) {
    const auto& dims = consumer.results[0].dims;
    bool elsewhere = false;
    for (size_t i = 0; i < consumer.operands.size(); ++i) {
      const View& other = consumer.operands[i];
      const auto& known = producer.operands;
      if (i == operand || other.dims != dims || function_[other.value].is_constant()) continue;
      elsewhere = elsewhere || std::find(known.begin(), known.end(), other) == known.end();
    }
    return elsewhere &&
           std::any_of(producer.operands.begin(), producer.operands.end(), [&](const View& view) {
             const Node* core = SoleProducer(view, uses_, function_);
             return core != nullptr && core->op->epilogue != nullptr &&
                    view.dims == producer.results[0].dims;
           });
  }

  // The producer's operands as the consumer's operand shows them; nothing when strides cannot say
  // it.
  std::optional<std::vector<View>> OperandsThrough(const View& view, const Node& producer) {
    if (IsPlain(view, function_)) return producer.operands;
    if (ReadsCoordinates(ProgramOf(producer))) return std::nullopt;
    std::vector<View> operands;
    for (const View& operand : producer.operands) {
      const auto expanded = ExpandTo(operand, producer.results[0].dims);
      if (!expanded) return std::nullopt;
      auto composed = ComposeViews(view, *expanded, function_.dims);
      if (!composed) return std::nullopt;
      // What repeats along an axis broadcasts along it.
      for (size_t axis = 0; axis < composed->dims.size(); ++axis) {
        if (composed->strides[axis] == Dim(0)) composed->dims[axis] = 1;
      }
      operands.push_back(std::move(*composed));
    }
    return operands;
  }

  std::optional<Node> Fuse(const Node& producer, const Node& consumer, size_t operand) {
    const View& view = consumer.operands[operand];
    const bool same_space = view.dims == consumer.results[0].dims;
    if (ReadsCoordinates(ProgramOf(producer)) && !same_space) return std::nullopt;
    const auto inner = OperandsThrough(view, producer);
    if (!inner) return std::nullopt;
    Node fused = consumer;
    fused.operands.clear();
    const std::vector<int> producer_inputs = Number(*inner, operand, false, fused.operands);
    const std::vector<int> consumer_inputs =
        Number(consumer.operands, operand, true, fused.operands);
    if (fused.operands.size() > kMapMaxInputs) return std::nullopt;
    MapComposition composition;
    composition.consumer_input = static_cast<int>(operand);
    composition.producer_inputs = producer_inputs;
    composition.consumer_inputs = consumer_inputs;
    Result<MapProgram> program = ComposeMaps(ProgramOf(producer), ProgramOf(consumer), composition);
    if (!program.ok()) return std::nullopt;
    fused.attributes.as<MapAttributes>().program = *program;
    DropUnreadOperands(fused);
    KeepExtents(consumer.results[0].dims, function_, fused);
    return fused;
  }

  // The place of each view in `operands`, to which new ones are added.
  static std::vector<int> Number(const std::vector<View>& views, size_t skipped, bool skip,
                                 std::vector<View>& operands) {
    std::vector<int> numbers;
    for (size_t i = 0; i < views.size(); ++i) {
      if (skip && i == skipped) {
        numbers.push_back(0);
        continue;
      }
      auto found = std::find(operands.begin(), operands.end(), views[i]);
      if (found == operands.end()) found = operands.insert(found, views[i]);
      numbers.push_back(static_cast<int>(found - operands.begin()));
    }
    return numbers;
  }

  Function& function_;
  Uses uses_;
  std::vector<bool> touched_;
  Patch patch_;
};

}  // namespace

Result<Patch> FuseMaps(Function& function, PassContext&) { return Fusion(function).Run(); }

}  // namespace stint::compiler
