// MatMul in float32 over packed panels of B. A constant B is packed once when the kernel is
// prepared; another is packed block by block as it is used. Products that share B become one.
#include <algorithm>
#include <cstdlib>

#include "backends/cpu/epilogue.h"
#include "backends/cpu/gemm.h"
#include "backends/cpu/kernel_table.h"
#include "backends/cpu/kernels/float_call.h"
#include "runtime/base/checked.h"
#include "runtime/ops/map/run_map.h"
#include "runtime/ops/walk.h"

namespace stint::cpu::matmul_f32 {

namespace {

constexpr size_t kCoreOperands = 5;

// The product as rows and columns, and a batch of them. Strides are in elements.
struct Problem {
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t depth = 0;
  int batch_axes = 0;
  int64_t batch = 1;
  int64_t batch_extents[kMaxRank] = {};
  int64_t a_batch[kMaxRank] = {};
  int64_t b_batch[kMaxRank] = {};
  int64_t c_batch[kMaxRank] = {};
  int64_t a_row = 0, a_step = 0, b_step = 0, b_column = 0, c_row = 0;
};

TensorView WithBatchOf(const TensorView& view, const TensorView& result, int64_t rows,
                       int64_t columns) {
  TensorView like = result;
  like.extents[like.rank - 2] = rows;
  like.extents[like.rank - 1] = columns;
  return BroadcastTo(view, like);
}

bool SharesB(const Problem& problem) {
  for (int axis = 0; axis < problem.batch_axes; ++axis) {
    if (problem.batch_extents[axis] > 1 && problem.b_batch[axis] != 0) return false;
  }
  return true;
}

// Makes the innermost batch axis part of the rows while A and C allow it.
void FoldBatch(Problem* problem) {
  if (!SharesB(*problem)) return;
  while (problem->batch_axes > 0) {
    const int axis = problem->batch_axes - 1;
    const int64_t extent = problem->batch_extents[axis];
    const bool fits = extent == 1 || (problem->a_batch[axis] == problem->rows * problem->a_row &&
                                      problem->c_batch[axis] == problem->rows * problem->c_row);
    if (!fits) return;
    problem->rows *= extent;
    --problem->batch_axes;
  }
}

Problem ProblemOf(const KernelCall& call) {
  const TensorView& c = call.results[0].view;
  Problem problem;
  problem.rows = c.extents[c.rank - 2];
  problem.columns = c.extents[c.rank - 1];
  problem.depth = call.operands[0].view.extents[call.operands[0].view.rank - 1];
  const TensorView a = WithBatchOf(call.operands[0].view, c, problem.rows, problem.depth);
  const TensorView b = WithBatchOf(call.operands[1].view, c, problem.depth, problem.columns);
  problem.a_row = a.strides[c.rank - 2];
  problem.a_step = a.strides[c.rank - 1];
  problem.b_step = b.strides[c.rank - 2];
  problem.b_column = b.strides[c.rank - 1];
  problem.c_row = c.strides[c.rank - 2];
  problem.batch_axes = c.rank - 2;
  for (int axis = 0; axis < problem.batch_axes; ++axis) {
    problem.batch_extents[axis] = c.extents[axis];
    problem.a_batch[axis] = a.strides[axis];
    problem.b_batch[axis] = b.strides[axis];
    problem.c_batch[axis] = c.strides[axis];
  }
  FoldBatch(&problem);
  for (int axis = 0; axis < problem.batch_axes; ++axis)
    problem.batch *= problem.batch_extents[axis];
  return problem;
}

// Packs ks [k, k + depth) of `columns` columns from b on; element (k, j) is b[k * step + j *
// column].
void PackColumns(const MicroKernels& micro, const float* b, int64_t step, int64_t column,
                 int64_t depth, int64_t columns, float* to) {
  if (column == 1) {
    for (int64_t k = 0; k < depth; ++k) StorePanelRow(micro, b + k * step, columns, k, depth, to);
    return;
  }
  const int64_t width = micro.tile_columns;
  for (int64_t j = 0; j < columns; j += width, to += depth * width) {
    const int64_t valid = std::min(width, columns - j);
    for (int64_t k = 0; k < depth; ++k) {
      const float* const from = b + k * step + j * column;
      float* const row = to + k * width;
      for (int64_t i = 0; i < valid; ++i) row[i] = from[i * column];
      std::fill(row + valid, row + width, 0.0f);
    }
  }
}

class MatMulKernel final : public MicroKernel {
 public:
  using MicroKernel::MicroKernel;
  Problem problem;
  Epilogue epilogue;
  uint64_t thread_bytes = 0;
  Array<float> packed;  // Panels of the constant B; empty: B is packed when it is used.

