// Known elements of small tensors: each op's meaning over Dims and Reals instead of numbers. This
// is how shapes that a graph computes (Shape, Gather, Cast, Mul, Floor, Concat ...) become shape
// programs. Reals are passed as their bits.
#include <algorithm>
#include <bit>

#include "runtime/ops/copy.h"
#include "runtime/ops/eval.h"
#include "runtime/ops/gather.h"
#include "runtime/ops/map.h"
#include "runtime/ops/reduce.h"
#include "tools/compiler/graph/builder.h"
#include "tools/compiler/graph/coordinates.h"

namespace stint::compiler {

namespace {

using Elements = std::optional<std::vector<Dim>>;
constexpr int64_t kMaxElements = 1024;

Elements ElementsOrReals(const View& view, const Function& function) {
  return HoldsReals(function[view.value].dtype) ? RealsOf(view, function)
                                                : ElementsOf(view, function);
}

bool IsReal(MapType type) { return type == MapType::kF32 || type == MapType::kF64; }

std::optional<std::vector<int64_t>> Integers(const std::vector<Dim>& dims) {
  std::vector<int64_t> integers;
  for (const Dim dim : dims) {
    if (!dim.is_constant()) return std::nullopt;
    integers.push_back(dim.constant());
  }
  return integers;
}

int64_t Count(const std::vector<int64_t>& extents) {
  int64_t count = 1;
  for (const int64_t extent : extents) count *= std::min(extent, kMaxElements + 1);
  return count;
}

std::vector<int64_t> RowMajor(const std::vector<int64_t>& extents) {
  std::vector<int64_t> strides(extents.size());
  int64_t stride = 1;
  for (size_t axis = extents.size(); axis-- > 0;) {
    strides[axis] = stride;
    stride *= extents[axis];
  }
  return strides;
}

// `view` with the extents of `dims`, stride 0 on broadcast axes.
View Broadcast(const View& view, const std::vector<Dim>& dims) {
  View result = {view.value, dims, std::vector<Dim>(dims.size(), 0), view.offset};
  const size_t shift = dims.size() - view.dims.size();
  for (size_t axis = 0; axis < view.dims.size(); ++axis) {
    if (view.dims[axis] == dims[axis + shift]) result.strides[axis + shift] = view.strides[axis];
  }
  return result;
}

// A Map program over Dims, for one coordinate.
class DimMachine {
 public:
  DimMachine(const MapProgram& program, DimContext& dims) : program_(program), dims_(dims) {}

  // Nothing when an instruction has no meaning over Dims.
  std::optional<Dim> Run(const std::vector<Dim>& inputs, const std::vector<int64_t>& coordinate) {
    for (int i = 0; i < program_.instruction_count; ++i) {
      const MapInstruction& instruction = program_.instructions[i];
      if (instruction.opcode == MapOpcode::kStore) return Stored(instruction);
      if (!Step(instruction, inputs, coordinate)) return std::nullopt;
    }
    return std::nullopt;
  }

