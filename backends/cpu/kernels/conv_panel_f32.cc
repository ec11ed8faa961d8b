// Convolution of float32 pixels, channels last (or the planes of a first convolution), with weights
// in panels that are read where the plan has them.
#include "backends/cpu/kernel_table.h"
#include "backends/cpu/kernels/float_call.h"
#include "backends/cpu/kernels/line_kernel.h"
#include "runtime/base/checked.h"
#include "runtime/ops/conv.h"

namespace stint::cpu::conv_panel_f32 {

namespace {

class PanelKernel final : public LineKernel {
 public:
  const char* RejectLines() const override { return groups == 1 ? nullptr : "has groups"; }
  bool ReadsTogether() const override { return plan.flat; }
  Result<int64_t> PrepareLines(int64_t most, bool ring) override;
  void RunLines(const Execution& execution, const LineCall& call) const override;

  ConvPlan plan;  // Of one image and group.
  ConvPlan line_plan;
  int64_t groups = 1;
  bool by_groups = false;  // Threads take groups of panels instead of lines or pixels.
  // They share a bordered copy: when they take groups, and when copies of their own, for which none
  // waits, would take more than twice the memory.
  bool shares_border = false;
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

// Whether each thread takes a part of the weights: of the side of which there is more to read.
bool IsByGroups(const ConvPlan& plan, int64_t threads) {
  return plan.groups >= threads && (plan.weights_outer || plan.units < kFewUnits * threads);
}

int64_t BorderStep(const ConvPlan& plan) {
  return static_cast<int64_t>(AlignUp(static_cast<uint64_t>(plan.border_floats), kPanel));
}

void RunPart(const PanelKernel& kernel, const ConvData& data, int64_t part, int64_t parts) {
  const ConvPlan& plan = kernel.plan;
  if (kernel.by_groups) {
    return RunConv(plan, data, {0, plan.units}, PartOf(plan.groups, part, parts));
  }
  const IndexRange units = PartOf(plan.units, part, parts);
  if (!plan.bordered || kernel.shares_border) {
    return RunConv(plan, data, units, {0, plan.groups});
  }
  const int64_t pixel = units.begin * plan.shape.out_width;
  ConvData own = data;
  own.y += pixel * plan.shape.out_pixel;
  if (own.residual != nullptr) own.residual += pixel * own.residual_pixel;
  own.border += part * BorderStep(plan);
  ConvLines(plan, own, units);
}

void CopySharedBorder(const Execution& execution, const ConvPlan& plan, const ConvData& data) {
  const int64_t threads = execution.threads.threads();
  const IndexRange lines = BorderLines(plan, {0, plan.units});
  execution.threads.ForEach(threads, [&](int64_t part, int) {
    const IndexRange own = PartOf(lines.size(), part, threads);
    CopyBorder(plan, data, {lines.begin + own.begin, lines.begin + own.end}, lines.begin);
  });
}

Result<int64_t> PanelKernel::PrepareLines(int64_t most, bool ring) {
  STINT_ASSIGN(line_plan, PlanConv(*plan.kernels, shape, {.lines = most, .always = ring}));
  // As many pixels as a call has decide what is the bigger side.
  const int64_t taps = int64_t{shape.kernel_height} * shape.kernel_width;
  line_plan.weights_outer =
      !line_plan.planar && most * shape.out_width < line_plan.panels * taps * kPanel;
  return line_plan.border_floats;
}

void PanelKernel::RunLines(const Execution& execution, const LineCall& call) const {
  const Finish done = finish.At(execution, 0);
  ConvData data;
  data.x = call.x;
  data.x_ring = call.x_ring;
  data.weights = execution.Operand(1).as<const float>();
  data.finish = &done;
  data.residual = call.residual;
  data.residual_pixel = finish.residual().pixel;
  data.y = call.y;
  data.border = call.scratch;
  ConvLines(line_plan, data, call.lines);
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
  return {static_cast<double>(ElementCount(call.results[0].view)) * depth, BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  STINT_ASSIGN(auto kernel, Make<PanelKernel>());
  const ImageView input(call.operands[0].view);
  const ImageView output(call.results[0].view);
  const PanelKernels& panel = *static_cast<CpuDevice&>(device).nhwc().panel;
  const int64_t threads = ThreadsOf(device);
  kernel->shape = ShapeOf(call);
  STINT_ASSIGN(kernel->plan, PlanConv(panel, kernel->shape));
  kernel->by_groups = IsByGroups(kernel->plan, threads);
  kernel->shares_border = true;
  if (kernel->plan.bordered && !kernel->by_groups) {
    const int64_t lines = (kernel->plan.units + threads - 1) / threads;
    STINT_ASSIGN(ConvPlan own, PlanConv(panel, kernel->shape, {.lines = lines}));
    kernel->shares_border =
        own.border_floats > kMostBorders * (kernel->plan.border_floats / threads);
    if (!kernel->shares_border) kernel->plan = std::move(own);
  }
  const int64_t copies = kernel->shares_border ? 1 : threads;
  kernel->finish.Init(call, 2);
  kernel->depth = kernel->shape.channels * kernel->shape.kernel_height * kernel->shape.kernel_width;
  kernel->batch = input.batch;
  kernel->groups = call.as<ConvAttributes>().group;
  kernel->x_image = input.image;
  kernel->y_image = output.image;
  const int64_t floats = BorderStep(kernel->plan);
  if (floats > INT64_MAX / 4 / copies) {
    return Error(Code::kLimit, "convolution", "found bordered copies of more than 2^63 bytes");
  }
  kernel->scratch_bytes = static_cast<uint64_t>(floats * copies) * sizeof(float);
  return std::unique_ptr<PreparedKernel>(std::move(kernel));
}

Status Run(const Execution& execution) {
  const auto& kernel = static_cast<const PanelKernel&>(execution.kernel);
  const int64_t threads = execution.threads.threads();
  for (int64_t image = 0; image < kernel.batch; ++image) {
    for (int64_t group = 0; group < kernel.groups; ++group) {
      const Finish finish = kernel.finish.At(execution, group * kernel.shape.out_channels);
      const ConvData data = DataOf(execution, image, group, &finish);
      if (kernel.plan.bordered && kernel.shares_border) {
        CopySharedBorder(execution, kernel.plan, data);
      }
      execution.threads.ForEach(threads,
                                [&](int64_t part, int) { RunPart(kernel, data, part, threads); });
    }
  }
  return {};
}

}  // namespace stint::cpu::conv_panel_f32
