#include "runtime/plan/op_reader.h"

#include <algorithm>
#include <cstring>

#include "runtime/base/checked.h"

namespace stint {

namespace {

Status UnknownOp(uint16_t kind, const Path& path) {
  const Path field = path / "kind";
  return Error(Code::kInvalid, field.text().c_str(), "found op %u, allowed ops of this build",
               kind);
}

// Whether the view is known to skip or repeat elements, or to walk them in another order. Views
// with expressions are decided when the plan is bound.
bool IsKnownToBeStrided(const PlanView& view) {
  int64_t stride = 1;
  for (int axis = view.rank - 1; axis >= 0; --axis) {
    const Dim extent = view.extents[axis];
    if (!extent.is_constant() || !view.strides[axis].is_constant()) return false;
    if (extent.constant() == 0) return false;
    if (extent.constant() != 1 && view.strides[axis].constant() != stride) return true;
    if (!CheckedMul(stride, extent.constant(), &stride)) return true;
  }
  return false;
}

}  // namespace

Status MeasureOp(const schema::Op& stored, const Path& path, uint64_t* attribute_bytes,
                 uint64_t* uses) {
  const OpInfo* info = FindOp(static_cast<OpKind>(stored.kind()));
  if (info == nullptr) return UnknownOp(stored.kind(), path);
  STINT_TRY(CheckCount(path / "operands", SizeOf(stored.operands()), 0, kMaxOperands));
  STINT_TRY(CheckCount(path / "results", SizeOf(stored.results()), 1, kMaxCoreResults));
  *attribute_bytes = AlignUp(info->attributes_size, kAttributeAlignment);
  *uses = SizeOf(stored.operands()) + SizeOf(stored.results());
  return {};
}

Status OpReader::Prepare() {
  STINT_TRY(written_.Resize(function_.values.size()));
  for (size_t i = 0; i < written_.size(); ++i) {
    const PlanValue& value = function_.values[i];
    const bool given = value.is_input || value.constant != kNoIndex;
    written_[i] = given ? Written::kWhole : Written::kNo;
  }
  return {};
}

Status OpReader::Read(const schema::Op& stored, const Path& path, PlanOp* op) {
  op->info = FindOp(static_cast<OpKind>(stored.kind()));
  if (op->info == nullptr) return UnknownOp(stored.kind(), path);
  STINT_TRY(ReadName(stored.name(), path / "name", &op->name));
  void* const attributes = room_->attributes;
  room_->attributes += AlignUp(op->info->attributes_size, kAttributeAlignment);
  op->info->construct(attributes);
  op->attributes = attributes;
  STINT_TRY(ReadAttributes(*op->info, stored.attributes(), path, scope_, attributes));
  STINT_TRY(ReadUses(stored.operands(), path / "operands", &op->operands));
  STINT_TRY(CheckOperands(*op, path / "operands"));
  STINT_TRY(ReadUses(stored.results(), path / "results", &op->results));
  return CheckResults(*op, path / "results");
}

Status OpReader::ReadUses(const flatbuffers::Vector<const schema::Use*>* stored, const Path& path,
                          std::span<const PlanUse>* uses) {
  PlanUse* const first = room_->uses;
  for (size_t i = 0; i < SizeOf(stored); ++i) {
    const schema::Use use = StructAt(stored, i);
    *room_->uses = {use.value(), use.view()};
    STINT_TRY(CheckUse(*room_->uses, path[i]));
    ++room_->uses;
  }
  *uses = {first, room_->uses};
  return {};
}

Status OpReader::CheckUse(const PlanUse& use, const Path& path) const {
  if (use.value == kNoIndex) {
    if (use.view == kNoIndex) return {};
    const Path field = path / "view";
    return Error(Code::kInvalid, field.text().c_str(), "found view %u of no value, allowed none",
                 use.view);
  }
  STINT_TRY(CheckIndex(path / "value", use.value, function_.values.size()));
  if (use.view == kNoIndex) return {};
  return CheckIndex(path / "view", use.view, function_.views.size());
}

Status OpReader::CheckDense(const OpInfo& op, const PlanUse& use, const Path& path) const {
  if (use.view == kNoIndex || !IsKnownToBeStrided(function_.views[use.view])) return {};
  const Path field = path / "view";
  return Error(Code::kInvalid, field.text().c_str(),
               "found a strided view, allowed dense ones here by %s", op.name);
}

Status OpReader::CheckOperands(const PlanOp& op, const Path& path) const {
  const OpInfo& info = *op.info;
  const int limit = OperandLimit(info, op.attributes);
  // A program's operands follow all core operands.
  const int least = limit > info.core_operands ? limit : info.required_operands;
  STINT_TRY(CheckCount(path, op.operands.size(), static_cast<uint64_t>(least),
                       static_cast<uint64_t>(limit)));
  for (size_t i = 0; i < op.operands.size(); ++i) STINT_TRY(CheckOperand(op, i, path[i]));
  return {};
}

Status OpReader::CheckOperand(const PlanOp& op, size_t index, const Path& path) const {
  const OpInfo& info = *op.info;
  const PlanUse& use = op.operands[index];
  if (use.value == kNoIndex) {
    const bool optional = index >= static_cast<size_t>(info.required_operands) &&
                          index < static_cast<size_t>(info.core_operands) && !info.variadic;
    if (optional) return {};
    return Error(Code::kInvalid, path.text().c_str(), "found no value, allowed one: %s needs it",
                 info.name);
  }
  STINT_TRY(CheckRead(use, path));
  const bool may_be_strided = ((info.strided_operands >> std::min<size_t>(index, 15)) & 1) != 0;
  return may_be_strided ? Status() : CheckDense(info, use, path);
}

Status OpReader::CheckRead(const PlanUse& use, const Path& path) const {
  STINT_TRY(CheckUse(use, path));
  if (use.value != kNoIndex && written_[use.value] != Written::kNo) return {};
  if (use.value == kNoIndex) {
    return Error(Code::kInvalid, path.text().c_str(), "found no value, allowed one");
  }
  return Error(Code::kInvalid, path.text().c_str(),
               "found value %u before anything wrote it, allowed values written before", use.value);
}

Status OpReader::CheckResults(const PlanOp& op, const Path& path) {
  STINT_TRY(CheckCount(path, op.results.size(), 1, static_cast<uint64_t>(op.info->core_results)));
  for (size_t i = 0; i < op.results.size(); ++i) STINT_TRY(CheckWrite(op, i, path[i]));
  return {};
}

Status OpReader::CheckWrite(const PlanOp& op, size_t index, const Path& path) {
  const PlanUse& use = op.results[index];
  if (use.value == kNoIndex) {
    if (index > 0) return {};
    return Error(Code::kInvalid, path.text().c_str(), "found no value, allowed one");
  }
  const PlanValue& value = function_.values[use.value];
  if (value.is_input || value.constant != kNoIndex) {
    return Error(Code::kInvalid, path.text().c_str(),
                 "found value %u, %s, allowed values of the function's own", use.value,
                 value.is_input ? "an input" : "a constant");
  }
  Written& written = written_[use.value];
  const bool whole = use.view == kNoIndex;
  if (written == Written::kWhole || (written == Written::kThroughViews && whole)) {
    return Error(Code::kInvalid, path.text().c_str(),
                 "found value %u written again, allowed once, or several times through views",
                 use.value);
  }
  written = whole ? Written::kWhole : Written::kThroughViews;
  return {};
}

}  // namespace stint