 private:
  bool Step(const MapInstruction& instruction, const std::vector<Dim>& inputs,
            const std::vector<int64_t>& coordinate) {
    if (IsReal(instruction.type)) return RealStep(instruction, inputs);
    Dim& result = registers_[instruction.result];
    const Dim a = registers_[instruction.a % kMapMaxRegisters];
    const Dim b = registers_[instruction.b % kMapMaxRegisters];
    const Dim c = registers_[instruction.c % kMapMaxRegisters];
    switch (instruction.opcode) {
      case MapOpcode::kLoad:
        result = inputs[instruction.a];
        return true;
      case MapOpcode::kImmediate:
        result = Immediate(program_.constants[instruction.a], instruction.type);
        return true;
      case MapOpcode::kIota:
        result = coordinate[instruction.a];
        return true;
      case MapOpcode::kAdd:
        result = dims_.Add(a, b);
        return true;
      case MapOpcode::kSub:
        result = dims_.Sub(a, b);
        return true;
      case MapOpcode::kMul:
        result = dims_.Mul(a, b);
        return true;
      case MapOpcode::kDiv:
        result = dims_.Apply(DimOp::kTruncDiv, a, b, 0);
        return b != Dim(0);
      case MapOpcode::kMod:
        result = b == Dim(0) ? b : dims_.Mod(a, b);
        return true;
      case MapOpcode::kMin:
      case MapOpcode::kAnd:
        result = dims_.Min(a, b);
        return instruction.opcode == MapOpcode::kMin || instruction.type == MapType::kBool;
      case MapOpcode::kMax:
      case MapOpcode::kOr:
        result = dims_.Max(a, b);
        return instruction.opcode == MapOpcode::kMax || instruction.type == MapType::kBool;
      case MapOpcode::kNeg:
        result = dims_.Sub(0, a);
        return true;
      case MapOpcode::kAbs:
        result = dims_.Max(a, dims_.Sub(0, a));
        return true;
      case MapOpcode::kNot:
        result = dims_.Equal(a, 0);
        return instruction.type == MapType::kBool;
      case MapOpcode::kLess:
        result = dims_.Less(a, b);
        return true;
      case MapOpcode::kLessEqual:
        result = dims_.Equal(dims_.Less(b, a), 0);
        return true;
      case MapOpcode::kGreater:
        result = dims_.Less(b, a);
        return true;
      case MapOpcode::kGreaterEqual:
        result = dims_.Equal(dims_.Less(a, b), 0);
        return true;
      case MapOpcode::kEqual:
        result = dims_.Equal(a, b);
        return true;
      case MapOpcode::kNotEqual:
        result = dims_.Equal(dims_.Equal(a, b), 0);
        return true;
      case MapOpcode::kSelect:
        result = dims_.Select(a, b, c);
        return true;
      case MapOpcode::kConvert:
        return Convert(instruction, a, &result);
      default:
        return false;
    }
  }

  // Converted to the output's type: float32 and float64, or what holds Dims.
  std::optional<Dim> Stored(const MapInstruction& instruction) {
    const DType dtype = program_.outputs[instruction.result];
    const Dim value = registers_[instruction.a];
    const bool real = IsReal(instruction.type);
    if (HoldsDims(dtype)) {
      if (!real) return value;
      return dtype == DType::kInt64 ? std::optional(Truncated(value)) : std::nullopt;
    }
    if (dtype != DType::kFloat32 && dtype != DType::kFloat64) return std::nullopt;
    const Dim wide = real ? value : dims_.ToReal(value).bits();
    const bool rounds = dtype == DType::kFloat32 && instruction.type != MapType::kF32;
    return rounds ? dims_.Apply(DimOp::kFloat32, wide, 0, 0) : wide;
  }

  // float32 results are those of float64 rounded once more, which is the same for one operation.
  bool RealStep(const MapInstruction& instruction, const std::vector<Dim>& inputs) {
    Dim& result = registers_[instruction.result];
    if (instruction.opcode == MapOpcode::kLoad) {
      result = inputs[instruction.a];
      return true;
    }
    if (!RealResult(instruction, &result)) return false;
    if (instruction.type == MapType::kF32) result = dims_.Apply(DimOp::kFloat32, result, 0, 0);
    return true;
  }

  bool RealResult(const MapInstruction& instruction, Dim* result) {
    const Real a = Real::FromBits(registers_[instruction.a % kMapMaxRegisters]);
    const Real b = Real::FromBits(registers_[instruction.b % kMapMaxRegisters]);
    const auto apply = [&](DimOp op, Real x, Real y) {
      *result = dims_.Apply(op, x, y).bits();
      return true;
    };
    switch (instruction.opcode) {
      case MapOpcode::kImmediate:
        *result = RealImmediate(program_.constants[instruction.a], instruction.type).bits();
        return true;
      case MapOpcode::kAdd:
        return apply(DimOp::kRealAdd, a, b);
      case MapOpcode::kSub:
        return apply(DimOp::kRealSub, a, b);
      case MapOpcode::kMul:
        return apply(DimOp::kRealMul, a, b);
      case MapOpcode::kDiv:
        return apply(DimOp::kRealDiv, a, b);
      case MapOpcode::kMin:
        return apply(DimOp::kRealMin, a, b);
      case MapOpcode::kMax:
        return apply(DimOp::kRealMax, a, b);
      case MapOpcode::kNeg:
        return apply(DimOp::kRealSub, 0.0, a);
      case MapOpcode::kFloor:
        *result = dims_.ToReal(dims_.Floor(a)).bits();
        return true;
      case MapOpcode::kCeil:
        *result = dims_.ToReal(dims_.Ceil(a)).bits();
        return true;
      case MapOpcode::kConvert: {
        const bool widened = IsReal(static_cast<MapType>(instruction.b));
        *result = widened ? a.bits() : dims_.ToReal(a.bits()).bits();
        return true;
      }
      default:
        return false;
    }
  }

