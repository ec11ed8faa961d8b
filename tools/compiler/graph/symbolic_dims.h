// Symbolic extents: hash-consed expressions over symbols.
//
// Sums and products are kept as polynomials in normal form, so that equal expressions are the same
// handle however they were computed (N*(C*H) and (H*N)*C); other operations are atoms of those
// polynomials. Polynomials and the depth of expressions are bounded, so that no model makes them
// explode or exhausts the stack of what walks them. Everything that is created stays for the life
// of the context; ids depend only on the order of calls.
#ifndef STINT_TOOLS_COMPILER_GRAPH_SYMBOLIC_DIMS_H_
#define STINT_TOOLS_COMPILER_GRAPH_SYMBOLIC_DIMS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/base/dim.h"

namespace stint::compiler {

// Where the value of a symbol comes from when a plan is bound.
struct Symbol {
  std::string name;         // Empty for a dim that the model left unnamed.
  bool is_element = false;  // Else an extent, which is never negative.
  uint32_t input = 0;       // Position among the function's inputs; computed: outputs.
  uint32_t index = 0;       // The axis, or the row-major element; computed: always the element.
  // Known when the ops that write the output have run.
  bool is_computed = false;
  friend bool operator==(const Symbol&, const Symbol&) = default;
};

// One operation over simpler Dims: how an expression is printed and stored.
struct DimStep {
  DimOp op;
  Dim a, b, c;  // kSymbol: a is the index of the symbol.
};

// A product: coefficient * factors, none of them a sum or a product.
struct DimTerm {
  int64_t coefficient = 1;
  std::vector<Dim> factors;
};

// Dims that must be equal at bind.
struct DimCheck {
  Dim a, b;
  friend bool operator==(const DimCheck&, const DimCheck&) = default;
};

// What an expression is made of, and the project's hasher for it.
using DimKey = std::vector<int64_t>;
struct DimKeyHasher {
  uint64_t seed = 0;
  size_t operator()(const DimKey& key) const;
};

class SymbolicDims final : public DimContext {
 public:
  // Before the first expression. No result depends on the seed of the hash table.
  void SetHasherSeed(uint64_t seed);

  // A new symbol. Extents are never negative; elements may be.
  Dim AddSymbol(Symbol symbol);
  // The symbol of this name, if there is one.
  std::optional<Dim> FindSymbol(const std::string& name) const;
  // The symbol that a Dim is; nullptr for numbers and other expressions.
  const Symbol* AsSymbol(Dim dim) const;
  const std::vector<Symbol>& symbols() const { return symbols_; }
  const std::vector<DimCheck>& checks() const { return checks_; }

  using DimContext::Apply;
  Dim Apply(DimOp op, Dim a, Dim b, Dim c) override;
  void Require(Dim a, Dim b, const char* what) override;

  // The outermost operation of a Dim that is not constant. Repeating it on a, b, c ends at symbols
  // and constants. Parts of sums and products may be interned on the way.
  DimStep Describe(Dim dim);
  // The same Dim as a sum of products. Equal Dims have equal terms; their order depends on the
  // order in which the context saw them.
  std::vector<DimTerm> TermsOf(Dim dim) const;
  // The operation that a factor of a term is.
  DimStep StepOf(Dim factor) const;
  // Whether the value can be shown never to be negative.
  bool IsNonNegative(Dim dim) const;

 private:
  using Monomial = std::vector<uint32_t>;          // Atom ids, ascending; empty: 1.
  using Polynomial = std::map<Monomial, int64_t>;  // Coefficients, none of them 0.
  struct Node {
    DimOp op = DimOp::kSymbol;  // Of an atom.
    Dim a, b, c;
    Polynomial sum;             // Not empty: a polynomial that is no single atom.
    uint32_t depth = 0;         // How many steps Describe takes down to symbols and constants.
    bool non_negative = false;  // See IsNonNegative.
  };

  Polynomial ToPolynomial(Dim dim) const;
  Dim FromPolynomial(const Polynomial& polynomial);
  Dim Atom(DimOp op, Dim a, Dim b, Dim c);
  Dim AddNode(Node node);
  uint32_t DepthOf(Dim dim) const;
  uint32_t DepthOf(const Node& node) const;
  bool IsNonNegative(const Node& node) const;
  Dim AddDims(Dim a, Dim b, int64_t sign);
  Dim MultiplyDims(Dim a, Dim b);
  Dim DivideDims(Dim a, Dim b);
  Dim ChooseDims(DimOp op, Dim a, Dim b);
  Dim BroadcastDims(Dim a, Dim b);

  std::vector<Node> nodes_;
  std::unordered_map<DimKey, uint32_t, DimKeyHasher> interned_;
  std::vector<Symbol> symbols_;
  std::vector<DimCheck> checks_;
  std::set<std::pair<int64_t, int64_t>> known_checks_;
};

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_GRAPH_SYMBOLIC_DIMS_H_
