// Pools of float32 planes, which may be those of volumes: a block of rows is copied with its
// padding (what never wins, or adds nothing), then combined row by row in the order of the
// reference.
#include <algorithm>
#include <cmath>
#include <limits>

#include "backends/cpu/epilogue.h"
#include "backends/cpu/kernel_table.h"
#include "backends/cpu/kernels/float_call.h"
#include "backends/cpu/kernels/plane_window.h"
#include "backends/cpu/micro/kernels.h"
#include "runtime/base/checked.h"
#include "runtime/ops/pool.h"
#include "runtime/ops/window.h"

namespace stint::cpu::pool_f32 {

namespace {

class PoolKernel final : public MicroKernel {
 public:
  using MicroKernel::MicroKernel;
  PlaneWindow window;
  DepthWindow across;
  PaddedBlock block;
  Epilogue epilogue;
  uint64_t thread_bytes = 0;
  uint64_t padded_bytes = 0;  // Of these: the block; then what is pooled of one plane of several.
  // Averages: how many taps count for an output row, and for an output column.
  Array<float> row_counts;
  Array<float> column_counts;
};

PlaneWindow WindowOf(const KernelCall& call) {
  const auto& attributes = call.as<PoolAttributes>();
  return MakePlaneWindow(call.operands[0].view, call.results[0].view, attributes.kernel.values,
                         attributes.strides, attributes.dilations, attributes.pads);
}

DepthWindow AcrossOf(const KernelCall& call) {
  const auto& attributes = call.as<PoolAttributes>();
  return MakeDepthWindow(call.operands[0].view, call.results[0].view, attributes.kernel.values,
                         attributes.strides, attributes.dilations, attributes.pads);
}

Status CountTaps(const PoolAttributes& attributes, int axis, int spatial, int64_t extent,
                 int64_t outputs, Array<float>* counts) {
  STINT_TRY(counts->Resize(static_cast<size_t>(outputs)));
  const int64_t begin = attributes.pads[axis].constant();
  const int64_t end = attributes.pads[axis + spatial].constant();
  const bool padding = attributes.count_include_pad != 0;
  for (int64_t i = 0; i < outputs; ++i) {
    const Taps taps =
        ForwardTaps(i, attributes.strides[axis], attributes.dilations[axis], padding ? 0 : begin,
                    attributes.kernel[axis], padding ? extent + begin + end : extent);
    (*counts)[static_cast<size_t>(i)] = static_cast<float>(taps.count);
  }
  return {};
}

Status CountAll(const PoolAttributes& attributes, PoolKernel* kernel) {
  const auto spatial = static_cast<int>(attributes.kernel.size);
  const PlaneWindow& window = kernel->window;
  STINT_TRY(CountTaps(attributes, spatial - 1, spatial, window.width, window.out_width,
                      &kernel->column_counts));
  if (spatial == 1) return kernel->row_counts.Push(1);
  return CountTaps(attributes, spatial - 2, spatial, window.height, window.out_height,
                   &kernel->row_counts);
}

void Divide(const PoolKernel& kernel, int64_t row, float* output) {
  const float rows = kernel.row_counts[static_cast<size_t>(row)];
  for (size_t x = 0; x < kernel.column_counts.size(); ++x) {
    const float count = rows * kernel.column_counts[x];
    output[x] = count == 0 ? output[x] : output[x] / count;
  }
}

// Output rows [row, row_end) of the windows in one plane.
void PoolPlane(const PoolKernel& kernel, PoolKind kind, const float* plane, int64_t row,
               int64_t row_end, float* padded, float* output) {
  const PlaneWindow& window = kernel.window;
  const float fill = kind == PoolKind::kMax ? -std::numeric_limits<float>::infinity() : 0.0f;
  CopyPadded(window, kernel.block, plane, row, row_end, fill, padded);
  PoolRow line = {};
  line.row_step = window.dilation_y * kernel.block.in_columns;
  line.column_step = window.dilation_x;
  line.stride = window.stride_x;
  line.kernel_rows = static_cast<int>(window.kernel_height);
  line.kernel_columns = static_cast<int>(window.kernel_width);
  line.maximum = kind == PoolKind::kMax;
  line.count = window.out_width;
  for (int64_t y = 0; y < row_end - row; ++y) {
    line.input = padded + y * window.stride_y * kernel.block.in_columns;
    line.output = output + y * window.out_width;
    kernel.micro.pool(line);
    if (kind == PoolKind::kAverage) Divide(kernel, row + y, line.output);
  }
}

// The maximum over the planes that windows at depth `z` reach, the first of equals; NaN wins.
void PoolAcross(const PoolKernel& kernel, const float* volume, int64_t z, int64_t row,
                int64_t row_end, std::byte* memory, float* output) {
  const DepthWindow& across = kernel.across;
  auto* const padded = reinterpret_cast<float*>(memory);
  auto* const pooled = reinterpret_cast<float*>(memory + kernel.padded_bytes);
  const int64_t count = (row_end - row) * kernel.window.out_width;
  std::fill_n(output, count, -std::numeric_limits<float>::infinity());
  for (int64_t tap = 0; tap < across.kernel; ++tap) {
    const int64_t in_z = z * across.stride + tap * across.dilation - across.pad;
    if (in_z < 0 || in_z >= across.depth) continue;
    PoolPlane(kernel, PoolKind::kMax, volume + in_z * kernel.window.in_elements(), row, row_end,
              padded, pooled);
    for (int64_t i = 0; i < count; ++i) {
      const bool wins = pooled[i] > output[i] || std::isnan(pooled[i]);
      output[i] = wins ? pooled[i] : output[i];
    }
  }
}

void RunTask(const Execution& execution, int64_t task, std::byte* memory) {
  const auto& kernel = static_cast<const PoolKernel&>(execution.kernel);
  const PlaneWindow& window = kernel.window;
  const PoolKind kind = execution.as<PoolAttributes>().kind;
  const int64_t blocks = kernel.block.BlocksOf(window);
  const int64_t plane = task / blocks;
  const int64_t row = task % blocks * kernel.block.out_rows;
  const int64_t row_end = std::min(row + kernel.block.out_rows, window.out_height);
  const auto* const x = execution.Operand(0).as<const float>();
  float* const output =
      execution.Result(0).as<float>() + plane * window.out_elements() + row * window.out_width;
  if (kernel.across.slides()) {
    const int64_t channel = plane / kernel.across.out_depth;
    PoolAcross(kernel, x + channel * kernel.across.depth * window.in_elements(),
               plane % kernel.across.out_depth, row, row_end, memory, output);
  } else {
    PoolPlane(kernel, kind, x + plane * window.in_elements(), row, row_end,
              reinterpret_cast<float*>(memory), output);
  }
  if (!kernel.epilogue.present()) return;
  kernel.epilogue.Run(plane, row * window.out_width, (row_end - row) * window.out_width, output,
                      memory);
}

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo&) {
  if (!IsFloat32(call, 1)) return "needs float32";
  if (call.as<PoolAttributes>().with_indices != 0) return "needs a pool without indices";
  // Sums over planes would be in another order than the reference's.
  const bool maximum = call.as<PoolAttributes>().kind == PoolKind::kMax;
  if (call.operands[0].view.rank > 5 || (AcrossOf(call).slides() && !maximum)) {
    return "needs planes, or a maximum over them";
  }
  if (!IsDense(call.operands[0].view) || !IsDense(call.results[0].view)) {
    return "needs channels first";
  }
  const PlaneWindow window = WindowOf(call);
  if (window.kernel_height > INT32_MAX || window.kernel_width > INT32_MAX ||
      !FitsPaddedBlock(window)) {
    return "needs a smaller window";
  }
  return Epilogue::Reject(call, 2);
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  const PlaneWindow window = WindowOf(call);
  const auto taps =
      static_cast<double>(AcrossOf(call).kernel * window.kernel_height * window.kernel_width);
  return {static_cast<double>(ElementCount(call.results[0].view)) * taps, BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  STINT_ASSIGN(auto kernel, Make<PoolKernel>(device));
  kernel->window = WindowOf(call);
  kernel->across = AcrossOf(call);
  kernel->block = MakePaddedBlock(kernel->window);
  kernel->epilogue.Init(call, 2);
  const auto& attributes = call.as<PoolAttributes>();
  if (attributes.kind == PoolKind::kAverage) STINT_TRY(CountAll(attributes, kernel.get()));
  const auto padded = static_cast<uint64_t>(kernel->block.floats()) * sizeof(float);
  kernel->padded_bytes = AlignUp(padded, 64);
  const auto pooled =
      kernel->across.slides()
          ? static_cast<uint64_t>(kernel->block.out_rows * kernel->window.out_width) * sizeof(float)
          : 0;
  kernel->thread_bytes =
      kernel->padded_bytes + AlignUp(pooled, 64) + kernel->epilogue.scratch_bytes();
  kernel->scratch_bytes = kernel->thread_bytes * static_cast<uint64_t>(ThreadsOf(device));
  return std::unique_ptr<PreparedKernel>(std::move(kernel));
}

Status Run(const Execution& execution) {
  auto& kernel = static_cast<PoolKernel&>(execution.kernel);
  kernel.epilogue.Begin(execution, kernel.thread_bytes);
  const TensorView y = execution.Result(0);
  const int64_t planes = y.extents[0] * y.extents[1] * (y.rank > 4 ? y.extents[2] : 1);
  execution.threads.ForEach(
      planes * kernel.block.BlocksOf(kernel.window), [&](int64_t task, int thread) {
        RunTask(execution, task, execution.ThreadScratch(thread, kernel.thread_bytes));
      });
  return {};
}

}  // namespace stint::cpu::pool_f32
