// What the channels-last rows share: the geometry of a window op over pixels, how tensors lie, and
// what the kernels do in registers behind it.
#ifndef STINT_BACKENDS_CPU_KERNELS_NHWC_CALL_H_
#define STINT_BACKENDS_CPU_KERNELS_NHWC_CALL_H_

#include "backends/cpu/commands.h"
#include "backends/cpu/kernels/match_finish.h"
#include "backends/cpu/nhwc/conv.h"

namespace stint::cpu {

// A tensor [N, C, H, W] or [N, C, W] (of height 1) in memory. Distances are in floats.
struct ImageView {
  int64_t batch = 1, channels = 1, height = 1, width = 1;
  int64_t image = 0, channel = 0, line = 0, pixel = 0;

  explicit ImageView(const TensorView& view);
  // The channels of a pixel lie together; pixels and lines follow in order, maybe with gaps.
  bool channels_last() const;
  // Lines follow each other without a gap behind their last pixel.
  bool even_lines() const { return height == 1 || line == width * pixel; }
  // Rows of one channel lie together, as images come from cameras.
  bool planar() const;
};

// The window op of a call as one image and one group see it. `kernel` has one extent a spatial
// axis.
ConvShape WindowShape(const ImageView& x, const ImageView& y, const int64_t* kernel, int spatial,
                      const IntList& strides, const IntList& dilations, const LongDimList& pads);

// The epilogue of a call as the kernels do it, and where its residual is.
class CallFinish {
 public:
  // nullptr: none, or one that Init takes. A residual has the shape of the result and lies channels
  // last; `bias` is the operand that holds it.
  static const char* Reject(const KernelCall& call);
  void Init(const KernelCall& call, size_t bias);

  // With the addresses of an execution, for channels from `channel` on.
  Finish At(const Execution& execution, int64_t channel) const;
  // nullptr: none.
  const float* Residual(const Execution& execution) const;
  const ImageView& residual() const { return residual_view_; }
  // The operand; 0: there is none.
  size_t residual_operand() const { return residual_; }

 private:
  FinishMatch match_;
  size_t bias_ = 0;
  size_t residual_ = 0;  // Operand; 0: none.
  ImageView residual_view_{TensorView()};
};

// A part of `count` things for thread `part` of `parts`.
inline IndexRange PartOf(int64_t count, int64_t part, int64_t parts) {
  return {count * part / parts, count * (part + 1) / parts};
}

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_KERNELS_NHWC_CALL_H_
