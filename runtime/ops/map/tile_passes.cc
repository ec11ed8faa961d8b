// The loops for the instruction set of the library, and the choice among the sets that were built.
#include "runtime/ops/map/tile_passes.inc"

namespace stint {

constexpr MapTilePasses kBaselineMapTilePasses = MakeMapTilePasses();

namespace {

constexpr MapFloatPasses kBaselineMapFloatPasses = MakeMapFloatPasses();

}  // namespace

#if defined(STINT_MAP_TILES_X86)
extern const MapTilePasses kAvx2MapTilePasses;
extern const MapFloatPasses kAvx2MapFloatPasses;
extern const MapFloatPasses kAvx512MapFloatPasses;

const MapTilePasses& BestMapTilePasses() {
  return __builtin_cpu_supports("avx2") ? kAvx2MapTilePasses : kBaselineMapTilePasses;
}

const MapFloatPasses* MapFloatPassesAt(int index) {
  if (index == 0) return &kBaselineMapFloatPasses;
  if (index == 1 && __builtin_cpu_supports("avx2")) return &kAvx2MapFloatPasses;
  const bool has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  return index == 2 && has_avx512 ? &kAvx512MapFloatPasses : nullptr;
}
#else
const MapTilePasses& BestMapTilePasses() { return kBaselineMapTilePasses; }
const MapFloatPasses* MapFloatPassesAt(int index) {
  return index == 0 ? &kBaselineMapFloatPasses : nullptr;
}
#endif

const MapFloatPasses& BestMapFloatPasses() {
  const MapFloatPasses* best = &kBaselineMapFloatPasses;
  for (int i = 1; MapFloatPassesAt(i) != nullptr; ++i) best = MapFloatPassesAt(i);
  return *best;
}

}  // namespace stint
