// The table itself, and what is the same for every op: attribute and operand checks around the
// shape functions, prologue and epilogue around the reference kernels.
#include "runtime/ops/op_table.h"

#include <algorithm>

#include "runtime/base/array.h"
#include "runtime/base/checked.h"
#include "runtime/base/text.h"
#include "runtime/ops/map/run_map.h"
#include "runtime/ops/shape_checks.h"

namespace stint {

namespace {

constexpr const OpInfo* kOps[] = {
#define STINT_OP(id, Name) &k##Name##Op,
#include "runtime/ops/ops.inc"
#undef STINT_OP
};

const MapProgram* ProgramIn(const Field* field, const void* attributes) {
  if (field == nullptr) return nullptr;
  const auto& program = FieldAs<MapProgram>(*field, attributes);
  return program.present() ? &program : nullptr;
}

// The operands of a program that are not what it transforms.
int ExtraInputs(const MapProgram* program) {
  return program == nullptr ? 0 : std::max(program->input_count - 1, 0);
}

Status CheckOperandShape(const TensorShape& operand, int index) {
  const Formatted<> where("operand %d", index);
  if (BytesOf(operand.dtype) == 0) {
    return Error(Code::kInvalid, where.c_str(), "found dtype %d, allowed 1 to %d",
                 static_cast<int>(operand.dtype), kDTypeCount - 1);
  }
  STINT_TRY(CheckExtents(where.c_str(), operand));
  return CheckBytes(where.c_str(), operand);
}

Status CheckOperands(const OpInfo& op, const void* attributes,
                     std::span<const TensorShape> operands) {
  const int count = static_cast<int>(std::min<size_t>(operands.size(), INT32_MAX));
  const int limit = OperandLimit(op, attributes);
  const int least = limit > op.core_operands ? limit : op.required_operands;
  if (count < least || count > limit) {
    return Error(Code::kInvalid, "operands", "found %d, allowed %d to %d", count, least, limit);
  }
  for (int i = 0; i < count; ++i) {
    const bool optional = i >= op.required_operands && i < op.core_operands && !op.variadic;
    if (operands[i].present()) {
      STINT_TRY(CheckOperandShape(operands[i], i));
    } else if (!optional) {
      return Error(Code::kInvalid, Formatted<>("operand %d", i).c_str(),
                   "found none, allowed a tensor");
    }
  }
  return {};
}

// What a prologue or epilogue requires: `input` as its input 0 and `extra` after it, which
// broadcast to it.
Status CheckProgram(const MapProgram& program, const char* where, const TensorShape& input,
                    std::span<const TensorShape> extra, DimContext& dims) {
  if (program.input_count == 0 || program.output_count != 1) {
    return Error(Code::kInvalid, where, "found %d inputs and %d outputs, allowed 1 or more and 1",
                 program.input_count, program.output_count);
  }
  if (program.inputs[0] != input.dtype) {
    return Error(Code::kInvalid, where, "found %s as input 0, allowed %s",
                 NameOf(program.inputs[0]), NameOf(input.dtype));
  }
  STINT_TRY(CheckIota(program, where, input.rank));
  for (size_t i = 0; i < extra.size(); ++i) {
    if (program.inputs[i + 1] != extra[i].dtype) {
      return Error(Code::kInvalid, where, "found a %s operand as input %d, allowed %s",
                   NameOf(extra[i].dtype), static_cast<int>(i) + 1, NameOf(program.inputs[i + 1]));
    }
    STINT_TRY(RequireBroadcast(where, extra[i], input, dims));
  }
  return {};
}

Status CheckResults(const OpInfo& op, std::span<const TensorShape> results) {
  for (int i = 0; i < op.core_results; ++i) {
    const Formatted<> where("result %d", i);
    if (!results[i].present()) continue;
    STINT_TRY(CheckExtents(where.c_str(), results[i]));
    STINT_TRY(CheckBytes(where.c_str(), results[i]));
  }
  return {};
}

Status Infer(const OpInfo& op, const void* attributes, std::span<const TensorShape> operands,
             DimContext& dims, std::span<TensorShape> results) {
  STINT_TRY(CheckAttributes(op.fields, attributes));
  STINT_TRY(CheckOperands(op, attributes, operands));
  TensorShape core[kMaxCoreOperands];
  const size_t given = std::min<size_t>(operands.size(), op.core_operands);
  std::copy_n(operands.begin(), given, core);
  std::span<const TensorShape> extra = operands.subspan(given);

  if (const MapProgram* prologue = PrologueOf(op, attributes); prologue != nullptr) {
    const size_t count = ExtraInputs(prologue);
    STINT_TRY(CheckProgram(*prologue, "prologue", core[0], extra.first(count), dims));
    core[0].dtype = prologue->outputs[0];
    extra = extra.subspan(count);
  }
  const size_t count = op.variadic ? given : op.core_operands;
  STINT_TRY(op.infer({attributes, {core, count}}, dims, results));
  if (!dims.ok()) return dims.TakeStatus();
  STINT_TRY(CheckResults(op, results));
  if (const MapProgram* epilogue = EpilogueOf(op, attributes); epilogue != nullptr) {
    STINT_TRY(CheckProgram(*epilogue, "epilogue", results[0], extra, dims));
    results[0].dtype = epilogue->outputs[0];
  }
  return dims.ok() ? Status() : dims.TakeStatus();
}

// The type in which a value of `dtype` passes between core op and programs.
DType Between(const OpInfo& op, DType dtype) {
  const bool half = dtype == DType::kFloat16 || dtype == DType::kBFloat16;
  return op.keeps_precision && half ? DType::kFloat32 : dtype;
}

// A dense tensor with memory of its own.
class OwnTensor {
 public:
  Status Allocate(const TensorView& like, DType dtype) {
    int64_t bytes = 0;
    if (!CheckedMul(ElementCount(like), BytesOf(dtype), &bytes)) {
      return OutOfMemory("reference kernel", UINT64_MAX);
    }
    STINT_TRY(memory_.Reserve(static_cast<size_t>(bytes)));
    view_ = like;
    view_.data = memory_.data();
    view_.dtype = dtype;
    DenseStrides(view_.rank, view_.extents, view_.strides);
    return {};
  }
  const TensorView& view() const { return view_; }

