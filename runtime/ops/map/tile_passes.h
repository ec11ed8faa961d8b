// The inner loops of the tile executor: one function a loop, found by opcode, type and element
// type. They are instantiated once per instruction set (tile_passes.inc); all give the same bits.
#ifndef STINT_RUNTIME_OPS_MAP_TILE_PASSES_H_
#define STINT_RUNTIME_OPS_MAP_TILE_PASSES_H_

#include <cstdint>

#include "runtime/ops/map/convert.h"
#include "runtime/ops/map/opcode_table.h"

namespace stint {

// Null where the verifier admits nothing. Results may lie exactly on an operand of the same width.
struct MapTilePasses {
  using Function = void (*)(const void* a, const void* b, const void* c, void* result, int count);
  using Convert = void (*)(const void* source, void* result, int count);
  // From elements `stride` apart to dense values of the working type.
  using Load = void (*)(const void* source, int64_t stride, void* result, int count);
  using Store = void (*)(const void* source, MapStoreMode mode, void* result, int64_t stride,
                         int count);
  using Fill = void (*)(uint64_t bits, void* result, int count);

  Function functions[kMapOpcodeLimit][kMapTypeCount];  // But for those of float32.
  Function selects[kMapTypeCount];                     // Likewise.
  Convert converts[kMapTypeCount][kMapTypeCount][kConvertRuleCount];
  Fill fills[kMapTypeCount];
  Load loads[kDTypeCount];
  Store stores[kDTypeCount];
};

// STINT_MAP_CHAIN_OPCODE(Name, opcode, reversed, expression): what a chain does to the values x
// that it holds in registers, given an operand y; `reversed`: x is the second operand of the
// opcode.
#define STINT_MAP_CHAIN_OPCODES(Entry)                                           \
  Entry(Add, kAdd, false, x + y) Entry(Subtract, kSub, false, x - y)             \
      Entry(SubtractFrom, kSub, true, y - x) Entry(Multiply, kMul, false, x* y)  \
          Entry(Divide, kDiv, false, x / y) Entry(DivideInto, kDiv, true, y / x) \
              Entry(Minimum, kMin, false, SmallerWord(x, y))                     \
                  Entry(MinimumOf, kMin, true, SmallerWord(y, x))                \
                      Entry(Maximum, kMax, false, LargerWord(x, y))              \
                          Entry(MaximumOf, kMax, true, LargerWord(y, x))

enum class MapChainOpcode : uint8_t {
  kLoad,  // x = y
  kSave,  // y = x
  kNegate,
  kMagnitude,
#define STINT_ENTRY(Name, opcode, reversed, expression) k##Name,
  STINT_MAP_CHAIN_OPCODES(STINT_ENTRY)
#undef STINT_ENTRY
};

// `y` is an operand's first value, or with kSave where the first goes; kNegate and kMagnitude do
// not read it. Value i is at y[i & mask]: a mask of ~0, or one less than a multiple of 256 that is
// a power of two, for values that are in use only until the next ones take their place.
struct MapChainStep {
  MapChainOpcode opcode;
  int32_t mask;
  float* y;
};

// What models compute with most, apart from the rest: there is one more copy of it.
struct MapFloatPasses {
  // The steps one after the other on a few vectors in registers, then on the next few: results may
  // lie exactly on operands, and steps read what earlier ones saved. The first step is a kLoad.
  using Chain = void (*)(const MapChainStep* begin, const MapChainStep* end, int count);

  MapTilePasses::Function functions[kMapOpcodeLimit];  // But for those that chains have.
  MapTilePasses::Function select;
  Chain chain;
};

// How a chain spells the float32 opcode on its values as operand a or, reversed, b. kLoad: chains
// do not have it.
constexpr MapChainOpcode ChainOpcodeOf(MapOpcode opcode, bool reversed) {
  if (opcode == MapOpcode::kNeg) return MapChainOpcode::kNegate;
  if (opcode == MapOpcode::kAbs) return MapChainOpcode::kMagnitude;
  const bool commutes = opcode == MapOpcode::kAdd || opcode == MapOpcode::kMul;
#define STINT_ENTRY(Name, chained, is_reversed, expression)                       \
  if (opcode == MapOpcode::chained && (is_reversed) == (reversed && !commutes)) { \
    return MapChainOpcode::k##Name;                                               \
  }
  STINT_MAP_CHAIN_OPCODES(STINT_ENTRY)
#undef STINT_ENTRY
  return MapChainOpcode::kLoad;
}

// For the instruction set that the library is compiled for.
extern const MapTilePasses kBaselineMapTilePasses;

// The fastest ones that this processor runs.
const MapTilePasses& BestMapTilePasses();
const MapFloatPasses& BestMapFloatPasses();
// Those that this processor runs, the fastest last; nullptr behind them.
const MapFloatPasses* MapFloatPassesAt(int index);

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_MAP_TILE_PASSES_H_
