// Prepared kernels that can compute some lines of their result from some lines of their operand, of
// an image or a ring: what chains (backends/cpu/chains) are made of. How lines are grouped into
// calls changes no bit.
#ifndef STINT_BACKENDS_CPU_KERNELS_LINE_KERNEL_H_
#define STINT_BACKENDS_CPU_KERNELS_LINE_KERNEL_H_

#include "backends/cpu/kernels/nhwc_call.h"

namespace stint::cpu {

// Lines of one image. Distances are those of the kernel's call.
struct LineCall {
  IndexRange lines;                 // Of the result.
  const float* x = nullptr;         // The operand's line 0, or the ring.
  int64_t x_ring = 0;               // Lines of the ring; 0: all lines are there.
  const float* residual = nullptr;  // Begins, as y, with the first of the lines; may be none.
  float* y = nullptr;
  float* scratch = nullptr;  // As PrepareLines said, aligned to 64.
};

class LineKernel : public PreparedKernel {
 public:
  // nullptr: the functions below may be used; else why not.
  virtual const char* RejectLines() const { return nullptr; }
  // Whether the lines that a call reads must lie together in a ring.
  virtual bool ReadsTogether() const { return false; }
  // Prepares for calls of any number of lines, of images or rings. `most`: the usual number. Gives
  // the floats of scratch that a call needs.
  virtual Result<int64_t> PrepareLines(int64_t most, bool ring) {
    (void)most, (void)ring;
    return 0;
  }
  virtual void RunLines(const Execution& execution, const LineCall& call) const = 0;

  ConvShape shape;  // Of one image.
  CallFinish finish;
  int64_t depth = 0;  // Multiply-accumulates of one element of the result.
  int64_t batch = 1;
  int64_t x_image = 0, y_image = 0;  // Floats from image to image.
};

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_KERNELS_LINE_KERNEL_H_
