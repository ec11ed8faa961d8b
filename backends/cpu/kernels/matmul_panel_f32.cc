// Matrix products of float32 rows with a constant matrix in panels, which is read where the plan
// has it: each row of A is a pixel of a 1x1 convolution.
#include "backends/cpu/kernel_table.h"
#include "backends/cpu/kernels/float_call.h"
#include "backends/cpu/kernels/nhwc_call.h"
#include "runtime/ops/matmul.h"

namespace stint::cpu::matmul_panel_f32 {

namespace {

class ProductKernel final : public PreparedKernel {
 public:
  ConvPlan plan;
  FinishMatch match;
  size_t residual = 0;  // Operand; 0: none.
};

// All axes but the last as one run of rows, whose distance is *row; false: they are no such run.
bool RowsOf(const TensorView& view, int64_t* rows, int64_t* row) {
  const int last = view.rank - 1;
  if (view.extents[last] != 1 && view.strides[last] != 1) return false;
  *rows = 1;
  *row = view.extents[last];
  for (int axis = last - 1; axis >= 0; --axis) {
    if (view.extents[axis] == 1) continue;
    if (*rows == 1) {
      *row = view.strides[axis];
    } else if (view.strides[axis] != *row * *rows) {
      return false;
    }
    *rows *= view.extents[axis];
  }
  return *row >= view.extents[last];
}

bool IsPanels(const DeviceTensor& weights) {
  const TensorView& view = weights.view;
  return weights.layout == Layout::kPanel16 && weights.offset == 0 && view.rank == 2 &&
         (view.extents[0] == 1 || view.strides[0] == 1) &&
         (view.extents[1] == 1 || view.strides[1] == view.extents[0]);
}

size_t ResidualOperand(const KernelCall& call, const FinishMatch& match) {
  const MapProgram* const program = EpilogueOf(*call.op, call.attributes);
  if (match.residual == 0) return 0;
  return call.operands.size() - static_cast<size_t>(program->input_count - match.residual);
}

const char* RejectEpilogue(const KernelCall& call) {
  const MapProgram* const program = EpilogueOf(*call.op, call.attributes);
  if (program == nullptr) return nullptr;
  FinishMatch match;
  if (!MatchFinish(*program, &match) || program->input_count > 2) {
    return "needs an activation that it does in registers";
  }
  const size_t operand = ResidualOperand(call, match);
  if (operand == 0) return nullptr;
  const TensorView& residual = call.operands[operand].view;
  const TensorView& y = call.results[0].view;
  if (residual.rank != y.rank || !IsDense(residual) || ElementCount(residual) != ElementCount(y)) {
    return "needs a residual that lies like the result";
  }
  return nullptr;
}

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo&) {
  if (!IsFloat32(call, 5)) return "needs float32";
  if (!IsPanels(call.operands[1])) return "needs a constant matrix in panels";
  int64_t rows = 0;
  int64_t row = 0;
  if (!RowsOf(call.operands[0].view, &rows, &row)) return "needs rows that lie evenly";
  if (!IsDense(call.results[0].view)) return "needs a dense result";
  const TensorView& a = call.operands[0].view;
  if (ElementCount(a) == 0) return "needs elements";
  if (HasOperand(call, 2)) {
    const TensorView& bias = call.operands[2].view;
    const TensorView& y = call.results[0].view;
    if (bias.rank != 1 || bias.extents[0] != y.extents[y.rank - 1] || !IsDense(bias)) {
      return "needs a bias for each column";
    }
  }
  return RejectEpilogue(call);
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  const TensorView& a = call.operands[0].view;
  const auto depth = static_cast<double>(a.extents[a.rank - 1]);
  return {static_cast<double>(ElementCount(call.results[0].view)) * depth, BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  STINT_ASSIGN(auto kernel, Make<ProductKernel>());
  const TensorView& a = call.operands[0].view;
  const TensorView& y = call.results[0].view;
  int64_t rows = 0;
  int64_t row = 0;
  RowsOf(a, &rows, &row);
  const int64_t columns = y.extents[y.rank - 1];
  STINT_ASSIGN(kernel->plan,
               PlanConv(*static_cast<CpuDevice&>(device).nhwc().panel,
                        ProductShape(rows, a.extents[a.rank - 1], columns, row, columns)));
  const MapProgram* const program = EpilogueOf(*call.op, call.attributes);
  if (program != nullptr && MatchFinish(*program, &kernel->match)) {
    kernel->residual = ResidualOperand(call, kernel->match);
  }
  return std::unique_ptr<PreparedKernel>(std::move(kernel));
}

Status Run(const Execution& execution) {
  const auto& kernel = static_cast<const ProductKernel&>(execution.kernel);
  const ConvPlan& plan = kernel.plan;
  Finish finish = FinishOf(kernel.match);
  const TensorView bias = execution.Operand(2);
  if (bias.present()) finish.bias = bias.as<const float>();
  ConvData data;
  data.x = execution.Operand(0).as<const float>();
  data.weights = execution.Operand(1).as<const float>();
  data.finish = &finish;
  if (kernel.residual != 0) {
    data.residual = execution.Operand(kernel.residual).as<const float>();
    data.residual_pixel = plan.shape.out_pixel;
  }
  data.y = execution.Result(0).as<float>();
  const int64_t threads = execution.threads.threads();
  const bool by_groups = plan.groups >= threads && (plan.weights_outer || plan.units < 4 * threads);
  execution.threads.ForEach(threads, [&](int64_t part, int) {
    RunConv(plan, data, by_groups ? IndexRange{0, plan.units} : PartOf(plan.units, part, threads),
            by_groups ? PartOf(plan.groups, part, threads) : IndexRange{0, plan.groups});
  });
  return {};
}

}  // namespace stint::cpu::matmul_panel_f32
