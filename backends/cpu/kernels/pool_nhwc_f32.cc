// Maximum and average pools of float32 pixels, channels last.
#include "backends/cpu/kernel_table.h"
#include "backends/cpu/kernels/float_call.h"
#include "backends/cpu/kernels/line_kernel.h"
#include "backends/cpu/nhwc/windows.h"
#include "runtime/ops/pool.h"

namespace stint::cpu::pool_nhwc_f32 {

namespace {

class PoolKernel final : public LineKernel {
 public:
  void RunLines(const Execution& execution, const LineCall& call) const override;

  const SpatialKernels* kernels = nullptr;
  PoolShape pool;
};

int64_t PanelsOf(const ConvShape& shape) { return (shape.channels + kPanel - 1) / kPanel; }

void PoolKernel::RunLines(const Execution&, const LineCall& call) const {
  WindowData data;
  data.x = call.x;
  data.x_ring = call.x_ring;
  data.y = call.y;
  data.first_line = call.lines.begin;
  PoolNhwc(*kernels, pool, data, call.lines, {0, PanelsOf(shape)});
}

PoolShape ShapeOf(const KernelCall& call) {
  const auto& attributes = call.as<PoolAttributes>();
  const auto spatial = static_cast<int>(attributes.kernel.size);
  PoolShape shape;
  shape.window = WindowShape(ImageView(call.operands[0].view), ImageView(call.results[0].view),
                             attributes.kernel.values, spatial, attributes.strides,
                             attributes.dilations, attributes.pads);
  shape.maximum = attributes.kind == PoolKind::kMax;
  shape.count_include_pad = attributes.count_include_pad != 0;
  shape.pad_right = attributes.pads[2 * spatial - 1].constant();
  if (spatial == 2) shape.pad_bottom = attributes.pads[2].constant();
  return shape;
}

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo&) {
  if (!IsFloat32(call, 1)) return "needs float32";
  const auto& attributes = call.as<PoolAttributes>();
  if (attributes.with_indices != 0) return "needs a pool without indices";
  if (attributes.kind == PoolKind::kSum) return "needs a maximum or an average";
  if (call.operands[0].view.rank > 4) return "needs one or two spatial axes";
  if (attributes.kernel.size == 2 && attributes.kernel[0] > kMaxKernelRows) {
    return "needs a lower window";
  }
  if (ElementCount(call.operands[0].view) == 0) return "needs elements";
  const ImageView input(call.operands[0].view);
  const ImageView output(call.results[0].view);
  if (!input.channels_last() || !output.channels_last() || !output.even_lines()) {
    return "needs channels last";
  }
  return nullptr;
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  const PoolShape shape = ShapeOf(call);
  const double taps = static_cast<double>(shape.window.kernel_height) * shape.window.kernel_width;
  return {static_cast<double>(ElementCount(call.results[0].view)) * taps, BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  STINT_ASSIGN(auto kernel, Make<PoolKernel>());
  const ImageView input(call.operands[0].view);
  kernel->kernels = static_cast<CpuDevice&>(device).nhwc().spatial;
  kernel->pool = ShapeOf(call);
  kernel->shape = kernel->pool.window;
  kernel->depth = int64_t{kernel->shape.kernel_height} * kernel->shape.kernel_width;
  kernel->batch = input.batch;
  kernel->x_image = input.image;
  kernel->y_image = ImageView(call.results[0].view).image;
  return std::unique_ptr<PreparedKernel>(std::move(kernel));
}

Status Run(const Execution& execution) {
  const auto& kernel = static_cast<const PoolKernel&>(execution.kernel);
  const int64_t threads = execution.threads.threads();
  const int64_t lines = kernel.shape.out_height;
  const int64_t panels = PanelsOf(kernel.shape);
  const bool by_panels = lines < kFewUnits * threads && panels >= threads;
  const auto* const x = execution.Operand(0).as<const float>();
  auto* const y = execution.Result(0).as<float>();
  execution.threads.ForEach(threads, [&](int64_t part, int) {
    for (int64_t image = 0; image < kernel.batch; ++image) {
      WindowData data;
      data.x = x + image * kernel.x_image;
      data.y = y + image * kernel.y_image;
      PoolNhwc(*kernel.kernels, kernel.pool, data,
               by_panels ? IndexRange{0, lines} : PartOf(lines, part, threads),
               by_panels ? PartOf(panels, part, threads) : IndexRange{0, panels});
    }
  });
  return {};
}

}  // namespace stint::cpu::pool_nhwc_f32
