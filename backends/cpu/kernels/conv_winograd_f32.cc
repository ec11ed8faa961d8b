// 3x3 convolution of float32 pixels, channels last, by Winograd's transforms, for shapes whose
// transformed weights are worth their bytes. Where the plan does not have them, the weights are
// transformed when the kernel is prepared.
#include "backends/cpu/kernel_table.h"
#include "backends/cpu/kernels/float_call.h"
#include "backends/cpu/kernels/nhwc_call.h"
#include "backends/cpu/nhwc/winograd.h"
#include "runtime/base/checked.h"
#include "runtime/cost/winograd.h"
#include "runtime/ops/layouts/winograd.h"

namespace stint::cpu::conv_winograd_f32 {

namespace {

class WinogradKernel final : public PreparedKernel {
 public:
  WinogradPlan plan;
  CallFinish finish;
  const float* weights = nullptr;  // Transformed, aligned to 64 bytes: the plan's or `own`.
  Array<float> own;
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

WinogradCall CallOf(const KernelCall& call) {
  const TensorView& y = call.results[0].view;
  const TensorView& w = call.operands[1].view;
  return {y.extents[2], y.extents[3], w.extents[1], w.extents[0]};
}

// The weights that the plan has for tiles of `outputs`; nullptr: none.
const float* StoredWeights(const KernelCall& call, int outputs) {
  for (const ConstantForm& form : call.operands[1].forms) {
    if (WinogradOutputs(form.layout) == outputs) return static_cast<const float*>(form.bytes);
  }
  return nullptr;
}

// The tile for a call; 0: a direct convolution is better. One that the plan has weights for is
// taken before a better one that it has none for.
int OutputsOf(const KernelCall& call, const CostProfile& profile) {
  const WinogradCall winograd = CallOf(call);
  const int best = ChooseWinograd(profile, winograd);
  if (best == 0 || StoredWeights(call, best) != nullptr) return best;
  const int other = 6 - best;
  const bool stored = StoredWeights(call, other) != nullptr;
  return stored && IsWorthWinograd(profile, winograd, other) ? other : best;
}

Status TransformWeights(const KernelCall& call, int outputs, WinogradKernel* kernel) {
  kernel->weights = StoredWeights(call, outputs);
  kernel->unread = 1u << 1;
  if (kernel->weights != nullptr) return {};
  const Layout layout = WinogradLayout(outputs);
  const TensorView& w = call.operands[1].view;
  STINT_ASSIGN(const int64_t bytes, PackedBytes(layout, w.dtype, w.rank, w.extents));
  constexpr size_t kLine = 64 / sizeof(float);
  STINT_TRY(kernel->own.Resize(static_cast<size_t>(bytes) / sizeof(float) + kLine));
  const auto address = reinterpret_cast<uintptr_t>(kernel->own.data());
  float* const to = kernel->own.data() + (AlignUp(address, 64) - address) / sizeof(float);
  PackWinogradPanels(layout, w, call.operands[1].constant, to);
  kernel->weights = to;
  kernel->held_bytes = kernel->packed_bytes = kernel->own.size() * sizeof(float);
  return {};
}

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo& device) {
  if (!IsFloat32(call, 5)) return "needs float32";
  const auto& attributes = call.as<ConvAttributes>();
  const DeviceTensor& weights = call.operands[1];
  if (!CanBeWinograd(attributes, weights.view.rank, weights.view.extents)) {
    return "needs 3x3, stride and dilation 1, one group, forward, 16 channels and more";
  }
  if (weights.layout != Layout::kPanel16 || weights.offset != 0 || !IsDense(weights.view)) {
    return "needs weights in panels";
  }
  const ImageView input(call.operands[0].view);
  const ImageView output(call.results[0].view);
  if (ElementCount(call.operands[0].view) == 0 || !input.channels_last() ||
      !output.channels_last() || !output.even_lines()) {
    return "needs channels last";
  }
  if (OutputsOf(call, *device.profile) == 0) return "needs a map where transforms pay";
  return CallFinish::Reject(call);
}

Work Cost(const KernelCall& call, const DeviceInfo& device) {
  const double products = WinogradProducts(CallOf(call), OutputsOf(call, *device.profile));
  return {static_cast<double>(call.results[0].view.extents[0]) * products, BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  STINT_ASSIGN(auto kernel, Make<WinogradKernel>());
  const ConvShape shape = ShapeOf(call);
  const int outputs = OutputsOf(call, *device.info().profile);
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
    auto* const scratch = reinterpret_cast<float*>(execution.ThreadScratch(part, thread_bytes));
    for (int64_t image = 0; image < kernel.batch; ++image) {
      ConvData data;
      data.x = execution.Operand(0).as<const float>() + image * kernel.x_image;
      data.weights = kernel.weights;
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