  static Real RealImmediate(uint64_t bits, MapType type) {
    if (type == MapType::kF64) return std::bit_cast<double>(bits);
    return static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(bits)));
  }

  static Dim Immediate(uint64_t bits, MapType type) {
    if (type == MapType::kI32) return static_cast<int32_t>(bits);
    return std::max(static_cast<int64_t>(bits), Dim::kSmallestConstant);
  }

  bool Convert(const MapInstruction& instruction, Dim a, Dim* result) {
    const auto source = static_cast<MapType>(instruction.b);
    if (IsReal(source)) {
      if (instruction.type != MapType::kI64) return false;
      *result = Truncated(a);
      return true;
    }
    *result = instruction.type == MapType::kBool ? dims_.Equal(dims_.Equal(a, 0), 0) : a;
    return true;
  }

  // Towards zero.
  Dim Truncated(Dim bits) {
    const Real real = Real::FromBits(bits);
    const Dim floor = dims_.Floor(real);
    return dims_.Select(dims_.Less(floor, 0), dims_.Ceil(real), floor);
  }

  const MapProgram& program_;
  DimContext& dims_;
  Dim registers_[kMapMaxRegisters];
};

Elements OfMap(const Node& node, const View& result, Function& function,
               const std::vector<int64_t>& extents) {
  std::vector<std::vector<Dim>> inputs;
  for (const View& operand : node.operands) {
    Elements elements = ElementsOrReals(Broadcast(operand, result.dims), function);
    if (!elements) return std::nullopt;
    inputs.push_back(std::move(*elements));
  }
  DimMachine machine(node.attributes.as<MapAttributes>().program, function.dims);
  std::vector<Dim> elements;
  std::vector<int64_t> coordinate(extents.size(), 0);
  for (int64_t i = 0; i < Count(extents); ++i) {
    std::vector<Dim> row;
    for (const auto& input : inputs) row.push_back(input[static_cast<size_t>(i)]);
    const std::optional<Dim> element = machine.Run(row, coordinate);
    if (!element) return std::nullopt;
    elements.push_back(*element);
    NextCoordinate(extents, coordinate);
  }
  return elements;
}

Elements OfCopy(const Node& node, Function& function, const std::vector<int64_t>& extents) {
  const auto& attributes = node.attributes.as<CopyAttributes>();
  const auto starts = Integers({attributes.starts.span().begin(), attributes.starts.span().end()});
  if (!starts || attributes.tables.size != 0) return std::nullopt;
  // The fill is zero bytes or one element, which only holds a small number when it is zero.
  for (const uint8_t byte : attributes.fill.span()) {
    if (byte != 0) return std::nullopt;
  }
  std::vector<Dim> elements(static_cast<size_t>(Count(extents)), 0);
  for (size_t source = 0; source < node.operands.size(); ++source) {
    const View& view = node.operands[source];
    const Elements values = ElementsOrReals(view, function);
    const auto source_extents = Integers(view.dims);
    if (!values || !source_extents) return std::nullopt;
    const std::vector<int64_t> strides = RowMajor(extents);
    std::vector<int64_t> coordinate(extents.size(), 0);
    for (const Dim value : *values) {
      int64_t position = 0;
      bool inside = true;
      for (size_t axis = 0; axis < extents.size(); ++axis) {
        const int64_t at = coordinate[axis] + (*starts)[source * extents.size() + axis];
        inside = inside && at >= 0 && at < extents[axis];
        position += at * strides[axis];
      }
      if (inside) elements[static_cast<size_t>(position)] = value;
      NextCoordinate(*source_extents, coordinate);
    }
  }
  return elements;
}

