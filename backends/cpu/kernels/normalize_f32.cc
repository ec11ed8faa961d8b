// Normalisation of float32 over axes that lie flat, by the kernels of micro/rows.h; a part that has
// gaps is gathered into the result first. The epilogue, which scales, runs on each part while it is
// in the cache.
//
// Errors: 6 ULP of the largest distance from the mean; x^2 must not overflow.
#include <algorithm>

#include "backends/cpu/epilogue.h"
#include "backends/cpu/kernel_table.h"
#include "backends/cpu/kernels/float_call.h"
#include "backends/cpu/micro/rows.h"
#include "backends/cpu/micro/tiles.h"
#include "runtime/base/checked.h"
#include "runtime/base/math.h"
#include "runtime/ops/normalize.h"
#include "runtime/ops/walk.h"

namespace stint::cpu::normalize_f32 {

namespace {

// Elements that a thread takes at once, so that short parts are not a task each.
constexpr int64_t kTaskElements = 4096;

class NormalizeKernel final : public PreparedKernel {
 public:
  explicit NormalizeKernel(const RowKernels& kernels) : rows(kernels) {}

  const RowKernels& rows;
  Epilogue epilogue;
  uint64_t thread_bytes = 0;
  int64_t count = 1;   // Elements of a part.
  int64_t x_step = 1;  // From one to the next.
};

int AxisOf(const void* attributes) {
  return static_cast<int>(static_cast<const NormalizeAttributes*>(attributes)->axis);
}

int64_t PartElements(const TensorView& view, int axis) {
  int64_t count = 1;
  for (; axis < view.rank; ++axis) count *= view.extents[axis];
  return count;
}

void RunPart(const Execution& execution, int64_t index, std::byte* memory) {
  const auto& kernel = static_cast<const NormalizeKernel&>(execution.kernel);
  const auto& attributes = execution.as<NormalizeAttributes>();
  const TensorView x = execution.Operand(0);
  const TensorView y = execution.Result(0);
  const auto [x_offset, y_offset] =
      OffsetsAt<2>(index, AxisOf(&attributes), y.extents, {x.strides, y.strides});
  const float* from = x.as<const float>() + x_offset;
  float* const to = y.as<float>() + y_offset;
  if (kernel.x_step != 1) {
    for (int64_t i = 0; i < kernel.count; ++i) to[i] = from[i * kernel.x_step];
    from = to;
  }
  RowMoments moments;
  kernel.rows.moments(from, kernel.count, attributes.kind == NormalizeKind::kStandard, &moments);
  const double square = static_cast<double>(moments.variance) + attributes.epsilon;
  const auto factor = static_cast<float>(1.0 / math::Sqrt(square));
  kernel.rows.standardize(from, kernel.count, moments, factor, to);
  if (!kernel.epilogue.present()) return;
  kernel.epilogue.Run(index, 0, kernel.count, to, memory);
}

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo&) {
  if (!IsFloat32(call, 1)) return "needs float32";
  const int axis = AxisOf(call.attributes);
  int64_t step = 0;
  if (!FlatStride(call.operands[0].view, axis, &step)) return "needs normalised axes that lie flat";
  const TensorView& y = call.results[0].view;
  const bool dense = FlatStride(y, axis, &step) && (step == 1 || PartElements(y, axis) == 1);
  if (!dense) return "needs results without gaps";
  return Epilogue::Reject(call, axis);
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  return {static_cast<double>(ElementCount(call.results[0].view)), BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  STINT_ASSIGN(auto kernel, Make<NormalizeKernel>(*static_cast<CpuDevice&>(device).nhwc().rows));
  const int axis = AxisOf(call.attributes);
  kernel->count = PartElements(call.results[0].view, axis);
  FlatStride(call.operands[0].view, axis, &kernel->x_step);
  kernel->epilogue.Init(call, axis);
  kernel->thread_bytes = AlignUp(kernel->epilogue.scratch_bytes(), 64);
  kernel->scratch_bytes = kernel->thread_bytes * static_cast<uint64_t>(ThreadsOf(device));
  return std::unique_ptr<PreparedKernel>(std::move(kernel));
}

Status Run(const Execution& execution) {
  auto& kernel = static_cast<NormalizeKernel&>(execution.kernel);
  kernel.epilogue.Begin(execution, kernel.thread_bytes);
  const int64_t parts = ElementCount(execution.Result(0)) / kernel.count;
  const int64_t together = std::max<int64_t>(kTaskElements / kernel.count, 1);
  execution.threads.ForRanges(parts, together, [&](int64_t part, int64_t end, int thread) {
    std::byte* const memory = execution.ThreadScratch(thread, kernel.thread_bytes);
    for (; part < end; ++part) RunPart(execution, part, memory);
  });
  return {};
}

}  // namespace stint::cpu::normalize_f32
