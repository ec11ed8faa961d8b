// float16 and bfloat16 are what tensors are stored as; what computes them does so in float32. Here
// the values between such ops become float32 too, with Maps that convert where they meet inputs,
// outputs and ops that only move elements, so that the kernels and passes of float32 serve them
// all. There is one rounding fewer for each value; those of the model's own casts stay. Tables that
// are only looked up in stay narrow.
#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <utility>

#include "runtime/base/float_formats.h"
#include "runtime/ops/copy.h"
#include "runtime/ops/map.h"
#include "runtime/ops/map/build_map.h"
#include "tools/compiler/passes/passes.h"
#include "tools/compiler/passes/queries.h"

namespace stint::compiler {

namespace {

bool IsHalf(DType dtype) { return dtype == DType::kFloat16 || dtype == DType::kBFloat16; }

uint32_t WideBits(DType dtype, const uint8_t* element) {
  uint16_t half = 0;
  std::memcpy(&half, element, sizeof(half));
  return BitsOf(dtype == DType::kFloat16 ? HalfToFloat(half) : BFloat16ToFloat(half));
}

Bytes Widened(DType dtype, const uint8_t* halves, size_t count) {
  Bytes wide(count * sizeof(uint32_t));
  for (size_t i = 0; i < count; ++i) {
    const uint32_t bits = WideBits(dtype, halves + i * sizeof(uint16_t));
    std::memcpy(wide.data() + i * sizeof(bits), &bits, sizeof(bits));
  }
  return wide;
}

// Whether each half that the Map loads or stores is float32 in its registers.
bool HoldsHalvesAsFloats(const MapProgram& program) {
  const std::span instructions(program.instructions, program.instruction_count);
  return std::all_of(instructions.begin(), instructions.end(), [&](const MapInstruction& it) {
    const bool half = (it.opcode == MapOpcode::kLoad && IsHalf(program.inputs[it.a])) ||
                      (it.opcode == MapOpcode::kStore && IsHalf(program.outputs[it.result]));
    return !half || it.type == MapType::kF32;
  });
}

// Whether a Map between float32 and a half only converts: what rounds because the model says so
// does, and what reads a half that stays one has to.
bool Converts(const Node& node) {
  if (node.op->kind != OpKind::kMap || node.operands.size() != 1) return false;
  const auto& program = node.attributes.as<MapAttributes>().program;
  if (program.instruction_count != 2 || program.output_count != 1) return false;
  return program.inputs[0] == DType::kFloat32 || program.outputs[0] == DType::kFloat32;
}

class Widening {
 public:
  explicit Widening(Function& function)
      : function_(function), uses_(function), widens_(function.nodes.size(), false) {}

  Result<Patch> Run() {
    for (size_t i = 0; i < function_.nodes.size(); ++i) widens_[i] = Widens(function_.nodes[i]);
    const auto values = static_cast<ValueId>(function_.values.size());
    for (ValueId value = 0; value < values; ++value) {
      if (IsHalf(function_[value].dtype)) STINT_TRY(Widen(value));
    }
    for (size_t i = 0; i < function_.nodes.size(); ++i) {
      if (widens_[i]) patch_.replace.emplace_back(i, Rewritten(function_.nodes[i]));
    }
    return std::move(patch_);
  }

 private:
  bool IsHalfView(const View& view) const {
    return view.present() && IsHalf(function_[view.value].dtype);
  }

  bool IsWidened(const View& view) const {
    return view.present() && uses_.writers(view.value).size() == 1 &&
           widens_[uses_.writers(view.value)[0]];
  }

