// Convolution of float32 pixels, channels last (or the planes of a first convolution), with weights
// in panels that are read where the plan has them.
#include "backends/cpu/kernel_table.h"
#include "backends/cpu/kernels/float_call.h"
#include "backends/cpu/kernels/nhwc_call.h"
#include "runtime/ops/conv.h"

namespace stint::cpu::conv_panel_f32 {

namespace {

class PanelKernel final : public PreparedKernel {
 public:
  ConvPlan plan;  // Of one image and group.
  CallFinish finish;
  int64_t batch = 1;
  int64_t groups = 1;
  int64_t x_image = 0, y_image = 0;
};

bool IsPanels(const KernelCall& call) {
  const auto& attributes = call.as<ConvAttributes>();
  const DeviceTensor& weights = call.operands[1];
  const int64_t channels = weights.view.extents[0];
  return weights.layout == Layout::kPanel16 && weights.offset == 0 && IsDense(weights.view) &&
         (attributes.group == 1 || channels % (attributes.group * kPanelChannels) == 0);
}

ConvShape ShapeOf(const KernelCall& call) {
  const auto& attributes = call.as<ConvAttributes>();
  const TensorView& w = call.operands[1].view;
  ConvShape shape =
      WindowShape(ImageView(call.operands[0].view), ImageView(call.results[0].view), w.extents + 2,
                  w.rank - 2, attributes.strides, attributes.dilations, attributes.pads);
  shape.channels /= attributes.group;
  shape.out_channels /= attributes.group;
  return shape;
}

ConvData DataOf(const Execution& execution, int64_t image, int64_t group, const Finish* finish) {
  const auto& kernel = static_cast<const PanelKernel&>(execution.kernel);
  const ConvShape& shape = kernel.plan.shape;
  const int64_t x_channel = shape.plane == 0 ? 1 : shape.plane;
  const int64_t depth = shape.channels * shape.kernel_height * shape.kernel_width;
  const int64_t out = group * shape.out_channels;
  ConvData data;
  data.x = execution.Operand(0).as<const float>() + image * kernel.x_image +
           group * shape.channels * x_channel;
  data.weights = execution.Operand(1).as<const float>() + out * depth;
  data.finish = finish;
  data.residual = kernel.finish.Residual(execution);
  if (data.residual != nullptr) {
    data.residual += image * kernel.finish.residual().image + out;
    data.residual_pixel = kernel.finish.residual().pixel;
  }
  data.y = execution.Result(0).as<float>() + image * kernel.y_image + out;
  data.border = reinterpret_cast<float*>(execution.scratch);
  return data;
}

// Each thread takes a part of the side of which there is more to read.
void RunPart(const ConvPlan& plan, const ConvData& data, int64_t part, int64_t parts) {
  const IndexRange units = {0, plan.units};
  const IndexRange groups = {0, plan.groups};
  const bool by_groups = plan.groups >= parts && (plan.weights_outer || plan.units < 4 * parts);
  if (by_groups) {
    RunConv(plan, data, units, PartOf(plan.groups, part, parts));
  } else {
    RunConv(plan, data, PartOf(plan.units, part, parts), groups);
  }
}

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo&) {
  if (!IsFloat32(call, 5)) return "needs float32";
  if (call.as<ConvAttributes>().transposed != 0) return "needs a forward convolution";
  const TensorView& x = call.operands[0].view;
  if (x.rank > 4) return "needs one or two spatial axes";
  if (!IsPanels(call)) return "needs weights in panels";
  if (ElementCount(x) == 0) return "needs elements";
  const ImageView input(x);
  const ImageView output(call.results[0].view);
  if (!output.channels_last() || !output.even_lines()) return "needs a result with channels last";
  if (!input.channels_last() && !input.planar()) return "needs channels last";
  return CallFinish::Reject(call);
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  const ConvShape shape = ShapeOf(call);
  const auto depth = static_cast<double>(shape.channels * shape.kernel_height * shape.kernel_width);
  return {static_cast<double>(ElementCount(call.results[0].view)) * depth * 0.5, BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  STINT_ASSIGN(auto kernel, Make<PanelKernel>());
  const ImageView input(call.operands[0].view);
  const ImageView output(call.results[0].view);
  STINT_ASSIGN(kernel->plan,
               PlanConv(*static_cast<CpuDevice&>(device).nhwc().panel, ShapeOf(call)));
  kernel->finish.Init(call, 2);
  kernel->batch = input.batch;
  kernel->groups = call.as<ConvAttributes>().group;
  kernel->x_image = input.image;
  kernel->y_image = output.image;
  kernel->scratch_bytes = static_cast<uint64_t>(kernel->plan.border_floats) * sizeof(float);
  return std::unique_ptr<PreparedKernel>(std::move(kernel));
}

Status Run(const Execution& execution) {
  const auto& kernel = static_cast<const PanelKernel&>(execution.kernel);
  const ConvPlan& plan = kernel.plan;
  const int64_t threads = execution.threads.threads();
  for (int64_t image = 0; image < kernel.batch; ++image) {
    for (int64_t group = 0; group < kernel.groups; ++group) {
      const Finish finish = kernel.finish.At(execution, group * kernel.plan.shape.out_channels);
      const ConvData data = DataOf(execution, image, group, &finish);
      if (plan.bordered) {
        const IndexRange lines = BorderLines(plan, {0, plan.units});
        execution.threads.ForEach(threads, [&](int64_t part, int) {
          const IndexRange own = PartOf(lines.size(), part, threads);
          CopyBorder(plan, data, {lines.begin + own.begin, lines.begin + own.end});
        });
      }
      execution.threads.ForEach(threads,
                                [&](int64_t part, int) { RunPart(plan, data, part, threads); });
    }
  }
  return {};
}

}  // namespace stint::cpu::conv_panel_f32
