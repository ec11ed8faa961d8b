// Windows that slide over the planes of an N, C, spatial tensor, its last two axes, and blocks of
// such a plane copied with their padding, so that inner loops know no edges.
#ifndef STINT_BACKENDS_CPU_KERNELS_PLANE_WINDOW_H_
#define STINT_BACKENDS_CPU_KERNELS_PLANE_WINDOW_H_

#include <cstdint>

#include "runtime/ops/attributes.h"
#include "runtime/ops/tensor.h"

namespace stint::cpu {

// One spatial axis counts as rows of extent 1.
struct PlaneWindow {
  int64_t height = 1, width = 1;
  int64_t out_height = 1, out_width = 1;
  int64_t kernel_height = 1, kernel_width = 1;
  int64_t stride_y = 1, stride_x = 1;
  int64_t dilation_y = 1, dilation_x = 1;
  int64_t pad_top = 0, pad_left = 0;

  int64_t in_elements() const { return height * width; }
  int64_t out_elements() const { return out_height * out_width; }
};

// Of a call with at least one spatial axis, the last two of them; `kernel` has one extent an axis.
PlaneWindow MakePlaneWindow(const TensorView& x, const TensorView& y, const int64_t* kernel,
                            const IntList& strides, const IntList& dilations,
                            const LongDimList& pads);

// The axis across planes, of a call with three spatial axes.
struct DepthWindow {
  int64_t depth = 1, out_depth = 1;
  int64_t kernel = 1, stride = 1, dilation = 1, pad = 0;

  bool slides() const { return kernel != 1 || stride != 1 || pad != 0 || out_depth != depth; }
};

// Of a call with any number of spatial axes.
DepthWindow MakeDepthWindow(const TensorView& x, const TensorView& y, const int64_t* kernel,
                            const IntList& strides, const IntList& dilations,
                            const LongDimList& pads);

// A block of output rows and the padded input that it needs.
struct PaddedBlock {
  int64_t out_rows = 1;  // A block; the last one of a plane may have fewer.
  int64_t in_rows = 1;
  int64_t in_columns = 1;

  int64_t floats() const { return in_rows * in_columns; }
  int64_t BlocksOf(const PlaneWindow& window) const {
    return (window.out_height + out_rows - 1) / out_rows;
  }
};

// Blocks of about 32 KiB.
PaddedBlock MakePaddedBlock(const PlaneWindow& window);

// Whether a block is small enough to be copied at all.
bool FitsPaddedBlock(const PlaneWindow& window);

// Copies what output rows [row, row_end) need, `fill` outside of the plane.
void CopyPadded(const PlaneWindow& window, const PaddedBlock& block, const float* plane,
                int64_t row, int64_t row_end, float fill, float* to);

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_KERNELS_PLANE_WINDOW_H_
