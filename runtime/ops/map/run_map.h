// The reference executor of Map programs: scalar, one element at a time, normative.
#ifndef STINT_RUNTIME_OPS_MAP_RUN_MAP_H_
#define STINT_RUNTIME_OPS_MAP_RUN_MAP_H_

#include <cstdint>
#include <span>

#include "runtime/ops/map/program.h"
#include "runtime/ops/tensor.h"

namespace stint {

// Computes one element: `inputs[i]` points at the element of input i, `outputs[j]` at that of
// output j, `coordinates` has one entry an axis (read by iota only; may be null without one).
// The program must have passed VerifyMap.
void RunMapElement(const MapProgram& program, const void* const* inputs, const int64_t* coordinates,
                   void* const* outputs);

// Runs `program` over all coordinates of outputs[0]. Inputs have the outputs' rank, with stride 0
// on broadcast axes. Outputs may alias an input with the same view.
void RunMapTensors(const MapProgram& program, std::span<const TensorView> inputs,
                   std::span<const TensorView> outputs);

// `view` seen with the rank and extents of `like`, aligned at the last axis, stride 0 where it is
// broadcast. Shapes were checked before.
TensorView BroadcastTo(const TensorView& view, const TensorView& like);

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_MAP_RUN_MAP_H_