  // Whether the node shall read and write float32 instead of halves.
  bool Widens(const Node& node) {
    const auto is_half = [this](const View& view) { return IsHalfView(view); };
    if (std::none_of(node.operands.begin(), node.operands.end(), is_half) ||
        !HasPlainResults(node, function_) ||
        PrologueOf(*node.op, node.attributes.data()) != nullptr ||
        EpilogueOf(*node.op, node.attributes.data()) != nullptr) {
      return false;
    }
    switch (node.op->kind) {
      case OpKind::kMap:
        return HoldsHalvesAsFloats(node.attributes.as<MapAttributes>().program) &&
               (!Converts(node) || IsWidened(node.operands[0]));
      case OpKind::kCopy:  // What moves what was computed; else bytes are better moved narrow.
        return std::any_of(node.operands.begin(), node.operands.end(),
                           [this](const View& view) { return IsWidened(view); });
      case OpKind::kGather:
        return IsWidened(node.operands[0]);
      case OpKind::kRecurrent:
      case OpKind::kResample:
        return true;
      default:
        return node.op->keeps_precision;
    }
  }

  bool ReadsWide(const Use& use) const { return use.node != Use::kOutput && widens_[use.node]; }

  // Gives the value its float32 twin where somebody reads or writes that.
  Status Widen(ValueId half) {
    const auto& readers = uses_.of(half);
    const auto wide_reader = [this](const Use& use) { return ReadsWide(use); };
    const bool read = std::any_of(readers.begin(), readers.end(), wide_reader);
    const auto& writers = uses_.writers(half);
    const bool written = writers.size() == 1 && widens_[writers[0]];
    if (!read && !written) return {};
    Value value;
    value.name = function_[half].name;
    value.dtype = DType::kFloat32;
    value.dims = function_[half].dims;
    if (const Value& narrow = function_[half]; narrow.is_constant()) {
      value.data = std::make_shared<const Bytes>(
          Widened(narrow.dtype, narrow.data->data(), narrow.data->size() / sizeof(uint16_t)));
      wide_[half] = function_.AddValue(std::move(value));
      return {};
    }
    const ValueId wide = wide_[half] = function_.AddValue(std::move(value));
    if (!written) return Convert(half, wide);
    return std::all_of(readers.begin(), readers.end(), wide_reader) ? Status()
                                                                    : Convert(wide, half);
  }

  // Inserts the Map that makes `to` of `from`, as soon as that is there.
  Status Convert(ValueId from, ValueId to) {
    MapBuilder build;
    build.Store(build.Load(function_[from].dtype), function_[to].dtype);
    MapAttributes attributes;
    STINT_ASSIGN(attributes.program, build.Finish());
    const bool narrows = function_[from].dtype == DType::kFloat32;
    const auto& writers = uses_.writers(narrows ? to : from);
    const size_t last = writers.empty() ? 0 : *std::max_element(writers.begin(), writers.end()) + 1;
    Node node;
    node.op = FindOp(OpKind::kMap);
    node.name = last == 0 ? function_[from].name : function_.nodes[last - 1].name;
    node.attributes = Attributes::Of(attributes);
    node.operands = {function_.ViewOf(from)};
    node.results = {function_.ViewOf(to)};
    patch_.insert.emplace_back(last, std::move(node));
    return {};
  }

  Node Rewritten(Node node) {
    if (node.op->kind == OpKind::kMap) {
      auto& program = node.attributes.as<MapAttributes>().program;
      std::replace_if(program.inputs, program.inputs + program.input_count, IsHalf,
                      DType::kFloat32);
      std::replace_if(program.outputs, program.outputs + program.output_count, IsHalf,
                      DType::kFloat32);
    }
    if (node.op->kind == OpKind::kCopy) WidenFill(node);
    for (auto* views : {&node.operands, &node.results}) {
      for (View& view : *views) {
        if (IsHalfView(view)) view.value = wide_.at(view.value);
      }
    }
    return node;
  }

  void WidenFill(Node& node) {
    auto& fill = node.attributes.as<CopyAttributes>().fill;
    if (fill.size == 0) return;
    const Bytes wide = Widened(function_[node.operands[0].value].dtype, fill.values, 1);
    std::copy(wide.begin(), wide.end(), fill.values);
    fill.size = static_cast<decltype(fill.size)>(wide.size());
  }

  Function& function_;
  Uses uses_;
  std::vector<bool> widens_;
  std::map<ValueId, ValueId> wide_;
  Patch patch_;
};

}  // namespace

Result<Patch> WidenHalves(Function& function, PassContext&) { return Widening(function).Run(); }

}  // namespace stint::compiler
