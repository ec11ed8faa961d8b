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

// What models compute with most, apart from the rest: there is one more copy of it.
struct MapFloatPasses {
  MapTilePasses::Function functions[kMapOpcodeLimit];
  MapTilePasses::Function select;
};

// For the instruction set that the library is compiled for.
extern const MapTilePasses kBaselineMapTilePasses;

// The fastest ones that this processor runs.
const MapTilePasses& BestMapTilePasses();
const MapFloatPasses& BestMapFloatPasses();
// Those that this processor runs, the fastest last; nullptr behind them.
const MapFloatPasses* MapFloatPassesAt(int index);

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_MAP_TILE_PASSES_H_
