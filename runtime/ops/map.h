// Map: one program run for every output element. Up to 16 inputs that broadcast, up to 4 outputs.
#ifndef STINT_RUNTIME_OPS_MAP_H_
#define STINT_RUNTIME_OPS_MAP_H_

#include "runtime/ops/attributes.h"

namespace stint {

struct MapAttributes {
  MapProgram program;
  // The output extents; empty: the broadcast of the inputs. With it inputs must broadcast to it.
  DimList extents;
  int64_t has_extents = 0;  // 1: `extents` holds, also for rank 0.
};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_MAP_H_
