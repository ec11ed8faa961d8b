// The mean over all positions of float32 pixels, channels last: global average pooling.
#include <algorithm>

#include "backends/cpu/kernel_table.h"
#include "backends/cpu/kernels/float_call.h"
#include "backends/cpu/kernels/nhwc_call.h"
#include "runtime/ops/reduce.h"

namespace stint::cpu::mean_nhwc_f32 {

namespace {

class MeanKernel final : public PreparedKernel {
 public:
  explicit MeanKernel(Device& device) : kernels(static_cast<CpuDevice&>(device).nhwc().spatial) {}
  const SpatialKernels* const kernels;
};

// Whether the spatial axes are reduced, all of them and no others.
bool ReducesPositions(const ReduceAttributes& attributes, int rank) {
  bool reduced[kMaxRank] = {};
  for (const Dim dim : attributes.axes.span()) {
    const int64_t axis = dim.constant();
    reduced[axis < 0 ? axis + rank : axis] = true;
  }
  for (int axis = 0; axis < rank; ++axis) {
    if (reduced[axis] != (axis >= 2)) return false;
  }
  return true;
}

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo&) {
  if (!IsFloat32(call, 1)) return "needs float32";
  const auto& attributes = call.as<ReduceAttributes>();
  const TensorView& x = call.operands[0].view;
  if (attributes.kind != ReduceKind::kMean || x.rank < 3 || x.rank > 4) return "needs a mean";
  if (!ReducesPositions(attributes, x.rank)) return "needs a mean over all positions";
  const ImageView image(x);
  if (!image.channels_last() || !image.even_lines() || ElementCount(x) == 0) {
    return "needs channels last";
  }
  return IsDense(call.results[0].view) ? nullptr : "needs a dense result";
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  return {static_cast<double>(ElementCount(call.operands[0].view)), BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall&) {
  STINT_ASSIGN(auto kernel, Make<MeanKernel>(device));
  return std::unique_ptr<PreparedKernel>(std::move(kernel));
}

Status Run(const Execution& execution) {
  const auto& kernel = static_cast<const MeanKernel&>(execution.kernel);
  const TensorView x = execution.Operand(0);
  const ImageView image(x);
  auto* const y = execution.Result(0).as<float>();
  const int64_t panels = (image.channels + kPanel - 1) / kPanel;
  execution.threads.ForEach(image.batch * panels, [&](int64_t task, int) {
    const int64_t n = task / panels;
    const int64_t channel = task % panels * kPanel;
    kernel.kernels->mean(
        x.as<const float>() + n * image.image + channel, image.height * image.width, image.pixel,
        std::min<int64_t>(kPanel, image.channels - channel), y + n * image.channels + channel);
  });
  return {};
}

}  // namespace stint::cpu::mean_nhwc_f32
