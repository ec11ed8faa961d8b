// The loops for the instruction set of the library, and the choice among the sets that were built.
#include "runtime/ops/map/tile_passes.inc"

namespace stint {

constexpr MapTilePasses kBaselineMapTilePasses = MakeMapTilePasses();

#if defined(STINT_MAP_TILES_AVX2)
extern const MapTilePasses kAvx2MapTilePasses;

const MapTilePasses& BestMapTilePasses() {
  return __builtin_cpu_supports("avx2") ? kAvx2MapTilePasses : kBaselineMapTilePasses;
}
#else
const MapTilePasses& BestMapTilePasses() { return kBaselineMapTilePasses; }
#endif

}  // namespace stint
