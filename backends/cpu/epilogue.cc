#include "backends/cpu/epilogue.h"

#include <algorithm>
#include <new>

#include "runtime/ops/map/run_map.h"
#include "runtime/ops/walk.h"

namespace stint::cpu {

namespace {

// The epilogue's operands stand last in a call.
size_t FirstOperand(const KernelCall& call, const MapProgram& program) {
  return call.operands.size() - (program.input_count - 1u);
}

}  // namespace

bool FlatStride(const TensorView& view, int first, int64_t* stride) {
  int64_t expected = 0;
  *stride = 0;
  for (int axis = view.rank - 1; axis >= first; --axis) {
    if (view.extents[axis] == 1) continue;
    if (expected == 0) {
      *stride = view.strides[axis];
      expected = 1;
    }
    if (view.strides[axis] != *stride * expected) return false;
    expected *= view.extents[axis];
  }
  return true;
}

const char* Epilogue::Reject(const KernelCall& call, int column_axis) {
  const MapProgram* const program = EpilogueOf(*call.op, call.attributes);
  if (program == nullptr) return nullptr;
  if (program->inputs[0] != DType::kFloat32 || program->outputs[0] != DType::kFloat32) {
    return "needs a float32 epilogue";
  }
  for (int i = 0; i < program->instruction_count; ++i) {
    if (program->instructions[i].opcode == MapOpcode::kIota) {
      return "needs an epilogue without coordinates";
    }
  }
  const size_t first = FirstOperand(call, *program);
  for (size_t i = first; i < call.operands.size(); ++i) {
    const TensorView view = BroadcastTo(call.operands[i].view, call.results[0].view);
    int64_t stride = 0;
    if (!FlatStride(view, column_axis, &stride)) {
      return "needs epilogue operands that lie flat along the columns";
    }
  }
  return nullptr;
}

void Epilogue::Init(const KernelCall& call, int column_axis) {
  program_ = EpilogueOf(*call.op, call.attributes);
  if (program_ == nullptr) return;
  const TensorView& result = call.results[0].view;
  row_axes_ = column_axis;
  std::copy_n(result.extents, column_axis, row_extents_);
  const size_t first = FirstOperand(call, *program_);
  for (size_t i = first; i < call.operands.size(); ++i) {
    const TensorView view = BroadcastTo(call.operands[i].view, result);
    Operand& operand = operands_[operand_count_++];
    operand.index = i;
    operand.element_bytes = BytesOf(view.dtype);
    for (int axis = 0; axis < column_axis; ++axis) {
      operand.row_strides[axis] = view.strides[axis] * operand.element_bytes;
    }
    FlatStride(view, column_axis, &operand.column_stride);
  }
}

void Epilogue::Begin(const Execution& execution, uint64_t thread_bytes) {
  if (!present()) return;
  thread_bytes_ = thread_bytes;
  for (int thread = 0; thread < execution.threads.threads(); ++thread) {
    new (ScratchAt(execution.ThreadScratch(thread, thread_bytes))) MapTileScratch;
  }
  for (int i = 0; i < operand_count_; ++i) {
    operands_[i].data = execution.Operand(operands_[i].index).as<const std::byte>();
  }
}

void Epilogue::Run(int64_t row, int64_t column, int64_t count, float* elements,
                   std::byte* memory) const {
  auto& scratch = *reinterpret_cast<MapTileScratch*>(ScratchAt(memory));
  TileInput inputs[kMapMaxInputs];
  int64_t offsets[kMapMaxInputs] = {};
  ForCoordinates(row, row_axes_, row_extents_, -1, [&](int axis, int64_t at) {
    for (int i = 0; i < operand_count_; ++i) offsets[i] += at * operands_[i].row_strides[axis];
  });
  for (int64_t done = 0; done < count; done += kMapTile) {
    const auto part = static_cast<int>(std::min<int64_t>(kMapTile, count - done));
    inputs[0] = {elements + done, 1};
    for (int i = 0; i < operand_count_; ++i) {
      const Operand& operand = operands_[i];
      const int64_t offset = (column + done) * operand.column_stride * operand.element_bytes;
      inputs[i + 1] = {operand.data + offsets[i] + offset, operand.column_stride};
    }
    const TileOutput output = {elements + done, 1};
    RunMapTile(*program_, inputs, {}, &output, part, scratch);
  }
}

}  // namespace stint::cpu
