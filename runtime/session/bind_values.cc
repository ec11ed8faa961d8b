// First stage of a bind: what the inputs are makes symbols, the shape program and every value's
// extents integers. Sizes are bounded here, so that later stages multiply without fear.
#include <algorithm>

#include "runtime/base/checked.h"
#include "runtime/base/text.h"
#include "runtime/ops/shape_checks.h"
#include "runtime/session/binder.h"

namespace stint {

namespace {

Formatted<> InputName(const PlanValue& value) {
  return Formatted<>("input %.*s", static_cast<int>(std::min<size_t>(value.name.size(), 100)),
                     value.name.data());
}

// The plan's value as the host sees its constant: dtype and constant extents.
Status DefaultOf(const PlanValue& value, std::span<const PlanConstant> constants,
                 TensorView* view) {
  view->dtype = value.dtype;
  view->rank = value.rank;
  for (int axis = 0; axis < value.rank; ++axis) {
    if (!value.extents[axis].is_constant()) {
      return Error(Code::kInvalid, InputName(value).c_str(), "found no tensor, allowed one");
    }
    view->extents[axis] = value.extents[axis].constant();
  }
  DenseStrides(view->rank, view->extents, view->strides);
  // Read only: views have no const form.
  view->data = const_cast<uint8_t*>(constants[value.constant].bytes.data());
  return {};
}

Status CheckInput(const PlanValue& value, const TensorView& input) {
  if (input.dtype != value.dtype) {
    return Error(Code::kInvalid, InputName(value).c_str(), "found %s, allowed %s",
                 NameOf(input.dtype), NameOf(value.dtype));
  }
  if (input.rank != value.rank) {
    return Error(Code::kInvalid, InputName(value).c_str(), "found rank %d, allowed %d", input.rank,
                 value.rank);
  }
  int64_t bytes = BytesOf(input.dtype);
  for (int axis = 0; axis < input.rank; ++axis) {
    const int64_t extent = input.extents[axis];
    if (extent < 0) {
      return Error(Code::kInvalid, InputName(value).c_str(), "found extent %lld, allowed 0 and up",
                   static_cast<long long>(extent));
    }
    if (!CheckedMul(bytes, std::max<int64_t>(extent, 1), &bytes)) {
      return Error(Code::kLimit, InputName(value).c_str(),
                   "found extent %lld in a tensor beyond 2^63 bytes, allowed smaller ones",
                   static_cast<long long>(extent));
    }
  }
  return {};
}

}  // namespace

Result<int64_t> Binder::Extent(Dim dim, const char* where) const {
  STINT_ASSIGN(const int64_t extent, dims_.Resolve(dim));
  if (extent >= 0) return extent;
  return Error(Code::kInvalid, where, "found extent %lld, allowed 0 and up",
               static_cast<long long>(extent));
}

Status Binder::BindDims() {
  if (inputs_.size() != function_.inputs.size()) {
    return Error(Code::kInvalid, "inputs", "found %zu, allowed %zu", inputs_.size(),
                 function_.inputs.size());
  }
  Array<TensorView> given;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    const PlanValue& value = function_.values[function_.inputs[i]];
    TensorView view = inputs_[i];
    if (view.present()) {
      STINT_TRY(CheckInput(value, view));
    } else if (value.constant != kNoIndex) {
      STINT_TRY(DefaultOf(value, plan_.constants(), &view));
    } else {
      return Error(Code::kInvalid, InputName(value).c_str(), "found no tensor, allowed one");
    }
    STINT_TRY(given.Push(view));
  }
  Array<int64_t> symbols;
  for (const PlanSymbol& symbol : function_.symbols) {
    STINT_ASSIGN(const int64_t value, SymbolValue(symbol, given[symbol.input]));
    STINT_TRY(symbols.Push(value));
  }
  STINT_TRY(dims_.Evaluate(function_, symbols.span()));
  return dims_.CheckRequirements();
}

Status Binder::BindExtents(const PlanValue& value, BoundValue* bound) const {
  bound->dtype = value.dtype;
  bound->rank = value.rank;
  uint64_t bytes = static_cast<uint64_t>(BytesOf(value.dtype));
  bool empty = false;
  for (int axis = 0; axis < value.rank; ++axis) {
    STINT_ASSIGN(bound->extents[axis], Extent(value.extents[axis], "value"));
    empty = empty || bound->extents[axis] == 0;
  }
  // Also for an empty value no product of its other extents may overflow: strides are such
  // products.
  for (int axis = 0; axis < value.rank; ++axis) {
    const auto extent = static_cast<uint64_t>(std::max<int64_t>(bound->extents[axis], 1));
    if (!CheckedMul(bytes, extent, &bytes) || bytes > static_cast<uint64_t>(INT64_MAX)) {
      return Error(Code::kLimit, "value", "found a tensor beyond 2^63 bytes, allowed smaller ones");
    }
  }
  bound->bytes = empty ? 0 : bytes;
  return {};
}

