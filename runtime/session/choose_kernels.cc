// Third stage of a bind: who runs an op. Devices are asked in order; among the rows of the first
// one that accepts, the least predicted time wins, and a row whose Prepare fails makes place for
// the next. A prologue or epilogue that a row does not run becomes a Map on the same device, so
// that neither is ever a reason to refuse.
#include <algorithm>
#include <cstring>

#include "runtime/ops/map.h"
#include "runtime/session/binder.h"

namespace stint {

namespace {

// The value of a tensor between the parts of a split op: given a number when the parts are emitted.
constexpr uint32_t kBetweenParts = 0xfffffffe;

size_t ExtraInputs(const MapProgram* program) {
  return program == nullptr || program->input_count == 0 ? 0 : program->input_count - 1u;
}

// The type in which a split-off tensor keeps what the fused op would have kept in registers.
DType Between(const OpInfo& op, DType dtype) {
  const bool half = dtype == DType::kFloat16 || dtype == DType::kBFloat16;
  return op.keeps_precision && half ? DType::kFloat32 : dtype;
}

DeviceTensor DenseLike(const TensorView& like, DType dtype) {
  DeviceTensor tensor;
  tensor.view.dtype = dtype;
  tensor.view.rank = like.rank;
  std::copy_n(like.extents, like.rank, tensor.view.extents);
  DenseStrides(like.rank, tensor.view.extents, tensor.view.strides);
  return tensor;
}

void InitMap(void* attributes, const MapProgram& program, const TensorView& result) {
  kMapOp.construct(attributes);
  auto& map = *static_cast<MapAttributes*>(attributes);
  map.program = program;
  map.has_extents = 1;
  for (int axis = 0; axis < result.rank; ++axis) map.extents.Push(result.extents[axis]);
}

}  // namespace

double Binder::Seconds(uint32_t device, const Work& work) const {
  const DeviceInfo& info = devices_[device]->info();
  return std::max(work.operations / info.operations_per_second, work.bytes / info.bytes_per_second);
}

Status Binder::SplitCore(const BoundCall& call, bool prologue, bool epilogue, BoundCall* core) {
  const OpInfo& op = *call.op;
  core->op = &op;
  STINT_ASSIGN(void* const attributes, binding_->NewAttributes(op.attributes_size));
  std::memcpy(attributes, call.attributes, op.attributes_size);
  core->attributes = attributes;
  size_t count = call.operands.size();
  size_t skipped = 0;  // Operands of the prologue, which stand after those of the core op.
  if (epilogue) count -= ExtraInputs(EpilogueOf(op, call.attributes));
  if (prologue) skipped = ExtraInputs(PrologueOf(op, call.attributes));
  const auto core_count = static_cast<size_t>(op.core_operands);
  for (size_t i = 0; i < count; ++i) {
    if (i >= core_count && i < core_count + skipped) continue;
    STINT_TRY(core->AddOperand(call.operands[i], call.operand_values[i]));
  }
  for (size_t i = 0; i < call.results.size(); ++i) {
    STINT_TRY(core->AddResult(call.results[i], call.result_values[i]));
  }
  if (prologue) {
    auto& program = FieldAs<MapProgram>(*op.prologue, attributes);
    core->operands[0] = DenseLike(call.operands[0].view, Between(op, program.outputs[0]));
    core->operand_values[0] = kBetweenParts;
    program = MapProgram();
  }
  if (epilogue) {
    auto& program = FieldAs<MapProgram>(*op.epilogue, attributes);
    core->results[0] = DenseLike(call.results[0].view, Between(op, program.inputs[0]));
    core->result_values[0] = kBetweenParts;
    program = MapProgram();
  }
  return {};
}

Status Binder::SplitPrologue(const BoundCall& call, BoundCall* map) {
  MapProgram program = *PrologueOf(*call.op, call.attributes);
  program.outputs[0] = Between(*call.op, program.outputs[0]);
  STINT_ASSIGN(void* const attributes, binding_->NewAttributes(sizeof(MapAttributes)));
  const DeviceTensor result = DenseLike(call.operands[0].view, program.outputs[0]);
  InitMap(attributes, program, result.view);
  map->op = &kMapOp;
  map->attributes = attributes;
  STINT_TRY(map->AddOperand(call.operands[0], call.operand_values[0]));
  for (size_t i = 0; i < ExtraInputs(&program); ++i) {
    const size_t operand = static_cast<size_t>(call.op->core_operands) + i;
    STINT_TRY(map->AddOperand(call.operands[operand], call.operand_values[operand]));
  }
  return map->AddResult(result, kBetweenParts);
}

Status Binder::SplitEpilogue(const BoundCall& call, BoundCall* map) {
  MapProgram program = *EpilogueOf(*call.op, call.attributes);
  program.inputs[0] = Between(*call.op, program.inputs[0]);
  STINT_ASSIGN(void* const attributes, binding_->NewAttributes(sizeof(MapAttributes)));
  InitMap(attributes, program, call.results[0].view);
  map->op = &kMapOp;
  map->attributes = attributes;
  STINT_TRY(map->AddOperand(DenseLike(call.results[0].view, program.inputs[0]), kBetweenParts));
  const size_t first = static_cast<size_t>(call.op->core_operands) +
                       ExtraInputs(PrologueOf(*call.op, call.attributes));
  for (size_t i = 0; i < ExtraInputs(&program); ++i) {
    STINT_TRY(map->AddOperand(call.operands[first + i], call.operand_values[first + i]));
  }
  return map->AddResult(call.results[0], call.result_values[0]);
}

Status Binder::CollectCandidates(uint32_t device, const BoundCall& call,
                                 Array<Candidate>* candidates, const char** reason) {
  const bool prologue = PrologueOf(*call.op, call.attributes) != nullptr;
  const bool epilogue = EpilogueOf(*call.op, call.attributes) != nullptr;
  const std::span<const Kernel> rows = devices_[device]->kernels();
  // The call as rows see it that run both programs, one of them, or none; made when first needed.
  BoundCall splits[4];
  for (uint32_t i = 0; i < rows.size(); ++i) {
    if (rows[i].op != call.op->kind) continue;
    // Fused if the row can; else with its programs split off.
    const bool can_prologue = !prologue || rows[i].runs_prologue;
    const bool can_epilogue = !epilogue || rows[i].runs_epilogue;
    for (int attempt = 0; attempt < 2; ++attempt) {
      const bool split_prologue = attempt == 0 ? !can_prologue : prologue;
      const bool split_epilogue = attempt == 0 ? !can_epilogue : epilogue;
      if (attempt == 1 && split_prologue == !can_prologue && split_epilogue == !can_epilogue) break;
      const BoundCall* seen = &call;
      if (split_prologue || split_epilogue) {
        BoundCall& split = splits[(split_prologue ? 2 : 0) + (split_epilogue ? 1 : 0)];
        if (split.op == nullptr) STINT_TRY(SplitCore(call, split_prologue, split_epilogue, &split));
        seen = &split;
      }
      const char* const refusal = rows[i].reject(seen->Call());
      if (refusal != nullptr) {
        if (*reason == nullptr) *reason = refusal;
        continue;
      }
      Candidate candidate{&rows[i], split_prologue, split_epilogue, 0, i};
      candidate.seconds = Seconds(device, rows[i].cost(seen->Call()));
      // A split program reads and writes its tensor once more.
      const auto elements = static_cast<double>(ElementCount(call.results[0].view));
      candidate.seconds += (split_prologue + split_epilogue) * Seconds(device, {0, 8 * elements});
      STINT_TRY(candidates->Push(candidate));
      break;
    }
  }
  std::sort(candidates->begin(), candidates->end(), [](const Candidate& a, const Candidate& b) {
    return a.seconds != b.seconds ? a.seconds < b.seconds : a.row < b.row;
  });
  return {};
}

Status Binder::PrepareMap(uint32_t device, BoundCall&& call, Array<Part>* parts) {
  Chosen chosen;
  STINT_TRY(ChooseOn(device, call, &chosen));
  return parts->Push(std::move(chosen.parts[0]));
}

Status Binder::PrepareCandidate(uint32_t device, const BoundCall& call, const Candidate& candidate,
                                Array<Part>* parts) {
  if (candidate.split_prologue) {
    BoundCall map;
    STINT_TRY(SplitPrologue(call, &map));
    STINT_TRY(PrepareMap(device, std::move(map), parts));
  }
  Part part;
  STINT_TRY(SplitCore(call, candidate.split_prologue, candidate.split_epilogue, &part.call));
  part.kernel = candidate.kernel;
  STINT_ASSIGN(part.prepared, candidate.kernel->prepare(*devices_[device], part.call.Call()));
  STINT_TRY(parts->Push(std::move(part)));
  if (candidate.split_epilogue) {
    BoundCall map;
    STINT_TRY(SplitEpilogue(call, &map));
    STINT_TRY(PrepareMap(device, std::move(map), parts));
  }
  return {};
}

Status Binder::ChooseOn(uint32_t device, const BoundCall& call, Chosen* chosen) {
  const char* reason = nullptr;
  Array<Candidate> candidates;
  STINT_TRY(CollectCandidates(device, call, &candidates, &reason));
  const char* const name = devices_[device]->info().name;
  Status error =
      Error(Code::kUnsupported, call.op->name, "found that %s %s, allowed another device", name,
            reason != nullptr ? reason : "has no kernel for it");
  for (const Candidate& candidate : candidates) {
    chosen->device = device;
    chosen->parts.Clear();
    error = PrepareCandidate(device, call, candidate, &chosen->parts);
    if (error.ok()) return {};
    if (error.code() != Code::kUnsupported && error.code() != Code::kUnavailable) break;
  }
  return error;
}

Result<Binder::Chosen> Binder::Choose(const BoundCall& call) {
  Status first;
  for (uint32_t device = 0; device < devices_.size(); ++device) {
    Chosen chosen;
    Status status = ChooseOn(device, call, &chosen);
    if (status.ok()) return chosen;
    const bool refused = status.code() == Code::kUnsupported || status.code() == Code::kUnavailable;
    if (!refused || options_.no_fallback) return status;
    if (first.ok()) first = std::move(status);
  }
  return first;
}

}  // namespace stint