  Status PackConstant(const float* b) {
    const int64_t width = micro.tile_columns;
    const int64_t panels = CeilDivide(problem.columns, width);
    int64_t floats = 0;
    if (!CheckedMul(panels * width, problem.depth, &floats))
      return OutOfMemory("weights", UINT64_MAX);
    STINT_TRY(packed.Resize(static_cast<size_t>(floats)));
    PackColumns(micro, b, problem.b_step, problem.b_column, problem.depth, problem.columns,
                packed.data());
    held_bytes = packed_bytes = static_cast<uint64_t>(floats) * sizeof(float);
    return {};
  }
};

// Whether panels of a constant B serve all products, are not mostly padding, and hold no more than
// the constant does: a view may show one element as many.
bool IsWorthPacking(const MatMulKernel& kernel) {
  const Problem& problem = kernel.problem;
  const int64_t span = std::abs(problem.b_step) * (problem.depth - 1) +
                       std::abs(problem.b_column) * (problem.columns - 1) + 1;
  if (problem.columns == 0 || problem.depth > span / problem.columns) return false;
  return SharesB(problem) && problem.depth > 0 && 4 * problem.columns >= kernel.micro.tile_columns;
}

bool IsRowMajorEnough(const TensorView& c) {
  return c.strides[c.rank - 1] == 1 || c.extents[c.rank - 1] == 1;
}

void RunTask(const Execution& execution, const GemmGrid& grid, int64_t task, std::byte* memory) {
  const auto& kernel = static_cast<const MatMulKernel&>(execution.kernel);
  const MicroKernels& micro = kernel.micro;
  const Problem& problem = kernel.problem;
  const int64_t product = task / grid.tasks();
  const GemmBlock block = grid.Block(micro, problem.rows, problem.columns, task % grid.tasks());
  const auto [a_offset, b_offset, c_offset] =
      OffsetsAt<3>(product, problem.batch_axes, problem.batch_extents,
                   {problem.a_batch, problem.b_batch, problem.c_batch});
  const TensorView bias = execution.Operand(2);
  GemmShape shape;
  shape.rows = problem.rows;
  shape.columns = problem.columns;
  shape.depth = problem.depth;
  shape.a = execution.Operand(0).as<const float>() + a_offset;
  shape.a_row = problem.a_row;
  shape.a_step = problem.a_step;
  shape.c = execution.Result(0).as<float>() + c_offset;
  shape.c_row = problem.c_row;
  shape.start = bias.as<const float>();
  shape.start_column = bias.present() && bias.rank == 1 && bias.extents[0] > 1 ? 1 : 0;
  const float* const b = execution.Operand(1).as<const float>() + b_offset;
  auto* const pack = reinterpret_cast<float*>(memory);
  const auto panels = [&](int64_t k, int64_t depth, int64_t column, int64_t columns) {
    const int64_t width = micro.tile_columns;
    if (!kernel.packed.empty()) {
      return GemmPanels{kernel.packed.data() + column * problem.depth + k * width,
                        problem.depth * width};
    }
    PackColumns(micro, b + k * problem.b_step + column * problem.b_column, problem.b_step,
                problem.b_column, depth, columns, pack);
    return GemmPanels{pack, depth * width};
  };
  const auto finish = [&](int64_t row, int rows, int64_t column, int64_t columns) {
    if (!kernel.epilogue.present()) return;
    for (int64_t r = row; r < row + rows; ++r) {
      kernel.epilogue.Run(product * problem.rows + r, column, columns,
                          shape.c + r * shape.c_row + column, memory);
    }
  };
  RunGemmBlock(micro, shape, block, panels, finish);
}

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo&) {
  if (!IsFloat32(call, kCoreOperands)) return "needs float32";
  if (!IsRowMajorEnough(call.results[0].view)) return "needs results that are dense along the row";
  if (HasOperand(call, 2)) {
    const TensorView& bias = call.operands[2].view;
    if (bias.rank == 1 && bias.extents[0] > 1 && bias.strides[0] != 1) return "needs a dense bias";
  }
  return Epilogue::Reject(call, call.results[0].view.rank - 1);
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  const Problem problem = ProblemOf(call);
  const double rows = static_cast<double>(problem.rows * problem.batch);
  return {rows * static_cast<double>(problem.columns) * static_cast<double>(problem.depth),
          BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  STINT_ASSIGN(auto kernel, Make<MatMulKernel>(device));
  kernel->problem = ProblemOf(call);
  kernel->epilogue.Init(call, call.results[0].view.rank - 1);
  const auto* const b = static_cast<const float*>(call.operands[1].constant);
  if (b != nullptr && IsWorthPacking(*kernel)) STINT_TRY(kernel->PackConstant(b));
  const uint64_t pack_bytes =
      kernel->packed.empty() ? static_cast<uint64_t>(PackFloats(kernel->micro)) * sizeof(float) : 0;
  kernel->thread_bytes = pack_bytes + kernel->epilogue.scratch_bytes();
  kernel->scratch_bytes = kernel->thread_bytes * static_cast<uint64_t>(ThreadsOf(device));
  return std::unique_ptr<PreparedKernel>(std::move(kernel));
}

Status Run(const Execution& execution) {
  auto& kernel = static_cast<MatMulKernel&>(execution.kernel);
  const Problem& problem = kernel.problem;
  kernel.epilogue.Begin(execution, kernel.thread_bytes);
  const int threads = execution.threads.threads();
  const GemmGrid grid(kernel.micro, problem.rows, problem.columns, problem.batch, threads);
  execution.threads.ForEach(grid.tasks() * problem.batch, [&](int64_t task, int thread) {
    RunTask(execution, grid, task, execution.ThreadScratch(thread, kernel.thread_bytes));
  });
  return {};
}

}  // namespace stint::cpu::matmul_f32
