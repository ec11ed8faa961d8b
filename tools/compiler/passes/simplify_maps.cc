// Maps in canonical form: each operand once, numbers in the program instead of tensors of one
// element, no operands that the program does not read, and no Maps that change nothing.
#include <algorithm>
#include <cstring>

#include "runtime/base/float_formats.h"
#include "runtime/ops/map.h"
#include "runtime/ops/map/compose_maps.h"
#include "tools/compiler/passes/map_edits.h"
#include "tools/compiler/passes/passes.h"
#include "tools/compiler/passes/queries.h"

namespace stint::compiler {

namespace {

// Reads each operand through its first occurrence.
void MergeOperands(Node& node) {
  auto& program = node.attributes.as<MapAttributes>().program;
  for (size_t i = 0; i < node.operands.size(); ++i) {
    for (size_t first = 0; first < i; ++first) {
      if (node.operands[first] == node.operands[i]) {
        RedirectLoads(program, static_cast<int>(i), static_cast<int>(first));
        break;
      }
    }
  }
}

// The bits that a register holds after loading the element; nothing for types without such a rule.
std::optional<uint64_t> RegisterBits(DType dtype, const Bytes& element) {
  const auto read = [&](auto zero) {
    std::memcpy(&zero, element.data(), sizeof(zero));
    return zero;
  };
  switch (dtype) {
    case DType::kFloat32:
    case DType::kUInt32:
      return read(uint32_t{});
    case DType::kFloat64:
    case DType::kInt64:
    case DType::kUInt64:
      return read(uint64_t{});
    case DType::kInt8:
      return static_cast<uint64_t>(int64_t{read(int8_t{})});
    case DType::kInt16:
      return static_cast<uint64_t>(int64_t{read(int16_t{})});
    case DType::kInt32:
      return static_cast<uint64_t>(int64_t{read(int32_t{})});
    case DType::kBool:
      return read(uint8_t{}) != 0 ? 1 : 0;
    default:
      return std::nullopt;
  }
}

// Turns operands that are constants of one element into numbers of the program.
void InlineNumbers(Node& node, Function& function) {
  auto& program = node.attributes.as<MapAttributes>().program;
  for (size_t i = 0; i < node.operands.size(); ++i) {
    const View& operand = node.operands[i];
    const bool one = std::all_of(operand.dims.begin(), operand.dims.end(),
                                 [](Dim dim) { return dim == Dim(1); });
    if (!one || !function[operand.value].is_constant()) continue;
    const std::optional<Bytes> element = ConstantBytesOf(operand, function);
    if (!element) continue;
    const auto bits = RegisterBits(function[operand.value].dtype, *element);
    if (bits) ReplaceLoads(program, static_cast<int>(i), *bits);
  }
}

// Squares are products, which take a fraction of the time.
void MultiplySquares(MapProgram& program) {
  bool is_two[kMapMaxRegisters] = {};
  for (MapInstruction& it : std::span(program.instructions, program.instruction_count)) {
    if (it.opcode == MapOpcode::kStore) continue;
    const bool is_float = it.type == MapType::kF32 || it.type == MapType::kF64;
    if (it.opcode == MapOpcode::kPow && is_float && is_two[it.b]) {
      it.opcode = MapOpcode::kMul;
      it.b = it.a;
    }
    const uint64_t two = it.type == MapType::kF32 ? BitsOf(2.0F) : BitsOf(2.0);
    is_two[it.result] =
        it.opcode == MapOpcode::kImmediate && is_float && program.constants[it.a] == two;
  }
}

// The view that an unchanged operand is of the result; nothing when the Map computes.
std::optional<View> UnchangedOperand(const Node& node, Function& function) {
  const auto& attributes = node.attributes.as<MapAttributes>();
  const MapProgram& program = attributes.program;
  if (node.operands.size() != 1 || program.instruction_count != 2 || program.output_count != 1) {
    return std::nullopt;
  }
  const MapOpcode first = program.instructions[0].opcode;
  if (first != MapOpcode::kLoad || program.inputs[0] != program.outputs[0]) return std::nullopt;
  return ExpandTo(node.operands[0], function[node.results[0].value].dims);
}

}  // namespace

Result<Patch> SimplifyMaps(Function& function, PassContext&) {
  Patch patch;
  const Uses uses(function);
  std::vector<bool> moved(function.values.size(), false);
  for (size_t i = 0; i < function.nodes.size(); ++i) {
    const Node& node = function.nodes[i];
    if (node.op->kind != OpKind::kMap) continue;
    if (HasPlainResult(node, function)) {
      const std::optional<View> same = UnchangedOperand(node, function);
      const ValueId result = node.results[0].value;
      if (same && !moved[same->value] && CanRedirect(result, *same, uses, function)) {
        patch.redirect.emplace_back(result, *same);
        patch.erase.push_back(i);
        moved[result] = true;
        continue;
      }
    }
    Node simple = node;
    MergeOperands(simple);
    InlineNumbers(simple, function);
    auto& program = simple.attributes.as<MapAttributes>().program;
    MultiplySquares(program);
    program = CanonicalMap(program);
    DropUnreadOperands(simple);
    if (program == node.attributes.as<MapAttributes>().program) continue;
    KeepExtents(node.results[0].dims, function, simple);
    patch.replace.emplace_back(i, std::move(simple));
  }
  return patch;
}

}  // namespace stint::compiler
