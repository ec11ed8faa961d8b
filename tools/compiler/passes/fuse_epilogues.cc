// A Map that is the only reader of a convolution, product, pool or the like becomes its epilogue.
#include <algorithm>

#include "runtime/ops/map.h"
#include "runtime/ops/map/compose_maps.h"
#include "tools/compiler/passes/map_edits.h"
#include "tools/compiler/passes/passes.h"
#include "tools/compiler/passes/queries.h"

namespace stint::compiler {

namespace {

// Instructions of an epilogue, loads and stores included: what kernels hold in registers.
constexpr int kMaxInstructions = 16;

const MapProgram& ProgramOf(const Node& map) { return map.attributes.as<MapAttributes>().program; }

class Fusion {
 public:
  explicit Fusion(Function& function)
      : function_(function), uses_(function), touched_(function.nodes.size(), false) {}

  Patch Run() {
    for (size_t i = 0; i < function_.nodes.size(); ++i) {
      const Node& map = function_.nodes[i];
      if (map.op->kind != OpKind::kMap || !HasPlainResult(map, function_)) continue;
      for (const size_t operand : LatestFirst(map)) {
        if (TryFuse(i, operand)) break;
      }
    }
    return std::move(patch_);
  }

 private:
  // Operands by their writers, the last first: then the core op moves the least.
  std::vector<size_t> LatestFirst(const Node& map) const {
    std::vector<std::pair<size_t, size_t>> order;
    for (size_t i = 0; i < map.operands.size(); ++i) {
      const auto& writers = uses_.writers(map.operands[i].value);
      if (!writers.empty()) order.emplace_back(writers.back(), i);
    }
    std::sort(order.rbegin(), order.rend());
    std::vector<size_t> operands;
    for (const auto& [writer, operand] : order) operands.push_back(operand);
    return operands;
  }

  bool TryFuse(size_t map_index, size_t operand) {
    const Node& map = function_.nodes[map_index];
    const View& view = map.operands[operand];
    size_t core_index = 0;
    const Node* core = SoleProducer(view, uses_, function_, &core_index);
    if (core == nullptr || core->op->epilogue == nullptr) return false;
    if (touched_[core_index] || touched_[map_index]) return false;
    if (view.dims != map.results[0].dims) return false;
    std::optional<Node> fused = Fuse(*core, map, operand);
    if (!fused) return false;
    touched_[core_index] = touched_[map_index] = true;
    patch_.erase.push_back(core_index);
    patch_.replace.emplace_back(map_index, std::move(*fused));
    return true;
  }

  std::optional<Node> Fuse(const Node& core, const Node& map, size_t operand) {
    const MapProgram* old = EpilogueOf(*core.op, core.attributes.data());
    MapProgram program = WithFirstInput(ProgramOf(map), static_cast<int>(operand));
    if (old != nullptr) {
      Result<MapProgram> composed = Compose(*old, program);
      if (!composed.ok()) return std::nullopt;
      program = *composed;
    }
    program = CanonicalMap(program);
    if (program.instruction_count > kMaxInstructions) return std::nullopt;
    Node fused = core;
    fused.results = map.results;
    fused.results.resize(core.results.size());
    const MapProgram* prologue = PrologueOf(*core.op, core.attributes.data());
    const size_t extra = prologue == nullptr ? 0 : prologue->input_count - size_t{1};
    const size_t before = static_cast<size_t>(core.op->core_operands) + extra +
                          (old == nullptr ? 0 : old->input_count - size_t{1});
    fused.operands.resize(before);
    for (size_t i = 0; i < map.operands.size(); ++i) {
      if (i == operand) continue;
      const View& added = map.operands[i];
      const bool strides = TakesStrides(*core.op, fused.operands.size());
      if (!strides && !IsContiguous(added, function_.dims)) return std::nullopt;
      fused.operands.push_back(added);
    }
    FieldAs<MapProgram>(*core.op->epilogue, fused.attributes.data()) = program;
    return Accepted(fused, map.results[0]) ? std::optional<Node>(std::move(fused)) : std::nullopt;
  }

  // `first`, whose inputs stay in front, then `second` on its output.
  static Result<MapProgram> Compose(const MapProgram& first, const MapProgram& second) {
    std::vector<int> first_inputs;
    std::vector<int> second_inputs = {0};
    for (int i = 0; i < first.input_count; ++i) first_inputs.push_back(i);
    for (int i = 1; i < second.input_count; ++i) {
      second_inputs.push_back(first.input_count + i - 1);
    }
    MapComposition composition;
    composition.producer_inputs = first_inputs;
    composition.consumer_inputs = second_inputs;
    return ComposeMaps(first, second, composition);
  }

  // Whether the op takes the epilogue as it stands: operands that broadcast, types, coordinates.
  bool Accepted(const Node& node, const View& result) {
    std::vector<TensorShape> shapes;
    for (const View& operand : node.operands) shapes.push_back(ShapeOf(operand, function_));
    std::vector<TensorShape> results(static_cast<size_t>(node.op->core_results));
    const Status status =
        InferOp(*node.op, node.attributes.data(), shapes, function_.dims, results);
    return status.ok() && results[0].dtype == function_[result.value].dtype &&
           std::equal(result.dims.begin(), result.dims.end(), results[0].extents,
                      results[0].extents + results[0].rank);
  }

  Function& function_;
  Uses uses_;
  std::vector<bool> touched_;
  Patch patch_;
};

}  // namespace

Result<Patch> FuseEpilogues(Function& function, PassContext&) { return Fusion(function).Run(); }

}  // namespace stint::compiler
