#include "backends/gpu/rows/window.h"

#include <algorithm>
#include <cstdlib>

namespace stint::gpu {

PlaneWindow MakePlaneWindow(const TensorView& x, const TensorView& y, const int64_t* kernel,
                            const IntList& strides, const IntList& dilations,
                            const LongDimList& pads) {
  const int spatial = x.rank - 2;
  PlaneWindow window;
  window.x_batch = x.strides[0];
  window.x_channel = x.strides[1];
  window.y_batch = y.strides[0];
  window.y_channel = y.strides[1];
  for (int axis = 0; axis < spatial; ++axis) {
    const int to = axis + 2 - spatial;
    window.in[to] = x.extents[axis + 2];
    window.out[to] = y.extents[axis + 2];
    window.kernel[to] = kernel[axis];
    window.strides[to] = strides[axis];
    window.dilations[to] = dilations[axis];
    window.pads_begin[to] = pads[axis].constant();
    window.pads_end[to] = pads[axis + spatial].constant();
    window.x_strides[to] = x.strides[axis + 2];
    window.y_strides[to] = y.strides[axis + 2];
  }
  return window;
}

const char* RejectRank(const KernelCall& call) {
  return call.results[0].view.rank > 4 ? "needs one or two spatial axes" : nullptr;
}

const char* RejectPositions(const PlaneWindow& window) {
  for (int i = 0; i < 2; ++i) {
    // Factors are below 2^31, so that no sum overflows.
    const int64_t spread = std::max(window.in[i], window.out[i]) * window.strides[i];
    const int64_t reach = (window.kernel[i] - 1) * window.dilations[i];
    const int64_t pads = std::abs(window.pads_begin[i]) + std::abs(window.pads_end[i]);
    if (spread > INT32_MAX || reach > INT32_MAX || spread + reach + pads > INT32_MAX) {
      return "needs a smaller window";
    }
  }
  return nullptr;
}

void AddWindow(const PlaneWindow& window, Words* words) {
  words->AddList(window.in, 2, 2);
  words->AddList(window.out, 2, 2);
  words->AddList(window.strides, 2, 2);
  words->AddList(window.dilations, 2, 2);
  words->AddList(window.pads_begin, 2, 2);
  words->Add({window.x_batch, window.x_channel});
  words->AddList(window.x_strides, 2, 2);
  words->Add({window.y_batch, window.y_channel});
  words->AddList(window.y_strides, 2, 2);
}

}  // namespace stint::gpu
