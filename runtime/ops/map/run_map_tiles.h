// The fast executor of Map programs: tiles of 256 elements, one vectorised loop per instruction or
// chain of float32 arithmetic.
// It gives the bits of the scalar reference (a NaN's payload apart) whatever the tiling.
#ifndef STINT_RUNTIME_OPS_MAP_RUN_MAP_TILES_H_
#define STINT_RUNTIME_OPS_MAP_RUN_MAP_TILES_H_

#include <cstddef>
#include <span>

#include "runtime/ops/map/program.h"
#include "runtime/ops/map/tile_passes.h"
#include "runtime/ops/tensor.h"

namespace stint {

inline constexpr int kMapTile = 256;
// Of a program that is one chain (tile_passes.h), whose values stay in registers.
inline constexpr int kMapChainTile = 8192;

// Element i of the tile is `data[i * stride]`, of the program's dtype for the input or output.
struct TileInput {
  const void* data;
  int64_t stride;
};
struct TileOutput {
  void* data;
  int64_t stride;
};

// Where the tile lies, for iota: the coordinates of its first element, and the axis along which it
// runs. `first` may be null for programs without iota.
struct TileCoordinates {
  const int64_t* first = nullptr;
  int axis = 0;
};

// The memory of one thread's runs, about 200 KiB of which runs touch what they need. It may serve
// any programs one after the other; values that repeat from tile to tile are kept in it.
struct MapTileScratch {
  static constexpr int kTileBytes = kMapTile * 8;
  static constexpr int kRegisterTiles = kMapMaxRegisters + 1;
  static constexpr int kRepeatedTiles = kMapMaxConstants + kMapMaxInputs;
  static constexpr int kStagedTiles = kMapMaxInputs + kMapMaxOutputs;

  struct Tile {
    alignas(64) std::byte bytes[kTileBytes];
  };
  // What a repeated tile is full of. bytes = 0: nothing yet.
  struct Content {
    uint64_t bits = 0;
    int bytes = 0;
  };

  const MapTilePasses* passes = &BestMapTilePasses();
  const MapFloatPasses* float_passes = &BestMapFloatPasses();
  Content contents[kRepeatedTiles];
  Tile repeated[kRepeatedTiles];  // Constants, then inputs with stride 0.
  Tile registers[kRegisterTiles];
  Tile converted;
  Tile staged[kStagedTiles];
};

// How many elements RunMapTile takes at once: kMapTile, or kMapChainTile for float32 arithmetic
// alone on dense or repeated elements. What the pointers point to does not matter.
int LongestMapTile(const MapProgram& program, const TileInput* inputs, const TileOutput* outputs);

// Runs the program on `count` elements, at most LongestMapTile of them. An output may lie on an
// input with the same stride and dtype; apart from that nothing overlaps. The program passed
// VerifyMap.
void RunMapTile(const MapProgram& program, const TileInput* inputs,
                const TileCoordinates& coordinates, const TileOutput* outputs, int count,
                MapTileScratch& scratch);

// Runs the program on the elements begin .. end - 1 of outputs[0], counted in row-major order.
// Views are as for RunMapTensors. Threads may take disjoint ranges, each with its own scratch.
void RunMapTensorsTiled(const MapProgram& program, std::span<const TensorView> inputs,
                        std::span<const TensorView> outputs, MapTileScratch& scratch, int64_t begin,
                        int64_t end);

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_MAP_RUN_MAP_TILES_H_
