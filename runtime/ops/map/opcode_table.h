// opcodes.inc as a table that is known while compiling, and the C++ type of each register type.
#ifndef STINT_RUNTIME_OPS_MAP_OPCODE_TABLE_H_
#define STINT_RUNTIME_OPS_MAP_OPCODE_TABLE_H_

#include <array>
#include <string_view>

#include "runtime/ops/map/program.h"

namespace stint {

constexpr uint8_t BitOf(MapType type) { return static_cast<uint8_t>(1 << static_cast<int>(type)); }

// The set that opcodes.inc spells with letters.
constexpr uint8_t MapTypesOf(std::string_view letters) {
  uint8_t types = 0;
  for (const char letter : letters) {
    if (letter == 'f') types |= BitOf(MapType::kF32) | BitOf(MapType::kF64);
    if (letter == 'i') types |= BitOf(MapType::kI32) | BitOf(MapType::kI64);
    if (letter == 'u') types |= BitOf(MapType::kU32) | BitOf(MapType::kU64);
    if (letter == 'b') types |= BitOf(MapType::kBool);
  }
  return types;
}

inline constexpr int kMapOpcodeLimit = 83;  // One past the largest id.

constexpr bool MakesBool(MapOpcode opcode) {
  return opcode >= MapOpcode::kLess && opcode <= MapOpcode::kIsNegativeInfinity;
}

inline constexpr auto kMapOpcodes = [] {
  std::array<MapOpcodeInfo, kMapOpcodeLimit> infos{};
#define STINT_MAP_OPCODE(id, Name, text, arity, types) \
  infos[id] = {text, arity, MapTypesOf(types), MakesBool(MapOpcode::k##Name)};
#include "runtime/ops/map/opcodes.inc"
#undef STINT_MAP_OPCODE
  return infos;
}();

// Whether the opcode computes its result from registers of its own type alone: all but moves,
// conversions and select.
constexpr bool IsMapFunction(MapOpcode opcode) {
  return kMapOpcodes[static_cast<size_t>(opcode)].arity > 0 && opcode != MapOpcode::kStore &&
         opcode != MapOpcode::kSelect && opcode != MapOpcode::kConvert &&
         opcode != MapOpcode::kBitcast;
}

template <MapType type>
struct MapTypeTraits;
template <>
struct MapTypeTraits<MapType::kF32> {
  using Value = float;
};
template <>
struct MapTypeTraits<MapType::kF64> {
  using Value = double;
};
template <>
struct MapTypeTraits<MapType::kI32> {
  using Value = int32_t;
};
template <>
struct MapTypeTraits<MapType::kI64> {
  using Value = int64_t;
};
template <>
struct MapTypeTraits<MapType::kU32> {
  using Value = uint32_t;
};
template <>
struct MapTypeTraits<MapType::kU64> {
  using Value = uint64_t;
};
template <>
struct MapTypeTraits<MapType::kBool> {
  using Value = bool;
};
// What a register of `type` holds.
template <MapType type>
using MapValue = typename MapTypeTraits<type>::Value;

constexpr int BytesOf(MapType type) {
  if (type == MapType::kBool) return 1;
  const bool narrow = type == MapType::kF32 || type == MapType::kI32 || type == MapType::kU32;
  return narrow ? 4 : 8;
}

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_MAP_OPCODE_TABLE_H_
