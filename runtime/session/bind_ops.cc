// Second stage of a bind: each op with integer attributes and tensors, its shape function run again
// on integers. Kernels trust what passes here: every element of every view lies in its value.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "runtime/base/text.h"
#include "runtime/session/binder.h"

namespace stint {

namespace {

TensorShape ShapeOf(const TensorView& view) {
  TensorShape shape;
  shape.dtype = view.dtype;
  shape.rank = view.rank;
  for (int axis = 0; axis < view.rank; ++axis) shape.extents[axis] = view.extents[axis];
  return shape;
}

Status CheckShape(int index, const TensorShape& inferred, const TensorShape& stored) {
  const Formatted<> where("result %d", index);
  if (inferred.dtype != stored.dtype) {
    return Error(Code::kInvalid, where.c_str(), "found %s, allowed %s", NameOf(stored.dtype),
                 NameOf(inferred.dtype));
  }
  if (inferred.rank != stored.rank) {
    return Error(Code::kInvalid, where.c_str(), "found rank %d, allowed %d", stored.rank,
                 inferred.rank);
  }
  for (int axis = 0; axis < inferred.rank; ++axis) {
    if (inferred.extents[axis] == stored.extents[axis]) continue;
    return Error(Code::kInvalid, where.c_str(), "found extent %lld on axis %d, allowed %lld",
                 static_cast<long long>(stored.extents[axis].raw()), axis,
                 static_cast<long long>(inferred.extents[axis].raw()));
  }
  return {};
}

// Whether no two coordinates can be the same element: each stride passes all that lies below it.
bool IsInjective(const TensorView& view) {
  int order[kMaxRank];  // Axes, shortest stride first.
  int count = 0;
  const auto step = [&](int axis) { return std::abs(view.strides[axis]); };
  for (int axis = 0; axis < view.rank; ++axis) {
    if (view.extents[axis] == 0) return true;
    if (view.extents[axis] == 1) continue;
    int place = count++;
    for (; place > 0 && step(order[place - 1]) > step(axis); --place) {
      order[place] = order[place - 1];
    }
    order[place] = axis;
  }
  int64_t reach = 0;
  for (int i = 0; i < count; ++i) {
    if (step(order[i]) <= reach) return false;
    reach += step(order[i]) * (view.extents[order[i]] - 1);
  }
  return true;
}

bool MayBeStrided(const OpInfo& op, size_t operand) {
  return ((op.strided_operands >> std::min<size_t>(operand, 15)) & 1) != 0;
}

// Panels are those of the whole constant: [N, K], which products see as [K, N]. Whoever sees
// another shape, or a part, must not read them.
bool SeesPanels(const OpInfo& op, const DeviceTensor& tensor, const TensorView& whole) {
  const TensorView& view = tensor.view;
  const bool turned = op.kind == OpKind::kMatMul;
  if (tensor.offset != 0 || view.rank != whole.rank || (turned && view.rank != 2)) return false;
  for (int axis = 0; axis < view.rank; ++axis) {
    const int from = turned ? 1 - axis : axis;
    if (view.extents[axis] != whole.extents[from]) return false;
    if (view.extents[axis] != 1 && view.strides[axis] != whole.strides[from]) return false;
  }
  return true;
}

}  // namespace

Status Binder::BindField(const Field& field, void* attributes) const {
  const auto bind = [this](auto& list) -> Status {
    for (int64_t i = 0; i < list.size; ++i) STINT_TRY(BindNumber(&list[i]));
    return {};
  };
  switch (field.type) {
    case FieldType::kExtents:
      return bind(FieldAs<DimList>(field, attributes));
    case FieldType::kLongExtents:
      return bind(FieldAs<LongDimList>(field, attributes));
    case FieldType::kFloatList:
      return bind(FieldAs<FloatList>(field, attributes));
    default:
      return {};
  }
}

Status Binder::BindNumber(Dim* dim) const {
  STINT_ASSIGN(*dim, dims_.Resolve(*dim));
  return {};
}

Status Binder::BindNumber(Real* real) const {
  STINT_ASSIGN(const int64_t bits, dims_.Resolve(real->bits()));
  *real = Real::FromBits(bits);
  return {};
}

Result<void*> Binder::BindAttributes(const PlanOp& op) {
  STINT_ASSIGN(void* const attributes, binding_->NewAttributes(op.info->attributes_size));
  std::memcpy(attributes, op.attributes, op.info->attributes_size);
  for (const Field& field : op.info->fields) {
    Status status = BindField(field, attributes);
    if (!status.ok()) return std::move(status).At(field.name);
  }
  return attributes;
}

Status Binder::BindUse(const PlanUse& use, bool strided, DeviceTensor* tensor) const {
  const BoundValue& value = binding_->values[use.value];
  int64_t offset = 0;
  if (use.view == kNoIndex) {
    tensor->view = value.Dense();
  } else {
    STINT_ASSIGN(tensor->view, BindView(function_.views[use.view], value, &offset));
  }
  if (!strided && ElementCount(tensor->view) > 0 && !IsDense(tensor->view)) {
    return Error(Code::kInvalid, "view", "found a strided view, allowed a dense one");
  }
  tensor->offset = static_cast<uint64_t>(offset * BytesOf(value.dtype));
  if (value.home == Home::kConstant) {
    tensor->layout = value.layout;
    const bool packed = value.layout != Layout::kDense;
    tensor->constant = value.constant + (packed ? 0 : tensor->offset);
    if (use.view == kNoIndex) tensor->forms = value.forms;
  }
  return {};
}

Status Binder::BindTensors(const PlanOp& op, BoundCall* call) {
  for (size_t i = 0; i < op.operands.size(); ++i) {
    DeviceTensor tensor;
    const PlanUse& use = op.operands[i];
    if (use.value != kNoIndex) {
      Status status = BindUse(use, MayBeStrided(*op.info, i), &tensor);
      if (!status.ok()) return std::move(status).At(Formatted<>("operand %zu", i).c_str());
      const BoundValue& value = binding_->values[use.value];
      if (tensor.layout != Layout::kDense && !SeesPanels(*op.info, tensor, value.Dense())) {
        STINT_TRY(UnpackConstant(use.value, &tensor));
      }
    }
    STINT_TRY(call->AddOperand(tensor, Current(use.value)));
  }
  for (size_t i = 0; i < op.results.size(); ++i) {
    const Formatted<> where("result %zu", i);
    DeviceTensor tensor;
    const PlanUse& use = op.results[i];
    if (use.value != kNoIndex) {
      Status status = BindUse(use, true, &tensor);
      if (!status.ok()) return std::move(status).At(where.c_str());
      if (binding_->values[use.value].home != Home::kArena) {
        return Error(Code::kInvalid, where.c_str(),
                     "found an input or constant, allowed a value of the plan's own");
      }
      if (!IsInjective(tensor.view)) {
        return Error(Code::kInvalid, where.c_str(),
                     "found elements that share memory, allowed a view without overlap");
      }
    }
    STINT_TRY(call->AddResult(tensor, Current(use.value)));
  }
  return {};
}

Status Binder::CheckShapes(const BoundCall& call) {
  Array<TensorShape> operands;
  for (const DeviceTensor& tensor : call.operands) STINT_TRY(operands.Push(ShapeOf(tensor.view)));
  TensorShape inferred[kMaxCoreResults];
  IntegerDims dims;
  STINT_TRY(InferOp(*call.op, call.attributes, operands.span(), dims, inferred));
  for (int i = 0; i < kMaxCoreResults; ++i) {
    const bool stored = static_cast<size_t>(i) < call.results.size();
    STINT_TRY(CheckShape(i, inferred[i], stored ? ShapeOf(call.results[i].view) : TensorShape()));
  }
  return {};
}

Status Binder::BindOp(uint32_t index) {
  const PlanOp& op = function_.ops[index];
  BoundCall call;
  call.op = op.info;
  STINT_ASSIGN(call.attributes, BindAttributes(op));
  STINT_TRY(BindTensors(op, &call));
  STINT_TRY(CheckShapes(call));
  bool empty = !call.results.empty();
  for (const DeviceTensor& result : call.results) {
    empty = empty && (!result.view.present() || ElementCount(result.view) == 0);
  }
  if (empty) return {};  // Nothing to compute, nothing to run.
  current_op_ = index;
  auto chosen = Choose(call);
  current_op_ = kNoIndex;
  if (!chosen.ok()) return chosen.TakeStatus();
  return Emit(std::move(*chosen), index);
}

Result<std::unique_ptr<Binding>> Binder::Bind() {
  STINT_ASSIGN(binding_, Make<Binding>());
  // Weights in other forms and tables, which kernels hold outside the arena. Weights take most in
  // Winograd's form, 64 numbers for 9; the arena's limit for the rest is generous.
  most_held_bytes_ = plan_.limits().arena_bytes + 16 * plan_.weights_bytes();
  STINT_TRY(BindDims());
  STINT_TRY(BindValues());
  for (uint32_t i = 0; i < function_.ops.size(); ++i) {
    Status status = BindOp(i);
    if (status.ok()) continue;
    const PlanOp& op = function_.ops[i];
    const int length = static_cast<int>(std::min<size_t>(op.name.size(), 100));
    return std::move(status).At(Formatted<>("op %u %.*s", i, length, op.name.data()).c_str());
  }
  STINT_TRY(BindOutputs());
  CountUses();
  STINT_TRY(FuseSteps());
  STINT_TRY(PlaceValues());
  STINT_TRY(RecordSteps());
  for (const Step& step : binding_->steps) {
    if (step.prepared != nullptr) binding_->packed_bytes += step.prepared->packed_bytes;
  }
  return std::move(binding_);
}

}  // namespace stint
