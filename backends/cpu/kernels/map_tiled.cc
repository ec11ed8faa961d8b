// Map by tiles, shared out over threads in ranges of elements.
#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

#include "backends/cpu/kernel_table.h"
#include "backends/cpu/kernels/float_call.h"
#include "runtime/base/checked.h"
#include "runtime/ops/map.h"
#include "runtime/ops/map/run_map.h"
#include "runtime/ops/map/run_map_tiles.h"

namespace stint::cpu::map_tiled {

namespace {

constexpr int64_t kElementsPerTask = 16384;

bool UsesCoordinates(const MapProgram& program) {
  const auto* const end = program.instructions + program.instruction_count;
  return std::any_of(program.instructions, end, [](const MapInstruction& instruction) {
    return instruction.opcode == MapOpcode::kIota;
  });
}

void SwapAxes(TensorView& view, int a, int b) {
  std::swap(view.extents[a], view.extents[b]);
  std::swap(view.strides[a], view.strides[b]);
}

// Brings the axes into the order in which the first result lies in memory.
void SortAxes(std::span<TensorView> inputs, std::span<TensorView> outputs) {
  const int rank = outputs[0].rank;
  for (int axis = 1; axis < rank; ++axis) {
    for (int at = axis; at > 0; --at) {
      const TensorView& result = outputs[0];
      const bool moves = result.extents[at - 1] == 1 || result.extents[at] == 1
                             ? result.extents[at] == 1 && result.extents[at - 1] != 1
                             : std::abs(result.strides[at - 1]) < std::abs(result.strides[at]);
      if (!moves) break;
      for (TensorView& view : inputs) SwapAxes(view, at - 1, at);
      for (TensorView& view : outputs) SwapAxes(view, at - 1, at);
    }
  }
}

}  // namespace

const char* Reject(const KernelCall&, const DeviceInfo&) { return nullptr; }

Work Cost(const KernelCall& call, const DeviceInfo&) {
  const auto& program = call.as<MapAttributes>().program;
  const auto elements = static_cast<double>(ElementCount(call.results[0].view));
  return {elements * program.instruction_count, BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall& call) {
  STINT_ASSIGN(auto kernel, Make<PreparedKernel>());
  const int64_t tasks = CeilDivide(ElementCount(call.results[0].view), kElementsPerTask);
  const auto threads = static_cast<uint64_t>(std::min<int64_t>(tasks, ThreadsOf(device)));
  kernel->scratch_bytes = threads * sizeof(MapTileScratch);
  return kernel;
}

Status Run(const Execution& execution) {
  const auto& program = execution.as<MapAttributes>().program;
  TensorView inputs[kMapMaxInputs];
  TensorView outputs[kMapMaxOutputs];
  for (size_t i = 0; i < program.output_count; ++i) outputs[i] = execution.Result(i);
  for (size_t i = 0; i < program.input_count; ++i) {
    inputs[i] = BroadcastTo(execution.Operand(i), outputs[0]);
  }
  if (!UsesCoordinates(program)) {
    SortAxes({inputs, program.input_count}, {outputs, program.output_count});
  }
  auto* const scratch = reinterpret_cast<MapTileScratch*>(execution.scratch);
  const uint64_t slots = execution.kernel.scratch_bytes / sizeof(MapTileScratch);
  for (uint64_t i = 0; i < slots; ++i) new (scratch + i) MapTileScratch;
  const int64_t elements = ElementCount(outputs[0]);
  const int64_t tasks = CeilDivide(elements, kElementsPerTask);
  // Each thread takes one range; with fewer tasks than threads some have none.
  const auto parts = static_cast<int64_t>(slots);
  execution.threads.ForEach(parts, [&](int64_t part, int) {
    const int64_t begin = tasks * part / parts * kElementsPerTask;
    const int64_t end = std::min(tasks * (part + 1) / parts * kElementsPerTask, elements);
    RunMapTensorsTiled(program, {inputs, program.input_count}, {outputs, program.output_count},
                       scratch[part], begin, end);
  });
  return {};
}

}  // namespace stint::cpu::map_tiled
