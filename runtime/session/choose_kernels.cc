// Third stage of a bind: who runs an op. Devices are asked in order; among the rows of the first
// one that accepts, the least predicted time wins, and a row whose Prepare refuses makes place for
// the next. A prologue or epilogue that a row does not run becomes a Map on the same device, so
// that neither is ever a reason to refuse. Every refusal is kept, for those who ask why.
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

// A tensor without gaps whose axes lie in memory in the order of those of `like`, so that kernels
// that want channels last find them so.
DeviceTensor DenseLike(const TensorView& like, DType dtype) {
  DeviceTensor tensor;
  tensor.view.dtype = dtype;
  tensor.view.rank = like.rank;
  std::copy_n(like.extents, like.rank, tensor.view.extents);
  int order[kMaxRank];  // Axes, innermost first.
  for (int i = 0; i < like.rank; ++i) {
    int place = i;
    const int axis = like.rank - 1 - i;
    const bool ordered = like.extents[axis] > 1 && like.strides[axis] > 0;
    for (; ordered && place > 0; --place) {
      const int inner = order[place - 1];
      if (like.extents[inner] != 1 && like.strides[inner] <= like.strides[axis]) break;
      order[place] = inner;
    }
    order[place] = axis;
  }
  int64_t stride = 1;
  for (int i = 0; i < like.rank; ++i) {
    tensor.view.strides[order[i]] = stride;
    stride *= like.extents[order[i]];
  }
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

double Binder::Seconds(uint32_t device, const KernelRate* rate, const Work& work) const {
  const DeviceInfo& info = devices_[device]->info();
  if (rate != nullptr && info.profile != nullptr) {
    return PredictSeconds(*info.profile, *rate, work);
  }
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

// A device that only refuses has not failed: the bind goes on, and may fail by something else.
Status Binder::Blame(uint32_t device, Status status) {
  if (!status.ok() && status.code() != Code::kUnsupported) failed_device_ = device;
  return status;
}

Status Binder::AddRefusal(uint32_t device, const char* kernel, const char* reason) {
  if (current_op_ == kNoIndex) return {};
  return binding_->refusals.Push({current_op_, device, kernel, reason});
}

// Asks a row for the call, fused if the row can; else with its programs split off. Gives the reason
// of a refusal, or nullptr and fills in *candidate. `splits`: the call as rows see it that run both
// programs, one of them, or none; made when first needed.
const char* Binder::SeeCall(uint32_t device, const BoundCall& call, uint32_t row, BoundCall* splits,
                            Candidate* candidate, Status* error) {
  const Kernel& kernel = devices_[device]->kernels()[row];
  const DeviceInfo& info = devices_[device]->info();
  const bool prologue = PrologueOf(*call.op, call.attributes) != nullptr;
  const bool epilogue = EpilogueOf(*call.op, call.attributes) != nullptr;
  const char* reason = nullptr;
  for (const bool fused : {true, false}) {
    const bool split_prologue = prologue && !(fused && kernel.runs_prologue);
    const bool split_epilogue = epilogue && !(fused && kernel.runs_epilogue);
    const bool seen_before = !fused && split_prologue == (prologue && !kernel.runs_prologue) &&
                             split_epilogue == (epilogue && !kernel.runs_epilogue);
    if (seen_before) break;
    const BoundCall* seen = &call;
    if (split_prologue || split_epilogue) {
      BoundCall& split = splits[(split_prologue ? 2 : 0) + (split_epilogue ? 1 : 0)];
      if (split.op == nullptr) *error = SplitCore(call, split_prologue, split_epilogue, &split);
      if (!error->ok()) return nullptr;
      seen = &split;
    }
    reason = kernel.reject(seen->Call(), info);
    if (reason != nullptr) continue;
    *candidate = {&kernel, split_prologue, split_epilogue, 0, 1, row};
    candidate->seconds = Seconds(device, kernel.rate, kernel.cost(seen->Call(), info));
    candidate->handicap = NeedsUnpacking(device, kernel, seen->Call()) ? kUnpackedGain : 1;
    // A split program reads and writes its tensor once more.
    const auto elements = static_cast<double>(ElementCount(call.results[0].view));
    candidate->seconds +=
        (split_prologue + split_epilogue) * Seconds(device, kernel.rate, {0, 8 * elements});
    break;
  }
  return reason;
}

Status Binder::CollectCandidates(uint32_t device, const BoundCall& call,
                                 Array<Candidate>* candidates) {
  const std::span<const Kernel> rows = devices_[device]->kernels();
  BoundCall splits[4];
  bool has_row = false;
  for (uint32_t i = 0; i < rows.size(); ++i) {
    if (rows[i].op != call.op->kind) continue;
    has_row = true;
    Candidate candidate;
    Status error;
    const char* const reason = SeeCall(device, call, i, splits, &candidate, &error);
    STINT_TRY(std::move(error));
    if (reason != nullptr) {
      STINT_TRY(AddRefusal(device, rows[i].name, reason));
    } else {
      STINT_TRY(candidates->Push(candidate));
    }
  }
  if (!has_row) STINT_TRY(AddRefusal(device, "", "has no kernel for it"));
  std::sort(candidates->begin(), candidates->end(), [](const Candidate& a, const Candidate& b) {
    const double a_seconds = a.seconds * a.handicap;
    const double b_seconds = b.seconds * b.handicap;
    return a_seconds != b_seconds ? a_seconds < b_seconds : a.row < b.row;
  });
  return {};
}

Status Binder::PrepareMap(uint32_t device, BoundCall&& call, Array<Part>* parts) {
  Chosen chosen;
  STINT_TRY(ChooseOn(device, call, &chosen));
  return parts->Push(std::move(chosen.parts[0]));
}

bool Binder::TakesLayout(uint32_t device, const Kernel& kernel, Layout layout) const {
  if (layout == Layout::kDense) return true;
  return HasHostMemory(device) && (kernel.packed >> static_cast<uint32_t>(layout) & 1) != 0;
}

bool Binder::NeedsUnpacking(uint32_t device, const Kernel& kernel, const KernelCall& call) const {
  for (const DeviceTensor& operand : call.operands) {
    if (!TakesLayout(device, kernel, operand.layout)) return true;
  }
  return false;
}

// Gives the kernel dense constants where it does not take packed ones.
Status Binder::UnpackConstants(uint32_t device, const Kernel& kernel, BoundCall* call) {
  for (size_t i = 0; i < call->operands.size(); ++i) {
    DeviceTensor& tensor = call->operands[i];
    if (TakesLayout(device, kernel, tensor.layout)) continue;
    STINT_TRY(UnpackConstant(call->operand_values[i], &tensor));
  }
  return {};
}

// Gives a tensor that sees a packed constant the dense one.
Status Binder::UnpackConstant(uint32_t value, DeviceTensor* tensor) {
  const uint32_t constant = function_.values[value].constant;
  const TensorView whole = binding_->values[value].Dense();
  STINT_ASSIGN(const uint8_t* const bytes, buffers_.unpacked.Find(plan_, constant, whole));
  tensor->layout = Layout::kDense;
  tensor->constant = bytes + tensor->offset;
  return {};
}

Status Binder::CountHeld(uint64_t bytes) {
  held_bytes_ += bytes;
  if (held_bytes_ <= most_held_bytes_) return {};
  return Error(Code::kLimit, "kernels",
               "found %llu bytes of tables and packed weights, allowed %llu",
               static_cast<unsigned long long>(held_bytes_),
               static_cast<unsigned long long>(most_held_bytes_));
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
  STINT_TRY(UnpackConstants(device, *candidate.kernel, &part.call));
  auto prepared = candidate.kernel->prepare(*devices_[device], part.call.Call());
  if (!prepared.ok()) return Blame(device, prepared.TakeStatus());
  part.prepared = std::move(*prepared);
  STINT_TRY(CountHeld(part.prepared->held_bytes));
  for (size_t i = 0; i < std::min<size_t>(part.call.operands.size(), 32); ++i) {
    const DeviceTensor& operand = part.call.operands[i];
    if (operand.layout == Layout::kDense || (part.prepared->unread >> i & 1) == 0) continue;
    plan_.Release(function_.values[part.call.operand_values[i]].constant);
  }
  part.seconds = candidate.seconds;
  STINT_TRY(parts->Push(std::move(part)));
  if (candidate.split_epilogue) {
    BoundCall map;
    STINT_TRY(SplitEpilogue(call, &map));
    STINT_TRY(PrepareMap(device, std::move(map), parts));
  }
  return {};
}

Status Binder::ChooseOn(uint32_t device, const BoundCall& call, Chosen* chosen) {
  const size_t first_refusal = binding_->refusals.size();
  Array<Candidate> candidates;
  STINT_TRY(CollectCandidates(device, call, &candidates));
  const auto& refusals = binding_->refusals;
  const char* const reason =
      refusals.size() > first_refusal ? refusals[first_refusal].reason : "has no kernel for it";
  Status error =
      Error(Code::kUnsupported, call.op->name, "found that %s %s, allowed another device",
            devices_[device]->info().name, reason);
  for (const Candidate& candidate : candidates) {
    chosen->device = device;
    chosen->parts.Clear();
    error = PrepareCandidate(device, call, candidate, &chosen->parts);
    if (error.code() != Code::kUnsupported) break;
    STINT_TRY(AddRefusal(device, candidate.kernel->name, "could not be prepared"));
  }
  return error;
}

Result<Binder::Chosen> Binder::Choose(const BoundCall& call) {
  Status first;
  for (uint32_t device = 0; device < devices_.size(); ++device) {
    if ((excluded_ >> device & 1) != 0) continue;
    Chosen chosen;
    Status status = ChooseOn(device, call, &chosen);
    if (status.ok()) return chosen;
    if (status.code() != Code::kUnsupported || options_.no_fallback) return status;
    if (first.ok()) first = std::move(status);
  }
  return first;
}

Result<Binder::Chosen> Binder::ChooseFrom(uint32_t preferred, const BoundCall& call) {
  Chosen chosen;
  Status status = ChooseOn(preferred, call, &chosen);
  if (status.ok()) return chosen;
  if (status.code() != Code::kUnsupported) return status;
  return Choose(call);
}

}  // namespace stint
