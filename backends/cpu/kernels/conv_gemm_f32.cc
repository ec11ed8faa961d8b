// Convolution as a matrix product: weights [M, C k k] times the patches of the input [C k k,
// pixels], of which a block of pixels is packed at a time. With 1x1 kernels the input is that
// matrix already.
#include <algorithm>
#include <cstring>

#include "backends/cpu/epilogue.h"
#include "backends/cpu/gemm.h"
#include "backends/cpu/kernel_table.h"
#include "backends/cpu/kernels/conv_call.h"

namespace stint::cpu::conv_gemm_f32 {

namespace {

class ConvKernel final : public MicroKernel {
 public:
  using MicroKernel::MicroKernel;
  ConvCall conv;
  bool pointwise = false;
  Epilogue epilogue;
  uint64_t thread_bytes = 0;
};

bool IsPointwise(const ConvCall& conv) {
  const PlaneWindow& window = conv.window;
  return !conv.across.slides() && window.kernel_height == 1 && window.kernel_width == 1 &&
         window.stride_y == 1 && window.stride_x == 1 && window.pad_top == 0 &&
         window.pad_left == 0 && window.out_height == window.height &&
         window.out_width == window.width;
}

// `count` taps of one input row: columns first, first + stride, ..., zeros outside of the row.
void CopyTaps(const float* row, int64_t width, int64_t first, int64_t stride, int64_t count,
              float* to) {
  if (stride == 1) {
    const int64_t begin = std::clamp<int64_t>(-first, 0, count);
    const int64_t end = std::clamp<int64_t>(width - first, begin, count);
    std::fill(to, to + begin, 0.0f);
    if (end > begin) {
      std::memcpy(to + begin, row + first + begin,
                  static_cast<size_t>(end - begin) * sizeof(float));
    }
    std::fill(to + end, to + count, 0.0f);
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    const int64_t x = first + i * stride;
    to[i] = x >= 0 && x < width ? row[x] : 0.0f;
  }
}

// The row of the patch matrix for one plane and tap, columns [column, column + count).
void CopyPlaneRow(const PlaneWindow& window, const float* plane, int64_t tap_y, int64_t tap_x,
                  int64_t column, int64_t count, float* to) {
  int64_t y = column / window.out_width;
  int64_t x = column - y * window.out_width;
  while (count > 0) {
    const int64_t part = std::min(count, window.out_width - x);
    const int64_t in_y = y * window.stride_y + tap_y * window.dilation_y - window.pad_top;
    const int64_t in_x = x * window.stride_x + tap_x * window.dilation_x - window.pad_left;
    if (in_y < 0 || in_y >= window.height) {
      std::fill(to, to + part, 0.0f);
    } else {
      CopyTaps(plane + in_y * window.width, window.width, in_x, window.stride_x, part, to);
    }
    to += part;
    count -= part;
    x = 0;
    ++y;
  }
}

// The same for one channel, whose planes lie one after the other.
void CopyPatchRow(const ConvCall& conv, const float* planes, int64_t tap, int64_t column,
                  int64_t count, float* to) {
  const PlaneWindow& window = conv.window;
  const DepthWindow& across = conv.across;
  const int64_t plane_taps = window.kernel_height * window.kernel_width;
  const int64_t tap_z = tap / plane_taps;
  const int64_t tap_y = tap % plane_taps / window.kernel_width;
  const int64_t tap_x = tap % window.kernel_width;
  const int64_t out = window.out_elements();
  for (int64_t z = column / out; count > 0; ++z) {
    const int64_t first = column - z * out;
    const int64_t part = std::min(count, out - first);
    const int64_t in_z = z * across.stride + tap_z * across.dilation - across.pad;
    if (in_z < 0 || in_z >= across.depth) {
      std::fill(to, to + part, 0.0f);
    } else {
      CopyPlaneRow(window, planes + in_z * window.in_elements(), tap_y, tap_x, first, part, to);
    }
    to += part;
    column += part;
    count -= part;
  }
}

void PackPatches(const MicroKernels& micro, const ConvCall& conv, const float* planes, int64_t k,
                 int64_t depth, int64_t column, int64_t columns, float* to) {
  float row[kBlockPanels * kMaxTileColumns];
  const int64_t taps = conv.taps();
  for (int64_t i = 0; i < depth; ++i) {
    const int64_t channel = (k + i) / taps;
    CopyPatchRow(conv, planes + channel * conv.in_elements(), (k + i) - channel * taps, column,
                 columns, row);
    StorePanelRow(micro, row, columns, i, depth, to);
  }
}

void RunTask(const Execution& execution, const GemmGrid& grid, int64_t task, std::byte* memory) {
  const auto& kernel = static_cast<const ConvKernel&>(execution.kernel);
  const MicroKernels& micro = kernel.micro;
  const ConvCall& conv = kernel.conv;
  const int64_t product = task / grid.tasks();  // n * group + g
  const int64_t group = product % conv.group;
  const int64_t pixels = conv.out_elements();
  const GemmBlock block = grid.Block(micro, conv.out_channels, pixels, task % grid.tasks());
  const TensorView bias = execution.Operand(2);
  GemmShape shape;
  shape.rows = conv.out_channels;
  shape.columns = pixels;
  shape.depth = conv.in_channels * conv.taps();
  shape.a = execution.Operand(1).as<const float>() + group * conv.out_channels * shape.depth;
  shape.a_row = shape.depth;
  shape.a_step = 1;
  shape.c = execution.Result(0).as<float>() + product * conv.out_channels * pixels;
  shape.c_row = pixels;
  if (bias.present()) {
    shape.start = bias.as<const float>() + group * conv.out_channels;
    shape.start_row = 1;
  }
  const float* const planes =
      execution.Operand(0).as<const float>() + product * conv.in_channels * conv.in_elements();
  auto* const pack = reinterpret_cast<float*>(memory);
  const auto panels = [&](int64_t k, int64_t depth, int64_t column, int64_t columns) {
    if (kernel.pointwise) {
      const float* from = planes + k * pixels + column;
      for (int64_t i = 0; i < depth; ++i, from += pixels) {
        StorePanelRow(micro, from, columns, i, depth, pack);
      }
    } else {
      PackPatches(micro, conv, planes, k, depth, column, columns, pack);
    }
    return GemmPanels{pack, depth * micro.tile_columns};
  };
  const auto finish = [&](int64_t row, int rows, int64_t column, int64_t columns) {
    if (!kernel.epilogue.present()) return;
    for (int64_t r = row; r < row + rows; ++r) {
      kernel.epilogue.Run(product * conv.out_channels + r, column, columns,
                          shape.c + r * pixels + column, memory);
    }
  };
  RunGemmBlock(micro, shape, block, panels, finish);
}

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo&) {
  const char* const reason = RejectConv(call, false, 3);
  return reason != nullptr ? reason : Epilogue::Reject(call, 2);
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  const ConvCall conv = MakeConvCall(call);
  // Small groups fill neither the rows of a tile nor its K.
  const double fill = std::min<double>(static_cast<double>(conv.out_channels), 6) / 6;
  const double pack = 1 + 8 / static_cast<double>(std::max<int64_t>(conv.out_channels, 1));
  return {ConvOperations(conv) * pack / std::max(fill, 0.1), BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  STINT_ASSIGN(auto kernel, Make<ConvKernel>(device));
  kernel->conv = MakeConvCall(call);
  kernel->pointwise = IsPointwise(kernel->conv);
  kernel->epilogue.Init(call, 2);
  kernel->thread_bytes = static_cast<uint64_t>(PackFloats(kernel->micro)) * sizeof(float) +
                         kernel->epilogue.scratch_bytes();
  kernel->scratch_bytes = kernel->thread_bytes * static_cast<uint64_t>(ThreadsOf(device));
  return std::unique_ptr<PreparedKernel>(std::move(kernel));
}

Status Run(const Execution& execution) {
  auto& kernel = static_cast<ConvKernel&>(execution.kernel);
  const ConvCall& conv = kernel.conv;
  kernel.epilogue.Begin(execution, kernel.thread_bytes);
  const int64_t products = conv.batch * conv.group;
  const GemmGrid grid(kernel.micro, conv.out_channels, conv.out_elements(), products,
                      execution.threads.threads());
  execution.threads.ForEach(grid.tasks() * products, [&](int64_t task, int thread) {
    RunTask(execution, grid, task, execution.ThreadScratch(thread, kernel.thread_bytes));
  });
  return {};
}

}  // namespace stint::cpu::conv_gemm_f32
