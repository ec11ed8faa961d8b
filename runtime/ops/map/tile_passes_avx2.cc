// The loops for x86-64 processors with AVX2; the build gives this file the compiler option.
#if defined(__AVX2__)
#include "runtime/ops/map/tile_passes.inc"

namespace stint {

extern const MapTilePasses kAvx2MapTilePasses;
constexpr MapTilePasses kAvx2MapTilePasses = MakeMapTilePasses();
extern const MapFloatPasses kAvx2MapFloatPasses;
constexpr MapFloatPasses kAvx2MapFloatPasses = MakeMapFloatPasses();

}  // namespace stint
#endif
