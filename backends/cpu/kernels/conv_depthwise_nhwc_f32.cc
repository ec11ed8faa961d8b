// Depthwise convolution of float32 pixels, channels last, with weights as kDepthwise16 has them.
#include "backends/cpu/kernel_table.h"
#include "backends/cpu/kernels/float_call.h"
#include "backends/cpu/kernels/line_kernel.h"
#include "backends/cpu/nhwc/windows.h"
#include "runtime/base/checked.h"
#include "runtime/ops/conv.h"

namespace stint::cpu::conv_depthwise_nhwc_f32 {

namespace {

class DepthwiseKernel final : public LineKernel {
 public:
  void RunLines(const Execution& execution, const LineCall& call) const override;

  const SpatialKernels* kernels = nullptr;
};

int64_t PanelsOf(const ConvShape& shape) { return (shape.channels + kPanel - 1) / kPanel; }

ConvShape ShapeOf(const KernelCall& call) {
  const auto& attributes = call.as<ConvAttributes>();
  const TensorView& w = call.operands[1].view;
  return WindowShape(ImageView(call.operands[0].view), ImageView(call.results[0].view),
                     w.extents + 2, w.rank - 2, attributes.strides, attributes.dilations,
                     attributes.pads);
}

WindowData DataOf(const Execution& execution, int64_t image, const Finish* finish) {
  const auto& kernel = static_cast<const DepthwiseKernel&>(execution.kernel);
  WindowData data;
  data.x = execution.Operand(0).as<const float>() + image * kernel.x_image;
  data.weights = execution.Operand(1).as<const float>();
  data.finish = finish;
  data.residual = kernel.finish.Residual(execution);
  if (data.residual != nullptr) {
    data.residual += image * kernel.finish.residual().image;
    data.residual_pixel = kernel.finish.residual().pixel;
  }
  data.y = execution.Result(0).as<float>() + image * kernel.y_image;
  return data;
}

void DepthwiseKernel::RunLines(const Execution& execution, const LineCall& call) const {
  const Finish done = finish.At(execution, 0);
  WindowData data;
  data.x = call.x;
  data.x_ring = call.x_ring;
  data.weights = execution.Operand(1).as<const float>();
  data.finish = &done;
  data.residual = call.residual;
  data.residual_pixel = finish.residual().pixel;
  data.y = call.y;
  data.first_line = call.lines.begin;
  DepthwiseNhwc(*kernels, shape, data, call.lines, {0, PanelsOf(shape)});
}

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo&) {
  if (!IsFloat32(call, 5)) return "needs float32";
  const auto& attributes = call.as<ConvAttributes>();
  if (attributes.transposed != 0) return "needs a forward convolution";
  const DeviceTensor& weights = call.operands[1];
  if (weights.view.rank > 4) return "needs one or two spatial axes";
  if (weights.layout != Layout::kDepthwise16 || weights.offset != 0 || !IsDense(weights.view)) {
    return "needs depthwise weights in panels";
  }
  if (weights.view.extents[0] != attributes.group || weights.view.extents[1] != 1) {
    return "needs one channel a group";
  }
  if (weights.view.rank == 4 && weights.view.extents[2] > kMaxKernelRows) {
    return "needs a lower window";
  }
  if (ElementCount(call.operands[0].view) == 0) return "needs elements";
  const ImageView input(call.operands[0].view);
  const ImageView output(call.results[0].view);
  if (!input.channels_last() || !output.channels_last() || !output.even_lines()) {
    return "needs channels last";
  }
  return CallFinish::Reject(call);
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  const ConvShape shape = ShapeOf(call);
  const double taps = static_cast<double>(shape.kernel_height) * shape.kernel_width;
  // Whole panels are computed, however few channels they hold.
  const auto channels = static_cast<uint64_t>(shape.channels);
  const double lanes =
      static_cast<double>(AlignUp(channels, kPanel)) / static_cast<double>(channels);
  return {static_cast<double>(ElementCount(call.results[0].view)) * lanes * taps, BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  STINT_ASSIGN(auto kernel, Make<DepthwiseKernel>());
  const ImageView input(call.operands[0].view);
  kernel->kernels = static_cast<CpuDevice&>(device).nhwc().spatial;
  kernel->shape = ShapeOf(call);
  kernel->finish.Init(call, 2);
  kernel->depth = int64_t{kernel->shape.kernel_height} * kernel->shape.kernel_width;
  kernel->batch = input.batch;
  kernel->x_image = input.image;
  kernel->y_image = ImageView(call.results[0].view).image;
  return std::unique_ptr<PreparedKernel>(std::move(kernel));
}

Status Run(const Execution& execution) {
  const auto& kernel = static_cast<const DepthwiseKernel&>(execution.kernel);
  const int64_t threads = execution.threads.threads();
  const int64_t lines = kernel.shape.out_height;
  const int64_t panels = PanelsOf(kernel.shape);
  const Finish finish = kernel.finish.At(execution, 0);
  // Few lines: each thread takes channels, so that no line is too short to share.
  const bool by_panels = lines < 4 * threads && panels >= threads;
  execution.threads.ForEach(threads, [&](int64_t part, int) {
    for (int64_t image = 0; image < kernel.batch; ++image) {
      DepthwiseNhwc(*kernel.kernels, kernel.shape, DataOf(execution, image, &finish),
                    by_panels ? IndexRange{0, lines} : PartOf(lines, part, threads),
                    by_panels ? PartOf(panels, part, threads) : IndexRange{0, panels});
    }
  });
  return {};
}

}  // namespace stint::cpu::conv_depthwise_nhwc_f32
