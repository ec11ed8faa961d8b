// Transposed convolution by phases. Outputs whose position modulo the stride is the same see the
// same taps, so that each phase is a matrix product: packed weights [M, C taps] times the inputs
// that its outputs see [C taps, outputs], computed aside and scattered to every stride-th output.
#include <algorithm>
#include <cstring>
#include <numeric>

#include "backends/cpu/gemm.h"
#include "backends/cpu/kernel_table.h"
#include "backends/cpu/kernels/conv_call.h"
#include "runtime/base/checked.h"

namespace stint::cpu::conv_transposed_f32 {

namespace {

// One axis of one phase.
struct PhaseAxis {
  int64_t first = 0;    // The first output position.
  int64_t outputs = 0;  // How many, `stride` apart.
  int64_t taps = 0;     // Kernel positions that reach them: first_tap, first_tap + tap_step, ...
  int64_t first_tap = 0;
  int64_t tap_step = 1;
  int64_t input = 0;       // Input position that the first tap reads for the first output.
  int64_t input_step = 0;  // From one tap to the next.
};

struct Phase {
  PhaseAxis z;  // Across planes.
  PhaseAxis y;
  PhaseAxis x;
  size_t weights = 0;  // Where its packed weights start.

  int64_t plane_taps() const { return y.taps * x.taps; }
  int64_t taps() const { return z.taps * plane_taps(); }
  int64_t plane_outputs() const { return y.outputs * x.outputs; }
  int64_t outputs() const { return z.outputs * plane_outputs(); }
};

class TransposedKernel final : public MicroKernel {
 public:
  using MicroKernel::MicroKernel;
  ConvCall conv;
  Array<Phase> phases;
  Array<float> weights;  // A phase and group: [M, C taps].
  uint64_t thread_bytes = 0;
};

// Input i reaches output i * stride - pad + k * dilation.
PhaseAxis MakePhaseAxis(int64_t phase, int64_t stride, int64_t dilation, int64_t pad,
                        int64_t kernel, int64_t outputs) {
  PhaseAxis axis;
  // Outputs o with (o + pad) modulo stride == phase.
  axis.first = ((phase - pad) % stride + stride) % stride;
  axis.outputs = axis.first < outputs ? CeilDivide(outputs - axis.first, stride) : 0;
  axis.tap_step = stride / std::gcd(dilation, stride);
  int64_t tap = 0;
  while (tap < std::min(kernel, axis.tap_step) && tap * dilation % stride != phase) ++tap;
  if (tap >= std::min(kernel, axis.tap_step)) return axis;  // Only the bias gets there.
  axis.first_tap = tap;
  axis.taps = CeilDivide(kernel - tap, axis.tap_step);
  axis.input = (axis.first + pad - axis.first_tap * dilation) / stride;
  axis.input_step = -(axis.tap_step * dilation / stride);
  return axis;
}

// Phase `index` of all: the last axis' position counts fastest.
Phase MakePhase(const ConvCall& conv, int64_t index) {
  const PlaneWindow& window = conv.window;
  const DepthWindow& across = conv.across;
  Phase phase;
  phase.x = MakePhaseAxis(index % window.stride_x, window.stride_x, window.dilation_x,
                          window.pad_left, window.kernel_width, window.out_width);
  index /= window.stride_x;
  phase.y = MakePhaseAxis(index % window.stride_y, window.stride_y, window.dilation_y,
                          window.pad_top, window.kernel_height, window.out_height);
  phase.z = MakePhaseAxis(index / window.stride_y, across.stride, across.dilation, across.pad,
                          across.kernel, across.out_depth);
  return phase;
}

// The kernel position of a phase's tap.
int64_t KernelPosition(const ConvCall& conv, const Phase& phase, int64_t tap) {
  const int64_t in_plane = tap % phase.plane_taps();
  const int64_t kz = phase.z.first_tap + tap / phase.plane_taps() * phase.z.tap_step;
  const int64_t ky = phase.y.first_tap + in_plane / phase.x.taps * phase.y.tap_step;
  const int64_t kx = phase.x.first_tap + in_plane % phase.x.taps * phase.x.tap_step;
  return (kz * conv.window.kernel_height + ky) * conv.window.kernel_width + kx;
}

void PackWeights(const ConvCall& conv, const Phase& phase, const float* source, float* to) {
  for (int64_t m = 0; m < conv.group * conv.out_channels; ++m) {
    const int64_t group = m / conv.out_channels;
    for (int64_t tap = 0; tap < phase.taps(); ++tap) {
      const int64_t position = KernelPosition(conv, phase, tap);
      for (int64_t c = 0; c < conv.in_channels; ++c) {
        const int64_t row =
            (group * conv.in_channels + c) * conv.out_channels + m % conv.out_channels;
        *to++ = source[row * conv.taps() + position];
      }
    }
  }
}

int64_t PhasesOf(const ConvCall& conv) {
  return conv.across.stride * conv.window.stride_y * conv.window.stride_x;
}

Status MakePhases(const KernelCall& call, TransposedKernel* kernel) {
  const ConvCall& conv = kernel->conv;
  size_t floats = 0;
  for (int64_t i = 0; i < PhasesOf(conv); ++i) {
    Phase phase = MakePhase(conv, i);
    if (phase.outputs() == 0) continue;
    phase.weights = floats;
    floats += static_cast<size_t>(conv.group * conv.out_channels * conv.in_channels * phase.taps());
    STINT_TRY(kernel->phases.Push(phase));
  }
  STINT_TRY(kernel->weights.Resize(floats));
  kernel->held_bytes = kernel->packed_bytes = floats * sizeof(float);
  const auto* const source = static_cast<const float*>(call.operands[1].constant);
  for (const Phase& phase : kernel->phases) {
    PackWeights(conv, phase, source, kernel->weights.data() + phase.weights);
  }
  return {};
}

// What outputs [column, column + count) of one plane of a phase see by a tap in one input plane.
void CopyInputPlane(const PlaneWindow& window, const Phase& phase, const float* plane, int64_t tap,
                    int64_t column, int64_t count, float* to) {
  const int64_t in_y = phase.y.input + tap / phase.x.taps * phase.y.input_step;
  const int64_t in_x = phase.x.input + tap % phase.x.taps * phase.x.input_step;
  int64_t y = column / phase.x.outputs;
  int64_t x = column - y * phase.x.outputs;
  while (count > 0) {
    const int64_t part = std::min(count, phase.x.outputs - x);
    const int64_t row = in_y + y;
    const int64_t first = in_x + x;
    const bool inside = row >= 0 && row < window.height;
    const int64_t begin = inside ? std::clamp<int64_t>(-first, 0, part) : part;
    const int64_t end = inside ? std::clamp(window.width - first, begin, part) : part;
    std::fill(to, to + begin, 0.0f);
    if (end > begin) {
      std::memcpy(to + begin, plane + row * window.width + first + begin,
                  static_cast<size_t>(end - begin) * sizeof(float));
    }
    std::fill(to + end, to + part, 0.0f);
    to += part;
    count -= part;
    x = 0;
    ++y;
  }
}

// Calls visit(z, column, part) for the outputs [column, column + count) in each plane of a phase.
template <typename Visit>
void ForEachPlane(const Phase& phase, int64_t column, int64_t count, const Visit& visit) {
  const int64_t outputs = phase.plane_outputs();
  for (int64_t z = column / outputs; count > 0; ++z) {
    const int64_t part = std::min(count, (z + 1) * outputs - column);
    visit(z, column - z * outputs, part);
    column += part;
    count -= part;
  }
}

// Columns [column, column + count) of row k of a phase's input matrix.
void CopyInputRow(const ConvCall& conv, const Phase& phase, const float* planes, int64_t k,
                  int64_t column, int64_t count, float* to) {
  const int64_t tap = k / conv.in_channels;
  const float* const volume = planes + (k - tap * conv.in_channels) * conv.in_elements();
  const int64_t in_z = phase.z.input + tap / phase.plane_taps() * phase.z.input_step;
  ForEachPlane(phase, column, count, [&](int64_t z, int64_t first, int64_t part) {
    if (in_z + z < 0 || in_z + z >= conv.across.depth) {
      std::fill(to, to + part, 0.0f);
    } else {
      CopyInputPlane(conv.window, phase, volume + (in_z + z) * conv.window.in_elements(),
                     tap % phase.plane_taps(), first, part, to);
    }
    to += part;
  });
}

// A part of a row of a finished block to its places in the output plane.
void ScatterPlane(const PlaneWindow& window, const Phase& phase, const float* from, int64_t column,
                  int64_t count, float* plane) {
  int64_t y = column / phase.x.outputs;
  int64_t x = column - y * phase.x.outputs;
  while (count > 0) {
    const int64_t part = std::min(count, phase.x.outputs - x);
    float* to = plane + (phase.y.first + y * window.stride_y) * window.out_width + phase.x.first +
                x * window.stride_x;
    for (int64_t i = 0; i < part; ++i) to[i * window.stride_x] = from[i];
    from += part;
    count -= part;
    x = 0;
    ++y;
  }
}

void ScatterRow(const ConvCall& conv, const Phase& phase, const float* from, int64_t column,
                int64_t count, float* volume) {
  ForEachPlane(phase, column, count, [&](int64_t z, int64_t first, int64_t part) {
    const int64_t out_z = phase.z.first + z * conv.across.stride;
    ScatterPlane(conv.window, phase, from, first, part,
                 volume + out_z * conv.window.out_elements());
    from += part;
  });
}

void RunTask(const Execution& execution, const Phase& phase, const GemmGrid& grid, int64_t task,
             std::byte* memory) {
  const auto& kernel = static_cast<const TransposedKernel&>(execution.kernel);
  const MicroKernels& micro = kernel.micro;
  const ConvCall& conv = kernel.conv;
  const int64_t product = task / grid.tasks();
  const int64_t group = product % conv.group;
  const GemmBlock block =
      grid.Block(micro, conv.out_channels, phase.outputs(), task % grid.tasks());
  const TensorView bias = execution.Operand(2);
  auto* const pack = reinterpret_cast<float*>(memory);
  float* const aside = pack + PackFloats(micro);
  const int64_t aside_row = BlockColumns(micro);
  GemmShape shape;
  shape.rows = conv.out_channels;
  shape.columns = block.column_end - block.column;
  shape.depth = conv.in_channels * phase.taps();
  shape.a = kernel.weights.data() + phase.weights + group * conv.out_channels * shape.depth;
  shape.a_row = shape.depth;
  shape.a_step = 1;
  shape.c = aside;
  shape.c_row = aside_row;
  if (bias.present()) {
    shape.start = bias.as<const float>() + group * conv.out_channels;
    shape.start_row = 1;
  }
  const float* const planes =
      execution.Operand(0).as<const float>() + product * conv.in_channels * conv.in_elements();
  float* const result =
      execution.Result(0).as<float>() + product * conv.out_channels * conv.out_elements();
  const auto panels = [&](int64_t k, int64_t depth, int64_t, int64_t columns) {
    float row[kBlockPanels * kMaxTileColumns];
    for (int64_t i = 0; i < depth; ++i) {
      CopyInputRow(conv, phase, planes, k + i, block.column, columns, row);
      StorePanelRow(micro, row, columns, i, depth, pack);
    }
    return GemmPanels{pack, depth * micro.tile_columns};
  };
  const auto finish = [&](int64_t row, int rows, int64_t, int64_t columns) {
    for (int64_t r = row; r < row + rows; ++r) {
      ScatterRow(conv, phase, aside + r * aside_row, block.column, columns,
                 result + r * conv.out_elements());
    }
  };
  RunGemmBlock(micro, shape, {block.row, block.row_end, 0, shape.columns}, panels, finish);
}

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo&) {
  if (const char* const reason = RejectConv(call, true, 3); reason != nullptr) return reason;
  if (call.operands[1].constant == nullptr) return "needs constant weights";
  const ConvCall conv = MakeConvCall(call);
  constexpr int64_t kLargest = 64;
  for (const int64_t stride : {conv.across.stride, conv.window.stride_y, conv.window.stride_x}) {
    if (stride > kLargest) return "needs strides up to 64";
  }
  if (PhasesOf(conv) > kLargest * kLargest) return "needs smaller strides";
  return nullptr;
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  const ConvCall conv = MakeConvCall(call);
  return {static_cast<double>(conv.batch * conv.group * conv.out_channels * conv.in_channels) *
              static_cast<double>(conv.in_elements() * conv.taps()),
          BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  STINT_ASSIGN(auto kernel, Make<TransposedKernel>(device));
  kernel->conv = MakeConvCall(call);
  STINT_TRY(MakePhases(call, kernel.get()));
  const int64_t floats =
      PackFloats(kernel->micro) + kernel->conv.out_channels * BlockColumns(kernel->micro);
  kernel->thread_bytes = AlignUp(static_cast<uint64_t>(floats) * sizeof(float), 64);
  kernel->scratch_bytes = kernel->thread_bytes * static_cast<uint64_t>(ThreadsOf(device));
  return std::unique_ptr<PreparedKernel>(std::move(kernel));
}

Status Run(const Execution& execution) {
  const auto& kernel = static_cast<const TransposedKernel&>(execution.kernel);
  const ConvCall& conv = kernel.conv;
  const int64_t products = conv.batch * conv.group;
  for (const Phase& phase : kernel.phases) {
    const GemmGrid grid(kernel.micro, conv.out_channels, phase.outputs(), products,
                        execution.threads.threads());
    execution.threads.ForEach(grid.tasks() * products, [&](int64_t task, int thread) {
      RunTask(execution, phase, grid, task, execution.ThreadScratch(thread, kernel.thread_bytes));
    });
  }
  return {};
}

}  // namespace stint::cpu::conv_transposed_f32