Elements OfGather(const Node& node, Function& function) {
  const auto& attributes = node.attributes.as<GatherAttributes>();
  const View& data = node.operands[0];
  const Elements values = ElementsOrReals(data, function);
  const Elements indices = ElementsOf(node.operands[1], function);
  const auto extents = Integers(data.dims);
  if (!values || !indices || !extents || attributes.mode != GatherMode::kAxis ||
      attributes.batch_dims != 0 || attributes.epilogue.present()) {
    return std::nullopt;
  }
  const auto axis = static_cast<size_t>(attributes.axis);
  int64_t inner = 1;
  for (size_t i = axis + 1; i < extents->size(); ++i) inner *= (*extents)[i];
  const int64_t length = (*extents)[axis];
  const int64_t outer =
      length * inner == 0 ? 0 : static_cast<int64_t>(values->size()) / (length * inner);
  std::vector<Dim> elements;
  for (int64_t o = 0; o < outer; ++o) {
    for (const Dim index : *indices) {
      if (!index.is_constant()) return std::nullopt;
      const int64_t row = index.constant() < 0 ? index.constant() + length : index.constant();
      if (row < 0 || row >= length) return std::nullopt;
      for (int64_t i = 0; i < inner; ++i) {
        elements.push_back((*values)[static_cast<size_t>((o * length + row) * inner + i)]);
      }
    }
  }
  return elements;
}

std::optional<Dim> Combine(ReduceKind kind, const Elements& values, DimContext& dims) {
  if (values->empty()) return std::nullopt;
  Dim total = (*values)[0];
  for (size_t i = 1; i < values->size(); ++i) {
    const Dim value = (*values)[i];
    switch (kind) {
      case ReduceKind::kSum:
        total = dims.Add(total, value);
        break;
      case ReduceKind::kProduct:
        total = dims.Mul(total, value);
        break;
      case ReduceKind::kMax:
        total = dims.Max(total, value);
        break;
      case ReduceKind::kMin:
        total = dims.Min(total, value);
        break;
      default:
        return std::nullopt;
    }
  }
  return total;
}

// Reductions of a whole tensor only: what exporters compute of shapes.
Elements OfReduce(const Node& node, Function& function, const std::vector<int64_t>& extents) {
  const auto& attributes = node.attributes.as<ReduceAttributes>();
  if (Count(extents) != 1 || attributes.prologue.present() || attributes.epilogue.present()) {
    return std::nullopt;
  }
  const Elements values = ElementsOf(node.operands[0], function);
  if (!values) return std::nullopt;
  const std::optional<Dim> total = Combine(attributes.kind, values, function.dims);
  if (!total) return std::nullopt;
  return std::vector<Dim>{*total};
}

}  // namespace

std::optional<std::vector<Dim>> PropagateElements(const Node& node, Function& function) {
  const View& result = node.results[0];
  const DType dtype = function[result.value].dtype;
  if (!HoldsDims(dtype) && !HoldsReals(dtype)) return std::nullopt;
  const auto extents = Integers(result.dims);
  if (!extents || Count(*extents) > kMaxElements) return std::nullopt;
  switch (node.op->kind) {
    case OpKind::kMap:
      return OfMap(node, result, function, *extents);
    case OpKind::kCopy:
      return OfCopy(node, function, *extents);
    case OpKind::kGather:
      return OfGather(node, function);
    case OpKind::kReduce:
      return OfReduce(node, function, *extents);
    case OpKind::kEval: {
      const auto values = node.attributes.as<EvalAttributes>().values.span();
      return std::vector<Dim>(values.begin(), values.end());
    }
    default:
      return std::nullopt;
  }
}

}  // namespace stint::compiler
