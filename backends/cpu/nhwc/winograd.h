// Winograd convolutions F(4 x 4, 3 x 3) and F(2 x 2, 3 x 3) over channels-last pixels: tiles of
// input become (m + 2)^2 matrices, which are multiplied by transformed weights and transformed
// back (runtime/cost/winograd.h says where it pays, Layout::kWinograd4 how weights lie).
#ifndef STINT_BACKENDS_CPU_NHWC_WINOGRAD_H_
#define STINT_BACKENDS_CPU_NHWC_WINOGRAD_H_

#include "backends/cpu/nhwc/conv.h"

namespace stint::cpu {

struct WinogradPlan {
  NhwcKernels kernels = {};
  ConvShape shape;
  int outputs = 0;
  int64_t tile_columns = 0;
  int64_t tiles = 0;        // What ranges count; tiles are independent of each other.
  int64_t block_tiles = 0;  // That are transformed together.
  ConvPlan product;         // Of a block.
  int64_t v_row = 0, m_row = 0;
  int64_t scratch_floats = 0;  // For each call at a time, aligned to 64 bytes.
};

// `outputs`: 4 or 2. The shape is one that CanBeWinograd admits, of any channels.
Result<WinogradPlan> PlanWinograd(const NhwcKernels& kernels, const ConvShape& shape, int outputs);

// Computes the outputs of tiles [tiles). `data.weights` are transformed; `data.border` is not used;
// the residual may be y.
void RunWinograd(const WinogradPlan& plan, const ConvData& data, IndexRange tiles, float* scratch);

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_NHWC_WINOGRAD_H_
