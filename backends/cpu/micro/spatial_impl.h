// SpatialKernels (micro/tiles.h) of one instruction set: depthwise convolution, pools, Winograd's
// transforms and what is done element by element, all with channels innermost and as vectors.
// Included by one file an instruction set after its simd/<isa>.h. No include guard: each includer
// compiles its own copy.
#include "backends/cpu/micro/depthwise_impl.h"
#include "backends/cpu/micro/pool_impl.h"
#include "backends/cpu/micro/winograd_impl.h"

#define STINT_SPATIAL_TABLE        \
  {&STINT_ISA::DepthwiseRowsOf,    \
   &STINT_ISA::Depthwise,          \
   &STINT_ISA::Pool,               \
   &STINT_ISA::Mean,               \
   &STINT_ISA::Add,                \
   &STINT_ISA::Scale,              \
   &STINT_ISA::WinogradInputs<4>,  \
   &STINT_ISA::WinogradInputs<2>,  \
   &STINT_ISA::WinogradOutputs<4>, \
   &STINT_ISA::WinogradOutputs<2>}
