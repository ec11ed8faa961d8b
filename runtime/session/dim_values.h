// The integers behind a function's Dims, for one set of inputs.
//
// A step of the shape program that fails (division by zero, overflow) is an error only where its
// value is used: the branch of a select that is not taken may be undefined.
#ifndef STINT_RUNTIME_SESSION_DIM_VALUES_H_
#define STINT_RUNTIME_SESSION_DIM_VALUES_H_

#include <cstdint>
#include <span>

#include "runtime/base/array.h"
#include "runtime/base/result.h"
#include "runtime/plan/plan.h"

namespace stint {

class DimValues {
 public:
  // `symbols` holds the value of each symbol of `function`, which must outlive this object.
  Status Evaluate(const PlanFunction& function, std::span<const int64_t> symbols);

  // The integer behind `dim`, or the error that keeps it from having one.
  Result<int64_t> Resolve(Dim dim) const;

  // Checks what the function requires to be equal: kInvalid.
  Status CheckRequirements() const;

 private:
  bool Known(Dim dim) const { return dim.is_constant() || known_[dim.expression()] != 0; }
  int64_t ValueOf(Dim dim) const {
    return dim.is_constant() ? dim.constant() : values_[dim.expression()];
  }
  bool Compute(const PlanExpression& expression, std::span<const int64_t> symbols, int64_t* out);
  Status Explain(uint32_t expression) const;

  const PlanFunction* function_ = nullptr;
  Array<int64_t> values_;
  Array<uint8_t> known_;
};

// The value of symbol `symbol` when its input is `input`, dense data of the host: an extent, or an
// element of an int32, int64 or bool tensor, at least what a Dim holds, or the bits of a Real from
// a tensor of floats. kInvalid: the input has no such axis or element.
Result<int64_t> SymbolValue(const PlanSymbol& symbol, const TensorView& input);

}  // namespace stint

#endif  // STINT_RUNTIME_SESSION_DIM_VALUES_H_