 private:
  Array<uint8_t> memory_;
  TensorView view_;
};

// `program` over `input`, which may hold a wider type than the program says, into `output`,
// likewise.
void RunProgram(const MapProgram& program, const TensorView& input,
                std::span<const TensorView> extra, const TensorView& output) {
  TensorView inputs[kMapMaxInputs] = {input};
  for (size_t i = 0; i < extra.size(); ++i) inputs[i + 1] = BroadcastTo(extra[i], output);
  MapProgram widened = program;
  widened.inputs[0] = input.dtype;
  widened.outputs[0] = output.dtype;
  RunMapTensors(widened, {inputs, extra.size() + 1}, {&output, 1});
}

// Whether the core op must not write to `result`: another type, or an operand of the epilogue lies
// there.
bool NeedsOwnTensor(DType dtype, const TensorView& result, std::span<const TensorView> extra) {
  const auto lies_there = [&](const TensorView& view) { return view.data == result.data; };
  return dtype != result.dtype || std::any_of(extra.begin(), extra.end(), lies_there);
}

}  // namespace

const OpInfo* FindOp(OpKind kind) {
  for (const OpInfo* op : kOps) {
    if (op->kind == kind) return op;
  }
  return nullptr;
}

const OpInfo* FindOp(std::string_view name) {
  for (const OpInfo* op : kOps) {
    if (op->name == name) return op;
  }
  return nullptr;
}

std::span<const OpInfo* const> AllOps() { return kOps; }

const MapProgram* PrologueOf(const OpInfo& op, const void* attributes) {
  return ProgramIn(op.prologue, attributes);
}

const MapProgram* EpilogueOf(const OpInfo& op, const void* attributes) {
  return ProgramIn(op.epilogue, attributes);
}

int OperandLimit(const OpInfo& op, const void* attributes) {
  return op.core_operands + ExtraInputs(PrologueOf(op, attributes)) +
         ExtraInputs(EpilogueOf(op, attributes));
}

Status InferOp(const OpInfo& op, const void* attributes, std::span<const TensorShape> operands,
               DimContext& dims, std::span<TensorShape> results) {
  if (results.size() < static_cast<size_t>(op.core_results)) {
    return Error(Code::kInternal, op.name, "found room for %zu results, allowed %d or more",
                 results.size(), op.core_results);
  }
  std::fill(results.begin(), results.end(), TensorShape());
  Status status = Infer(op, attributes, operands, dims, results);
  return status.ok() ? Status() : std::move(status).At(op.name);
}

Status RunReference(const OpInfo& op, const OpTensors& tensors) {
  TensorView operands[kMaxCoreOperands];
  TensorView results[kMaxCoreResults];
  const size_t given = std::min<size_t>(tensors.operands.size(), op.core_operands);
  std::copy_n(tensors.operands.begin(), given, operands);
  std::copy_n(tensors.results.begin(), std::min<size_t>(tensors.results.size(), op.core_results),
              results);
  std::span<const TensorView> extra = tensors.operands.subspan(given);

  OwnTensor input;
  if (const MapProgram* prologue = PrologueOf(op, tensors.attributes); prologue != nullptr) {
    const size_t count = ExtraInputs(prologue);
    STINT_TRY(input.Allocate(operands[0], Between(op, prologue->outputs[0])));
    RunProgram(*prologue, operands[0], extra.first(count), input.view());
    operands[0] = input.view();
    extra = extra.subspan(count);
  }
  OwnTensor output;
  const MapProgram* epilogue = EpilogueOf(op, tensors.attributes);
  if (epilogue != nullptr && NeedsOwnTensor(Between(op, epilogue->inputs[0]), results[0], extra)) {
    STINT_TRY(output.Allocate(results[0], Between(op, epilogue->inputs[0])));
    results[0] = output.view();
  }
  const size_t count = op.variadic ? given : op.core_operands;
  OpTensors core = {
      tensors.attributes, {operands, count}, {results, static_cast<size_t>(op.core_results)}};
  const uint64_t bytes = ScratchBytes(op, core);
  Array<std::byte> scratch;
  if (bytes > SIZE_MAX) return OutOfMemory("reference kernel", bytes);
  STINT_TRY(scratch.Reserve(static_cast<size_t>(bytes)));
  core.scratch = {scratch.data(), static_cast<size_t>(bytes)};
  STINT_TRY(op.reference(core));
  if (epilogue != nullptr) RunProgram(*epilogue, results[0], extra, tensors.results[0]);
  return {};
}

}  // namespace stint
