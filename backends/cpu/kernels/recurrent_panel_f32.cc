// Recurrent layers of float32 whose matrices are constants in panels, read where the plan has them.
#include "backends/cpu/kernel_table.h"
#include "backends/cpu/kernels/float_call.h"
#include "backends/cpu/kernels/recurrent_layer.h"
#include "runtime/base/checked.h"

namespace stint::cpu::recurrent_panel_f32 {

namespace {

using enum recurrent::Operand;

class LayerKernel final : public PreparedKernel {
 public:
  RecurrentLayer layer;
  bool split = false;  // All threads share each product; else each has tasks of its own.
};

bool IsPanels(const DeviceTensor& weights) {
  return weights.layout == Layout::kPanel16 && weights.offset == 0 && IsDense(weights.view);
}

bool HasUnitStride(const TensorView& view) {
  return view.extents[view.rank - 1] == 1 || view.strides[view.rank - 1] == 1;
}

int64_t TasksAtOnce(const LayerKernel& kernel, int64_t threads) {
  return kernel.split ? 1 : std::min(kernel.layer.tasks(), threads);
}

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo&) {
  const auto& attributes = call.as<RecurrentAttributes>();
  if (call.operands[kX].view.dtype != DType::kFloat32) return "needs float32";
  for (const int i : {kW, kR}) {
    if (!IsPanels(call.operands[static_cast<size_t>(i)]))
      return "needs constant matrices in panels";
  }
  for (int64_t i = 0; i < attributes.activations.size; ++i) {
    CellFunction function;
    if (!ToCellFunction(attributes, i, &function)) {
      return "needs relu, tanh, sigmoid and hard sigmoid";
    }
  }
  if (!HasUnitStride(call.operands[kX].view) || !HasUnitStride(call.results[0].view)) {
    return "needs rows that lie together";
  }
  const bool empty =
      ElementCount(call.operands[kX].view) == 0 || ElementCount(call.results[0].view) == 0;
  return empty ? "needs elements" : nullptr;
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  const auto weights = ElementCount(call.operands[kW].view) + ElementCount(call.operands[kR].view);
  const TensorView& x = call.operands[kX].view;
  const auto rows = static_cast<double>(x.extents[0]) * static_cast<double>(x.extents[1]);
  return {rows * static_cast<double>(weights), BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  STINT_ASSIGN(auto kernel, Make<LayerKernel>());
  STINT_TRY(kernel->layer.Plan(static_cast<CpuDevice&>(device), call));
  kernel->split = kernel->layer.tasks() == 1 && kernel->layer.has_large_steps();
  const int64_t tasks = TasksAtOnce(*kernel, ThreadsOf(device));
  int64_t floats = 0;
  if (!CheckedMul(kernel->layer.task_floats(), tasks, &floats) ||
      !CheckedAdd(floats, kernel->layer.shared_floats(), &floats) || floats > INT64_MAX / 4) {
    return Error(Code::kLimit, "recurrent", "found sums of more than 2^61 floats");
  }
  kernel->scratch_bytes = static_cast<uint64_t>(floats) * sizeof(float);
  return std::unique_ptr<PreparedKernel>(std::move(kernel));
}

Status Run(const Execution& execution) {
  const auto& kernel = static_cast<const LayerKernel&>(execution.kernel);
  const RecurrentLayer& layer = kernel.layer;
  const TensorView lengths = execution.Operand(kLengths);
  const TensorView x = execution.Operand(kX);
  for (int64_t item = 0; item < x.extents[1]; ++item) {
    STINT_TRY(RecurrentLength(lengths, item, x.extents[0]).TakeStatus());
  }
  const int64_t at_once = TasksAtOnce(kernel, execution.threads.threads());
  auto* const memory = reinterpret_cast<float*>(execution.scratch);
  float* const shared = memory + at_once * layer.task_floats();
  layer.SumBiases(execution, shared);
  if (at_once == 1) {
    for (int64_t task = 0; task < layer.tasks(); ++task) {
      layer.RunTask(execution, task, kernel.split, shared, memory);
    }
    return {};
  }
  // Fewer tasks than threads may run on any of them.
  const bool by_task = at_once == layer.tasks();
  execution.threads.ForEach(layer.tasks(), [&](int64_t task, int thread) {
    const int64_t place = by_task ? task : thread;
    layer.RunTask(execution, task, false, shared, memory + place * layer.task_floats());
  });
  return {};
}

}  // namespace stint::cpu::recurrent_panel_f32
