// The transformed weights of Winograd's convolutions F(m x m, 3 x 3): Layout::kWinograd2 and
// kWinograd4. Sums are taken in double and rounded once, in one order, so that what a plan holds
// and what is made when a session binds are the same bits on every machine.
#ifndef STINT_RUNTIME_OPS_LAYOUTS_WINOGRAD_H_
#define STINT_RUNTIME_OPS_LAYOUTS_WINOGRAD_H_

#include "runtime/ops/layouts/layout.h"

namespace stint {

// m of a layout: the outputs of a tile along an axis, 2 or 4; 0: another layout.
inline constexpr int WinogradOutputs(Layout layout) {
  if (layout == Layout::kWinograd2) return 2;
  return layout == Layout::kWinograd4 ? 4 : 0;
}

// The layout of tiles of `outputs`, 2 or 4.
inline constexpr Layout WinogradLayout(int outputs) {
  return outputs == 2 ? Layout::kWinograd2 : Layout::kWinograd4;
}

// kInvalid: not float32 weights [M, C, 3, 3].
Status CheckWinograd(Layout layout, DType dtype, int rank, const int64_t* extents);

// Writes the transforms of weights with any strides, whose size was checked.
void PackWinograd(Layout layout, const TensorView& from, void* packed);

// The same, of weights that lie as Layout::kPanel16: `shape` has their extents, `panels` their
// bytes. They are read where they lie.
void PackWinogradPanels(Layout layout, const TensorView& shape, const void* panels, void* packed);

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_LAYOUTS_WINOGRAD_H_
