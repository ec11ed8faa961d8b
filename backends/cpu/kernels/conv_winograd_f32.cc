// 3x3 convolution of float32 pixels, channels last, by Winograd's transforms, for shapes whose
// transformed weights are worth their bytes. The weights are transformed when the kernel is
// prepared.
#include "backends/cpu/kernel_table.h"
#include "backends/cpu/kernels/float_call.h"
#include "backends/cpu/kernels/nhwc_call.h"
#include "backends/cpu/nhwc/winograd.h"
#include "runtime/base/checked.h"
#include "runtime/ops/conv.h"

namespace stint::cpu::conv_winograd_f32 {

namespace {

class WinogradKernel final : public PreparedKernel {
 public:
  WinogradPlan plan;
  CallFinish finish;
  Array<float> weights;
  size_t first_weight = 0;  // The first one that is aligned to 64 bytes.
  int64_t batch = 1;
  int64_t x_image = 0, y_image = 0;
};

ConvShape ShapeOf(const KernelCall& call) {
  const auto& attributes = call.as<ConvAttributes>();
  const TensorView& w = call.operands[1].view;
  return WindowShape(ImageView(call.operands[0].view), ImageView(call.results[0].view),
                     w.extents + 2, w.rank - 2, attributes.strides, attributes.dilations,
                     attributes.pads);
}

Status TransformWeights(const KernelCall& call, int outputs, WinogradKernel* kernel) {
  TensorView dense = call.operands[1].view;
  Array<float> unpacked;
  STINT_TRY(unpacked.Resize(static_cast<size_t>(ElementCount(dense))));
  dense.data = unpacked.data();
  STINT_TRY(Unpack(Layout::kPanel16, call.operands[1].constant, dense));
  STINT_ASSIGN(const int64_t floats,
               WinogradWeightFloats(outputs, dense.extents[0], dense.extents[1]));
  constexpr size_t kLine = 64 / sizeof(float);
  STINT_TRY(kernel->weights.Resize(static_cast<size_t>(floats) + kLine));
  const auto address = reinterpret_cast<uintptr_t>(kernel->weights.data());
  kernel->first_weight = (AlignUp(address, 64) - address) / sizeof(float);
  TransformWinogradWeights(outputs, dense, kernel->weights.data() + kernel->first_weight);
  kernel->held_bytes = kernel->weights.size() * sizeof(float);
  return {};
}

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo&) {
  if (!IsFloat32(call, 5)) return "needs float32";
  const auto& attributes = call.as<ConvAttributes>();
  const DeviceTensor& weights = call.operands[1];
  if (attributes.transposed != 0 || attributes.group != 1) return "needs one group, forward";
  if (weights.view.rank != 4) return "needs two spatial axes";
  if (weights.layout != Layout::kPanel16 || weights.offset != 0 || !IsDense(weights.view)) {
    return "needs weights in panels";
  }
  const ImageView input(call.operands[0].view);
  const ImageView output(call.results[0].view);
  if (ElementCount(call.operands[0].view) == 0 || !input.channels_last() ||
      !output.channels_last() || !output.even_lines()) {
    return "needs channels last";
  }
  if (ChooseWinograd(ShapeOf(call)) == 0) return "needs 3x3 on a map where transforms pay";
  return CallFinish::Reject(call);
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  const ConvShape shape = ShapeOf(call);
  // Multiplications for an output: 36 / 16 or 16 / 4, and the transforms.
  const double multiplies = ChooseWinograd(shape) == 4 ? 3.0 : 5.0;
  const auto channels = static_cast<double>(shape.channels);
  return {static_cast<double>(ElementCount(call.results[0].view)) * channels * multiplies * 0.5,
          BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  STINT_ASSIGN(auto kernel, Make<WinogradKernel>());
  const ConvShape shape = ShapeOf(call);
  const int outputs = ChooseWinograd(shape);
  STINT_ASSIGN(kernel->plan, PlanWinograd(static_cast<CpuDevice&>(device).nhwc(), shape, outputs));
  STINT_TRY(TransformWeights(call, outputs, kernel.get()));
  kernel->finish.Init(call, 2);
  const ImageView input(call.operands[0].view);
  kernel->batch = input.batch;
  kernel->x_image = input.image;
  kernel->y_image = ImageView(call.results[0].view).image;
  const auto floats = AlignUp(static_cast<uint64_t>(kernel->plan.scratch_floats), 16);
  kernel->scratch_bytes = floats * sizeof(float) * static_cast<uint64_t>(ThreadsOf(device));
  return std::unique_ptr<PreparedKernel>(std::move(kernel));
}

Status Run(const Execution& execution) {
  const auto& kernel = static_cast<const WinogradKernel&>(execution.kernel);
  const int64_t threads = execution.threads.threads();
  const uint64_t thread_bytes = kernel.scratch_bytes / static_cast<uint64_t>(threads);
  const Finish finish = kernel.finish.At(execution, 0);
  execution.threads.ForEach(threads, [&](int64_t part, int) {
    auto* const scratch =
        reinterpret_cast<float*>(execution.scratch + static_cast<uint64_t>(part) * thread_bytes);
    for (int64_t image = 0; image < kernel.batch; ++image) {
      ConvData data;
      data.x = execution.Operand(0).as<const float>() + image * kernel.x_image;
      data.weights = kernel.weights.data() + kernel.first_weight;
      data.finish = &finish;
      data.residual = kernel.finish.Residual(execution);
      if (data.residual != nullptr) {
        data.residual += image * kernel.finish.residual().image;
        data.residual_pixel = kernel.finish.residual().pixel;
      }
      data.y = execution.Result(0).as<float>() + image * kernel.y_image;
      RunWinograd(kernel.plan, data, PartOf(kernel.plan.tiles, part, threads), scratch);
    }
  });
  return {};
}

}  // namespace stint::cpu::conv_winograd_f32
