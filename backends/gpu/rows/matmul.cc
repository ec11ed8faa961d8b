// Batched matrix products in tiles of 32 x 32 results, a workgroup each.
#include "runtime/ops/matmul.h"

#include "backends/gpu/kernel_table.h"
#include "backends/gpu/rows/axes.h"
#include "backends/gpu/rows/dispatch.h"
#include "runtime/ops/map/run_map.h"

namespace stint::gpu::matmul {

namespace {

constexpr uint32_t kInvocations = 64;
constexpr uint32_t kGroupBytes = 2 * 144 * 4 * sizeof(float);
constexpr uint64_t kTile = 32;
constexpr uint32_t kBatchAxes = kMaxRank - 2;

// The product as rows and columns, and a batch of them. Strides are in elements.
struct Problem {
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t depth = 0;
  int64_t batches = 1;
  Axes batch;  // Strides of a, b and y.
  int64_t a_row = 0, a_step = 0, b_step = 0, b_column = 0, y_row = 0, y_column = 0;
};

TensorView WithBatchOf(const TensorView& view, const TensorView& result, int64_t rows,
                       int64_t columns) {
  TensorView like = result;
  like.extents[like.rank - 2] = rows;
  like.extents[like.rank - 1] = columns;
  return BroadcastTo(view, like);
}

// Makes the innermost batch axis rows where products share b and the rows of a and y go on.
void FoldBatch(Problem* problem) {
  Axes& batch = problem->batch;
  while (batch.rank > 0) {
    const int axis = batch.rank - 1;
    if (batch.strides[1][axis] != 0 || batch.strides[0][axis] != problem->rows * problem->a_row ||
        batch.strides[2][axis] != problem->rows * problem->y_row) {
      return;
    }
    problem->rows *= batch.extents[axis];
    problem->batches /= batch.extents[axis];
    --batch.rank;
  }
}

Problem ProblemOf(const KernelCall& call) {
  const TensorView& y = call.results[0].view;
  const int row = y.rank - 2;
  const int column = y.rank - 1;
  Problem problem;
  problem.rows = y.extents[row];
  problem.columns = y.extents[column];
  problem.depth = call.operands[0].view.extents[call.operands[0].view.rank - 1];
  const TensorView a = WithBatchOf(call.operands[0].view, y, problem.rows, problem.depth);
  const TensorView b = WithBatchOf(call.operands[1].view, y, problem.depth, problem.columns);
  problem.a_row = a.strides[row];
  problem.a_step = a.strides[column];
  problem.b_step = b.strides[row];
  problem.b_column = b.strides[column];
  problem.y_row = y.strides[row];
  problem.y_column = y.strides[column];
  for (int axis = 0; axis < row; ++axis) {
    problem.batch.Add(y.extents[axis], a.strides[axis], b.strides[axis], y.strides[axis]);
    problem.batches *= y.extents[axis];
  }
  FoldBatch(&problem);
  return problem;
}

int64_t BiasStride(const KernelCall& call) {
  if (!HasOperand(call, 2)) return 0;
  const TensorView& bias = call.operands[2].view;
  return bias.rank == 1 && bias.extents[0] > 1 ? bias.strides[0] : 0;
}

bool IsNearer(int64_t stride, int64_t other) {
  return (stride < 0 ? -stride : stride) < (other < 0 ? -other : other);
}

Words WordsOf(const KernelCall& call, const Problem& problem) {
  Words words;
  words.Add({problem.batches, problem.rows, problem.columns, problem.depth, problem.a_row,
             problem.a_step, problem.b_step, problem.b_column, BiasStride(call), problem.y_row,
             problem.y_column, IsNearer(problem.a_step, problem.a_row) ? 1 : 0,
             IsNearer(problem.b_step, problem.b_column) ? 1 : 0});
  words.AddList(problem.batch.extents, problem.batch.rank, kBatchAxes);
  for (const auto& strides : problem.batch.strides) {
    words.AddList(strides, problem.batch.rank, kBatchAxes);
  }
  return words;
}

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo& device) {
  return RejectFloats(call, device, 3, kInvocations, kGroupBytes);
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  const TensorView& a = call.operands[0].view;
  const auto depth = static_cast<double>(a.extents[a.rank - 1]);
  return {static_cast<double>(ElementCount(call.results[0].view)) * depth, BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  const Problem problem = ProblemOf(call);
  const uint32_t constants[] = {static_cast<uint32_t>(problem.batch.rank),
                                HasOperand(call, 2) ? 1u : 0u};
  DispatchPlan plan;
  plan.source = IsHalf(call) ? &sources::matmul_f16 : &sources::matmul_f32;
  plan.operands = 3;
  plan.constants = constants;
  plan.words = WordsOf(call, problem);
  plan.groups = CeilDivide(static_cast<uint64_t>(problem.rows), kTile) *
                CeilDivide(static_cast<uint64_t>(problem.columns), kTile) *
                static_cast<uint64_t>(problem.batches);
  return PrepareDispatch(device, call, plan);
}

Status Record(CommandList& commands, PreparedKernel& kernel, const KernelCall& call,
              const DeviceTensor&) {
  return RecordDispatch(commands, kernel, call);
}

}  // namespace stint::gpu::matmul