Status Binder::BindInput(uint32_t value, uint32_t position) {
  BoundValue& bound = binding_->values[value];
  const TensorView& input = inputs_[position];
  if (!input.present()) return {};  // Its default stays.
  bound.home = Home::kInput;
  bound.input = position;
  bound.constant = nullptr;
  const Formatted<> where = InputName(function_.values[value]);
  STINT_TRY(CheckView(where.c_str(), input, bound.Dense()));
  if (!IsDense(input)) {
    return Error(Code::kInvalid, where.c_str(), "found a strided tensor, allowed a dense one");
  }
  return {};
}

// Forms of one value follow each other.
Status Binder::BindForms() {
  Array<ConstantForm>& forms = binding_->forms;
  STINT_TRY(forms.Resize(function_.forms.size()));
  for (size_t i = 0; i < forms.size(); ++i) {
    const PlanConstant& constant = plan_.constants()[function_.forms[i].constant];
    forms[i] = {constant.layout, constant.bytes.data()};
    std::span<const ConstantForm>& own = binding_->values[function_.forms[i].value].forms;
    own = own.empty() ? std::span<const ConstantForm>(&forms[i], 1)
                      : std::span<const ConstantForm>(own.data(), own.size() + 1);
  }
  return {};
}

Status Binder::BindValues() {
  STINT_TRY(binding_->values.Resize(function_.values.size()));
  for (uint32_t i = 0; i < function_.values.size(); ++i) {
    const PlanValue& value = function_.values[i];
    BoundValue& bound = binding_->values[i];
    bound.storage = i;
    Status status = BindExtents(value, &bound);
    if (!status.ok()) {
      const int length = static_cast<int>(std::min<size_t>(value.name.size(), 100));
      return std::move(status).At(Formatted<>("value %.*s", length, value.name.data()).c_str());
    }
    if (value.constant == kNoIndex) continue;
    const PlanConstant& constant = plan_.constants()[value.constant];
    bound.layout = constant.layout;
    if (constant.layout == Layout::kDense && constant.bytes.size() != bound.bytes) {
      return Error(Code::kInvalid, "constant", "found %zu bytes, allowed %llu",
                   constant.bytes.size(), static_cast<unsigned long long>(bound.bytes));
    }
    bound.home = Home::kConstant;
    bound.constant = constant.bytes.data();
  }
  STINT_TRY(BindForms());
  for (uint32_t i = 0; i < function_.inputs.size(); ++i) {
    STINT_TRY(BindInput(function_.inputs[i], i));
  }
  return {};
}

Result<TensorView> Binder::BindView(const PlanView& view, const BoundValue& value,
                                    int64_t* offset) const {
  TensorView bound;
  bound.dtype = value.dtype;
  bound.rank = view.rank;
  bool empty = false;
  for (int axis = 0; axis < view.rank; ++axis) {
    STINT_ASSIGN(bound.extents[axis], Extent(view.extents[axis], "view"));
    STINT_ASSIGN(bound.strides[axis], dims_.Resolve(view.strides[axis]));
    empty = empty || bound.extents[axis] == 0;
  }
  STINT_ASSIGN(*offset, dims_.Resolve(view.offset));
  if (empty) {
    // Nothing is addressed; plain strides keep everybody's products small.
    *offset = 0;
    int64_t elements = 1;
    for (int axis = 0; axis < view.rank; ++axis) {
      const int64_t extent = std::max<int64_t>(bound.extents[axis], 1);
      if (!CheckedMul(elements, extent, &elements) || elements > INT64_MAX / 16) {
        return Error(Code::kLimit, "view",
                     "found a view beyond 2^59 elements, allowed smaller ones");
      }
      bound.strides[axis] = 0;
    }
    return bound;
  }
  const int64_t elements = static_cast<int64_t>(value.bytes) / BytesOf(value.dtype);
  int64_t lowest = *offset;
  int64_t highest = *offset;
  int64_t count = 1;
  bool fits = true;
  for (int axis = 0; axis < view.rank; ++axis) {
    if (bound.extents[axis] == 1) bound.strides[axis] = 0;
    int64_t reach = 0;
    fits = fits && CheckedMul(bound.extents[axis] - 1, bound.strides[axis], &reach);
    int64_t* const end = reach < 0 ? &lowest : &highest;
    fits = fits && CheckedAdd(*end, reach, end) && CheckedMul(count, bound.extents[axis], &count) &&
           count <= INT64_MAX / 16;
  }
  // A view that repeats elements takes no memory, but time.
  if (fits && static_cast<uint64_t>(count) >
                  std::max(static_cast<uint64_t>(elements), plan_.limits().arena_bytes)) {
    return Error(Code::kLimit, "view", "found %lld elements, allowed %llu",
                 static_cast<long long>(count),
                 static_cast<unsigned long long>(plan_.limits().arena_bytes));
  }
  if (fits && lowest >= 0 && highest < elements) return bound;
  return Error(Code::kInvalid, "view", "found elements %lld to %lld, allowed 0 to %lld",
               static_cast<long long>(lowest), static_cast<long long>(highest),
               static_cast<long long>(elements - 1));
}

}  // namespace stint
