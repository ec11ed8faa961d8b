#include "runtime/session/dim_values.h"

#include <algorithm>

#include "runtime/ops/elements.h"

namespace stint {

namespace {

Status WrongElement(const TensorView& input) {
  return Error(Code::kInvalid, "input",
               "found a shape read from %s, allowed int32, int64, bool and floats",
               NameOf(input.dtype));
}

}  // namespace

bool DimValues::Compute(const PlanExpression& expression, std::span<const int64_t> symbols,
                        int64_t* out) {
  if (expression.op == DimOp::kSymbol) {
    *out = symbols[static_cast<size_t>(expression.a.constant())];
    return true;
  }
  if (expression.op == DimOp::kSelect) {
    if (!Known(expression.a)) return false;
    const Dim chosen = ValueOf(expression.a) != 0 ? expression.b : expression.c;
    if (!Known(chosen)) return false;
    *out = ValueOf(chosen);
    return true;
  }
  if (!Known(expression.a) || !Known(expression.b) || !Known(expression.c)) return false;
  return EvaluateDim(expression.op, ValueOf(expression.a), ValueOf(expression.b),
                     ValueOf(expression.c), out)
      .ok();
}

Status DimValues::Evaluate(const PlanFunction& function, std::span<const int64_t> symbols) {
  function_ = &function;
  const size_t count = function.expressions.size();
  STINT_TRY(values_.Resize(count));
  STINT_TRY(known_.Resize(count));
  for (size_t i = 0; i < count; ++i) {
    known_[i] = Compute(function.expressions[i], symbols, &values_[i]) ? 1 : 0;
  }
  return {};
}

// Follows the failure to the step whose operands are all known, and repeats its error.
Status DimValues::Explain(uint32_t expression) const {
  while (true) {
    const PlanExpression& step = function_->expressions[expression];
    const bool select = step.op == DimOp::kSelect && Known(step.a);
    const Dim second = select && ValueOf(step.a) == 0 ? step.c : step.b;
    const Dim third = select ? second : step.c;
    if (!Known(step.a)) {
      expression = step.a.expression();
    } else if (!Known(second)) {
      expression = second.expression();
    } else if (!Known(third)) {
      expression = third.expression();
    } else {
      int64_t ignored = 0;
      STINT_TRY(EvaluateDim(step.op, ValueOf(step.a), ValueOf(step.b), ValueOf(step.c), &ignored));
      return Error(Code::kInternal, "shape", "found expression %u without a value, allowed one",
                   expression);
    }
  }
}

Result<int64_t> DimValues::Resolve(Dim dim) const {
  if (!Known(dim)) return Explain(dim.expression());
  return ValueOf(dim);
}

Status DimValues::CheckRequirements() const {
  for (const PlanCheck& check : function_->checks) {
    STINT_ASSIGN(const int64_t a, Resolve(check.a));
    STINT_ASSIGN(const int64_t b, Resolve(check.b));
    if (a == b) continue;
    return Error(Code::kInvalid, "shape",
                 "found extents %lld and %lld, allowed inputs that make them equal",
                 static_cast<long long>(a), static_cast<long long>(b));
  }
  return {};
}

Result<int64_t> SymbolValue(const PlanSymbol& symbol, const TensorView& input) {
  if (symbol.source == SymbolSource::kExtent) {
    if (symbol.index < static_cast<uint32_t>(input.rank))
      return int64_t{input.extents[symbol.index]};
    return Error(Code::kInvalid, "input", "found rank %d, allowed an input with axis %u",
                 input.rank, symbol.index);
  }
  if (static_cast<int64_t>(symbol.index) >= ElementCount(input) || input.data == nullptr) {
    return Error(Code::kInvalid, "input", "found %lld elements, allowed a tensor with element %u",
                 static_cast<long long>(input.data == nullptr ? 0 : ElementCount(input)),
                 symbol.index);
  }
  int64_t value = 0;
  switch (input.dtype) {
    case DType::kInt32:
    case DType::kInt64:
      value = Load<int64_t>(input, symbol.index);
      break;
    case DType::kBool:
      value = Load<int64_t>(input, symbol.index) != 0 ? 1 : 0;
      break;
    case DType::kFloat32:
    case DType::kFloat64:
    case DType::kFloat16:
    case DType::kBFloat16:
      return Real(Load<double>(input, symbol.index)).bits().constant();
    default:
      return WrongElement(input);
  }
  return std::max(value, Dim::kSmallestConstant);
}

}  // namespace stint
