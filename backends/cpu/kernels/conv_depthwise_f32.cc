// Depthwise convolution: each output plane comes from one input plane, of which a block of rows is
// copied with its padding and convolved row by row.
#include <algorithm>

#include "backends/cpu/epilogue.h"
#include "backends/cpu/kernel_table.h"
#include "backends/cpu/kernels/conv_call.h"
#include "backends/cpu/micro/kernels.h"
#include "runtime/base/checked.h"

namespace stint::cpu::conv_depthwise_f32 {

namespace {

class DepthwiseKernel final : public MicroKernel {
 public:
  using MicroKernel::MicroKernel;
  ConvCall conv;
  PaddedBlock block;
  Epilogue epilogue;
  uint64_t thread_bytes = 0;
};

void RunTask(const Execution& execution, int64_t task, std::byte* memory) {
  const auto& kernel = static_cast<const DepthwiseKernel&>(execution.kernel);
  const ConvCall& conv = kernel.conv;
  const PlaneWindow& window = conv.window;
  const int64_t blocks = kernel.block.BlocksOf(window);
  const int64_t plane = task / blocks;  // n * channels + channel
  const int64_t channels = conv.group * conv.out_channels;
  const int64_t channel = plane % channels;
  const int64_t in_plane = plane / channels * conv.group + channel / conv.out_channels;
  const int64_t row = task % blocks * kernel.block.out_rows;
  const int64_t row_end = std::min(row + kernel.block.out_rows, window.out_height);
  const TensorView bias = execution.Operand(2);
  auto* const padded = reinterpret_cast<float*>(memory);
  CopyPadded(window, kernel.block,
             execution.Operand(0).as<const float>() + in_plane * window.in_elements(), row, row_end,
             0.0f, padded);
  float* const output =
      execution.Result(0).as<float>() + plane * window.out_elements() + row * window.out_width;
  DepthwiseRow line = {};
  line.row_step = window.dilation_y * kernel.block.in_columns;
  line.column_step = window.dilation_x;
  line.stride = window.stride_x;
  line.kernel_rows = static_cast<int>(window.kernel_height);
  line.kernel_columns = static_cast<int>(window.kernel_width);
  line.weights = execution.Operand(1).as<const float>() + channel * conv.taps();
  line.bias = bias.present() ? bias.as<const float>()[channel] : 0.0f;
  line.count = window.out_width;
  for (int64_t y = 0; y < row_end - row; ++y) {
    line.input = padded + y * window.stride_y * kernel.block.in_columns;
    line.output = output + y * window.out_width;
    kernel.micro.depthwise(line);
  }
  if (!kernel.epilogue.present()) return;
  kernel.epilogue.Run(plane, row * window.out_width, (row_end - row) * window.out_width, output,
                      memory);
}

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo&) {
  if (const char* const reason = RejectConv(call, false); reason != nullptr) return reason;
  const ConvCall conv = MakeConvCall(call);
  if (conv.in_channels != 1) return "needs one input channel a group";
  if (!FitsPaddedBlock(conv.window)) return "needs a smaller window";
  return Epilogue::Reject(call, 2);
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  return {ConvOperations(MakeConvCall(call)), BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  STINT_ASSIGN(auto kernel, Make<DepthwiseKernel>(device));
  kernel->conv = MakeConvCall(call);
  kernel->block = MakePaddedBlock(kernel->conv.window);
  kernel->epilogue.Init(call, 2);
  const auto padded = static_cast<uint64_t>(kernel->block.floats()) * sizeof(float);
  kernel->thread_bytes = AlignUp(padded, 64) + kernel->epilogue.scratch_bytes();
  kernel->scratch_bytes = kernel->thread_bytes * static_cast<uint64_t>(ThreadsOf(device));
  return std::unique_ptr<PreparedKernel>(std::move(kernel));
}

Status Run(const Execution& execution) {
  auto& kernel = static_cast<DepthwiseKernel&>(execution.kernel);
  const ConvCall& conv = kernel.conv;
  kernel.epilogue.Begin(execution, kernel.thread_bytes);
  const int64_t planes = conv.batch * conv.group * conv.out_channels;
  execution.threads.ForEach(
      planes * kernel.block.BlocksOf(conv.window), [&](int64_t task, int thread) {
        RunTask(execution, task, execution.ThreadScratch(thread, kernel.thread_bytes));
      });
  return {};
}

}  // namespace stint::cpu::conv_depthwise_f32
