// Dims as text that can be read back, and Dims of different contexts compared.
//
// Both see sums of products in an order of their own, so that nothing depends on the order in which
// a context happened to meet its expressions.
#ifndef STINT_TOOLS_COMPILER_GRAPH_DIM_TEXT_H_
#define STINT_TOOLS_COMPILER_GRAPH_DIM_TEXT_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/hash.h"
#include "tools/compiler/graph/symbolic_dims.h"

namespace stint::compiler {

// The operation that the text form calls by this name, symbols excepted; kSymbol: none.
DimOp DimOpFromName(const std::string& name);

// Terms and factors in an order that depends on what they mean alone.
class DimOrder {
 public:
  explicit DimOrder(const SymbolicDims& dims) : dims_(dims) {}

  // Equal for equal expressions of contexts with the same symbols.
  Hash128 HashOf(Dim dim);
  // The constant term last.
  std::vector<DimTerm> TermsOf(Dim dim);
  // The operation of a factor; operands of symmetric ones in order.
  DimStep StepOf(Dim factor);

 private:
  const SymbolicDims& dims_;
  std::map<int64_t, Hash128> hashes_;
};

// Prints the Dims of one context. Long expressions are named once and for all.
class DimText {
 public:
  explicit DimText(const SymbolicDims& dims);

  // "2*N*C + 1", "floordiv(H + 1, 2)", "#3".
  std::string Text(Dim dim);
  // How the text refers to symbol `index`: its name, or "$index".
  const std::string& SymbolText(size_t index) const { return symbols_[index]; }
  // The texts that "#0", "#1", ... stand for; each refers to earlier ones only.
  const std::vector<std::string>& definitions() const { return definitions_; }

 private:
  std::string Product(const DimTerm& term);
  std::string Factor(Dim factor);

  DimOrder order_;
  std::vector<std::string> symbols_;
  std::map<int64_t, std::string> texts_;
  std::vector<std::string> definitions_;
};

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_GRAPH_DIM_TEXT_H_
