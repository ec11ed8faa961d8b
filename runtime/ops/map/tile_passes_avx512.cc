// The loops of float32 for x86-64 processors with AVX-512; the build gives this file the options.
#if defined(__AVX512F__)
#include "runtime/ops/map/tile_passes.inc"

namespace stint {

extern const MapFloatPasses kAvx512MapFloatPasses;
constexpr MapFloatPasses kAvx512MapFloatPasses = MakeMapFloatPasses();

}  // namespace stint
#endif
