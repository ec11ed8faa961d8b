// The scalar executor: the meaning of Map programs, without tiles, collapsing or special cases.
#include "runtime/ops/map/run_map.h"

#include <cstring>

#include "runtime/ops/map/convert.h"
#include "runtime/ops/map/functions.h"

namespace stint {

namespace {

// Registers hold the value's bytes, low first; the rest means nothing.
template <typename T>
T Get(uint64_t bits) {
  T value;
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}

template <typename T>
uint64_t Bits(T value) {
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  return bits;
}

using FunctionPointer = uint64_t (*)(uint64_t a, uint64_t b, uint64_t c);

template <MapOpcode opcode, MapType type>
constexpr FunctionPointer FunctionFor() {
  if constexpr (map_functions::Admits(opcode, type)) {
    using T = MapValue<type>;
    return [](uint64_t a, uint64_t b, uint64_t c) {
      return Bits(map_functions::Apply<opcode, T>(Get<T>(a), Get<T>(b), Get<T>(c)));
    };
  } else {
    return nullptr;
  }
}

struct FunctionRow {
  FunctionPointer by_type[kMapTypeCount];
};

template <MapOpcode opcode>
constexpr FunctionRow RowFor() {
  return {{FunctionFor<opcode, MapType::kF32>(), FunctionFor<opcode, MapType::kF64>(),
           FunctionFor<opcode, MapType::kI32>(), FunctionFor<opcode, MapType::kI64>(),
           FunctionFor<opcode, MapType::kU32>(), FunctionFor<opcode, MapType::kU64>(),
           FunctionFor<opcode, MapType::kBool>()}};
}

constexpr auto kFunctions = [] {
  std::array<FunctionRow, kMapOpcodeLimit> rows{};
#define STINT_MAP_OPCODE(id, Name, text, arity, types) rows[id] = RowFor<MapOpcode::k##Name>();
#include "runtime/ops/map/opcodes.inc"
#undef STINT_MAP_OPCODE
  return rows;
}();

// Calls visit.operator()<type>() for the constant that equals `type`.
template <typename Visitor>
void VisitType(MapType type, Visitor&& visit) {
  switch (type) {
    case MapType::kF32:
      return visit.template operator()<MapType::kF32>();
    case MapType::kF64:
      return visit.template operator()<MapType::kF64>();
    case MapType::kI32:
      return visit.template operator()<MapType::kI32>();
    case MapType::kI64:
      return visit.template operator()<MapType::kI64>();
    case MapType::kU32:
      return visit.template operator()<MapType::kU32>();
    case MapType::kU64:
      return visit.template operator()<MapType::kU64>();
    case MapType::kBool:
      return visit.template operator()<MapType::kBool>();
  }
}

template <typename From>
uint64_t ConvertTo(MapType to, ConvertRule rule, From value) {
  uint64_t bits = 0;
  VisitType(to, [&]<MapType type>() {
    using To = MapValue<type>;
    if (rule == ConvertRule::kOdd) {
      bits = Bits(ConvertValue<To, ConvertRule::kOdd>(value));
    } else if (rule == ConvertRule::kSaturate) {
      bits = Bits(ConvertValue<To, ConvertRule::kSaturate>(value));
    } else {
      bits = Bits(ConvertValue<To, ConvertRule::kCast>(value));
    }
  });
  return bits;
}

uint64_t Convert(MapType from, MapType to, ConvertRule rule, uint64_t bits) {
  uint64_t converted = 0;
  VisitType(from,
            [&]<MapType type>() { converted = ConvertTo(to, rule, Get<MapValue<type>>(bits)); });
  return converted;
}

uint64_t Load(DType dtype, const void* element) {
  uint64_t bits = 0;
  VisitElement(dtype, [&]<DType kDtype>() {
    typename ElementTraits<kDtype>::Storage stored;
    std::memcpy(&stored, element, sizeof(stored));
    bits = Bits(LoadElement<kDtype>(stored));
  });
  return bits;
}

void Store(DType dtype, MapStoreMode mode, MapType type, uint64_t bits, void* element) {
  const uint64_t work = Convert(type, WorkTypeOf(dtype), RuleOf(dtype, mode), bits);
  VisitElement(dtype, [&]<DType kDtype>() {
    const auto stored = StoreElement<kDtype>(Get<typename ElementTraits<kDtype>::Work>(work), mode);
    std::memcpy(element, &stored, sizeof(stored));
  });
}

// The coordinate as a register of i32 or i64.
uint64_t Coordinate(MapType type, int64_t coordinate) {
  return type == MapType::kI64 ? Bits(coordinate) : Bits(static_cast<int32_t>(coordinate));
}

}  // namespace

void RunMapElement(const MapProgram& program, const void* const* inputs, const int64_t* coordinates,
                   void* const* outputs) {
  uint64_t registers[kMapMaxRegisters] = {};
  for (int i = 0; i < program.instruction_count; ++i) {
    const MapInstruction& it = program.instructions[i];
    uint64_t& result = registers[it.result % kMapMaxRegisters];
    switch (it.opcode) {
      case MapOpcode::kLoad:
        result = Load(program.inputs[it.a], inputs[it.a]);
        break;
      case MapOpcode::kImmediate:
        result = program.constants[it.a];
        break;
      case MapOpcode::kIota:
        result = Coordinate(it.type, coordinates[it.a]);
        break;
      case MapOpcode::kStore:
        Store(program.outputs[it.result], static_cast<MapStoreMode>(it.b), it.type, registers[it.a],
              outputs[it.result]);
        break;
      case MapOpcode::kSelect:
        result = Get<bool>(registers[it.a]) ? registers[it.b] : registers[it.c];
        break;
      case MapOpcode::kConvert:
        result = Convert(static_cast<MapType>(it.b), it.type, ConvertRule::kCast, registers[it.a]);
        break;
      case MapOpcode::kBitcast:
        result = registers[it.a];
        break;
      default: {
        const auto function =
            kFunctions[static_cast<size_t>(it.opcode)].by_type[static_cast<size_t>(it.type)];
        result = function(registers[it.a], registers[it.b], registers[it.c]);
      }
    }
  }
}

void RunMapTensors(const MapProgram& program, std::span<const TensorView> inputs,
                   std::span<const TensorView> outputs) {
  const TensorView& space = outputs[0];
  const int64_t count = ElementCount(space);
  int64_t coordinates[kMaxRank] = {};
  for (int64_t element = 0; element < count; ++element) {
    const void* sources[kMapMaxInputs];
    void* results[kMapMaxOutputs];
    const auto address = [&](const TensorView& view) {
      int64_t offset = 0;
      for (int axis = 0; axis < space.rank; ++axis)
        offset += coordinates[axis] * view.strides[axis];
      return view.as<std::byte>() + offset * BytesOf(view.dtype);
    };
    for (size_t i = 0; i < inputs.size(); ++i) sources[i] = address(inputs[i]);
    for (size_t i = 0; i < outputs.size(); ++i) results[i] = address(outputs[i]);
    RunMapElement(program, sources, coordinates, results);
    for (int axis = space.rank - 1; axis >= 0; --axis) {
      if (++coordinates[axis] < space.extents[axis]) break;
      coordinates[axis] = 0;
    }
  }
}

TensorView BroadcastTo(const TensorView& view, const TensorView& like) {
  TensorView result = view;
  result.rank = like.rank;
  const int missing = like.rank - view.rank;
  for (int axis = 0; axis < like.rank; ++axis) {
    const bool repeated = axis < missing || view.extents[axis - missing] != like.extents[axis];
    result.extents[axis] = like.extents[axis];
    result.strides[axis] = repeated ? 0 : view.strides[axis - missing];
  }
  return result;
}

}  // namespace stint
