// A Map of one operand that only a reduction, pool or softmax reads becomes its prologue.
#include <algorithm>

#include "runtime/ops/map.h"
#include "tools/compiler/passes/map_edits.h"
#include "tools/compiler/passes/passes.h"
#include "tools/compiler/passes/queries.h"

namespace stint::compiler {

namespace {

constexpr int kMaxInstructions = 16;

// The core op with the Map in front; nothing when it cannot have one.
std::optional<Node> Fuse(const Node& core, const Node& map, Function& function) {
  if (PrologueOf(*core.op, core.attributes.data()) != nullptr) return std::nullopt;
  const MapProgram& program = map.attributes.as<MapAttributes>().program;
  if (program.input_count != 1 || program.instruction_count > kMaxInstructions) return std::nullopt;
  if (map.operands[0].dims != map.results[0].dims) return std::nullopt;
  if (!TakesStrides(*core.op, 0) && !IsContiguous(map.operands[0], function.dims)) {
    return std::nullopt;
  }
  Node fused = core;
  fused.operands[0] = map.operands[0];
  FieldAs<MapProgram>(*core.op->prologue, fused.attributes.data()) = program;
  return fused;
}

}  // namespace

Result<Patch> FusePrologues(Function& function, PassContext&) {
  Patch patch;
  const Uses uses(function);
  for (size_t i = 0; i < function.nodes.size(); ++i) {
    const Node& core = function.nodes[i];
    if (core.op->prologue == nullptr) continue;
    size_t map_index = 0;
    const Node* map = SoleProducer(core.operands[0], uses, function, &map_index);
    if (map == nullptr || map->op->kind != OpKind::kMap) continue;
    std::optional<Node> fused = Fuse(core, *map, function);
    if (!fused) continue;
    patch.erase.push_back(map_index);
    patch.replace.emplace_back(i, std::move(*fused));
  }
  return patch;
}

}  // namespace stint::compiler
