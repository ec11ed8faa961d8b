#include "tools/compiler/passes/channel_scale.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "runtime/ops/map.h"
#include "tools/compiler/passes/queries.h"

namespace stint::compiler {

namespace {

bool IsWideFloat(DType dtype) { return dtype == DType::kFloat32 || dtype == DType::kFloat64; }

// A register of the program: slope * x + offset. `varies`: it depends on x.
struct Linear {
  double slope = 0;
  double offset = 0;
  bool varies = false;
};

std::optional<Linear> Binary(MapOpcode opcode, const Linear& a, const Linear& b) {
  const bool varies = a.varies || b.varies;
  switch (opcode) {
    case MapOpcode::kAdd:
      return Linear{a.slope + b.slope, a.offset + b.offset, varies};
    case MapOpcode::kSub:
      return Linear{a.slope - b.slope, a.offset - b.offset, varies};
    case MapOpcode::kMul:
      if (a.varies && b.varies) return std::nullopt;
      if (a.varies) return Linear{a.slope * b.offset, a.offset * b.offset, true};
      return Linear{b.slope * a.offset, b.offset * a.offset, b.varies};
    case MapOpcode::kDiv:
      if (b.varies) return std::nullopt;
      return Linear{a.slope / b.offset, a.offset / b.offset, a.varies};
    default:
      return std::nullopt;
  }
}

std::optional<Linear> Unary(MapOpcode opcode, const Linear& a) {
  if (opcode == MapOpcode::kNeg) return Linear{-a.slope, -a.offset, a.varies};
  if (a.varies) return std::nullopt;
  if (opcode == MapOpcode::kSqrt) return Linear{0, std::sqrt(a.offset), false};
  if (opcode == MapOpcode::kReciprocal) return Linear{0, 1 / a.offset, false};
  return std::nullopt;
}

double ConstantOf(MapType type, uint64_t bits) {
  return type == MapType::kF32 ? double{std::bit_cast<float>(static_cast<uint32_t>(bits))}
                               : std::bit_cast<double>(bits);
}

// Runs the program on one channel. `inputs` holds a number for each input but `x`.
std::optional<Linear> RunChannel(const MapProgram& program, size_t x,
                                 const std::vector<double>& inputs) {
  Linear registers[kMapMaxRegisters];
  for (int i = 0; i < program.instruction_count; ++i) {
    const MapInstruction& step = program.instructions[i];
    if (step.type != MapType::kF32 && step.type != MapType::kF64) return std::nullopt;
    std::optional<Linear> result;
    switch (step.opcode) {
      case MapOpcode::kStore:
        return registers[step.a];
      case MapOpcode::kLoad:
        result = step.a == x ? Linear{1, 0, true} : Linear{0, inputs[step.a], false};
        break;
      case MapOpcode::kImmediate:
        result = Linear{0, ConstantOf(step.type, program.constants[step.a]), false};
        break;
      default:
        result = InfoOf(step.opcode).arity == 2
                     ? Binary(step.opcode, registers[step.a], registers[step.b])
                     : Unary(step.opcode, registers[step.a]);
    }
    if (!result) return std::nullopt;
    registers[step.result] = *result;
  }
  return std::nullopt;
}

// The constants of an operand for each channel; nothing when it varies along another axis.
std::optional<std::vector<double>> NumbersOf(const View& view, size_t axis, const View& result,
                                             Function& function) {
  if (!function[view.value].is_constant() || view.dims.size() > result.dims.size()) {
    return std::nullopt;
  }
  const size_t shift = result.dims.size() - view.dims.size();
  for (size_t i = 0; i < view.dims.size(); ++i) {
    const bool channels = i + shift == axis && view.dims[i] == result.dims[axis];
    if (!channels && view.dims[i] != Dim(1)) return std::nullopt;
  }
  const std::optional<Bytes> bytes = ConstantBytesOf(view, function);
  if (!bytes) return std::nullopt;
  return ToDoubles(function[view.value].dtype, *bytes);
}

}  // namespace

std::vector<double> ToDoubles(DType dtype, const Bytes& bytes) {
  const auto width = static_cast<size_t>(BytesOf(dtype));
  std::vector<double> numbers(bytes.size() / width);
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (dtype == DType::kFloat32) {
      float number = 0;
      std::memcpy(&number, bytes.data() + i * width, width);
      numbers[i] = number;
    } else {
      std::memcpy(&numbers[i], bytes.data() + i * width, width);
    }
  }
  return numbers;
}

Bytes FromDoubles(DType dtype, const std::vector<double>& numbers) {
  const auto width = static_cast<size_t>(BytesOf(dtype));
  Bytes bytes(numbers.size() * width);
  for (size_t i = 0; i < numbers.size(); ++i) {
    const auto narrow = static_cast<float>(numbers[i]);
    const void* source = dtype == DType::kFloat32 ? static_cast<const void*>(&narrow)
                                                  : static_cast<const void*>(&numbers[i]);
    std::memcpy(bytes.data() + i * width, source, width);
  }
  return bytes;
}

std::optional<ChannelScale> ChannelScaleOf(const Node& map, size_t input, int axis,
                                           Function& function) {
  const MapProgram& program = map.attributes.as<MapAttributes>().program;
  const View& result = map.results[0];
  const Dim channels = result.dims[static_cast<size_t>(axis)];
  if (!channels.is_constant() || program.output_count != 1) return std::nullopt;
  if (!IsWideFloat(program.outputs[0])) return std::nullopt;
  std::vector<std::vector<double>> numbers(map.operands.size());
  for (size_t i = 0; i < map.operands.size(); ++i) {
    if (program.inputs[i] != program.outputs[0]) return std::nullopt;
    if (i == input) continue;
    auto found = NumbersOf(map.operands[i], static_cast<size_t>(axis), result, function);
    if (!found || found->empty()) return std::nullopt;
    numbers[i] = std::move(*found);
  }
  ChannelScale scale;
  std::vector<double> inputs(map.operands.size(), 0);
  for (size_t channel = 0; channel < static_cast<size_t>(channels.constant()); ++channel) {
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (i != input) inputs[i] = numbers[i][numbers[i].size() == 1 ? 0 : channel];
    }
    const std::optional<Linear> linear = RunChannel(program, input, inputs);
    if (!linear || !linear->varies) return std::nullopt;
    if (!std::isfinite(linear->slope) || !std::isfinite(linear->offset)) return std::nullopt;
    scale.slopes.push_back(linear->slope);
    scale.offsets.push_back(linear->offset);
  }
  return scale;
}

}  // namespace stint::compiler
