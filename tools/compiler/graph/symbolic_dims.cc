#include "tools/compiler/graph/symbolic_dims.h"

#include <algorithm>

#include "runtime/base/checked.h"
#include "runtime/base/hash.h"

namespace stint::compiler {

namespace {

// Beyond this many terms, or factors of a term, sums and products stay atoms: no chain of ops may
// make expressions explode.
constexpr size_t kMaxTerms = 64;
constexpr size_t kMaxFactors = 32;
constexpr uint32_t kMaxDepth = 4096;
constexpr size_t kMaxNodes = size_t{1} << 20;

// Removes the atoms of `divisor` from `monomial`; false when one is missing.
bool DivideMonomial(std::vector<uint32_t> monomial, const std::vector<uint32_t>& divisor,
                    std::vector<uint32_t>* quotient) {
  for (const uint32_t atom : divisor) {
    const auto found = std::find(monomial.begin(), monomial.end(), atom);
    if (found == monomial.end()) return false;
    monomial.erase(found);
  }
  *quotient = std::move(monomial);
  return true;
}

}  // namespace

size_t DimKeyHasher::operator()(const DimKey& key) const {
  const auto* bytes = reinterpret_cast<const uint8_t*>(key.data());
  return HashBytes({bytes, key.size() * sizeof(int64_t)}, seed).low;
}

void SymbolicDims::SetHasherSeed(uint64_t seed) {
  interned_ = std::unordered_map<DimKey, uint32_t, DimKeyHasher>(0, DimKeyHasher{seed});
}

Dim SymbolicDims::AddSymbol(Symbol symbol) {
  symbols_.push_back(std::move(symbol));
  return Atom(DimOp::kSymbol, static_cast<int64_t>(symbols_.size() - 1), 0, 0);
}

std::optional<Dim> SymbolicDims::FindSymbol(const std::string& name) const {
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    if (!node.sum.empty() || node.op != DimOp::kSymbol) continue;
    if (symbols_[static_cast<size_t>(node.a.constant())].name != name) continue;
    return Dim::Expression(static_cast<uint32_t>(i));
  }
  return std::nullopt;
}

const Symbol* SymbolicDims::AsSymbol(Dim dim) const {
  if (dim.is_constant()) return nullptr;
  const Node& node = nodes_[dim.expression()];
  if (!node.sum.empty() || node.op != DimOp::kSymbol) return nullptr;
  return &symbols_[static_cast<size_t>(node.a.constant())];
}

Dim SymbolicDims::AddNode(Node node) {
  if (nodes_.size() >= kMaxNodes) {
    return Fail(Error(Code::kLimit, "shape", "found more than %zu expressions, allowed that many",
                      kMaxNodes));
  }
  node.depth = DepthOf(node);
  if (node.depth > kMaxDepth) {
    return Fail(Error(Code::kLimit, "shape", "found an expression %u steps deep, allowed %u",
                      node.depth, kMaxDepth));
  }
  node.non_negative = IsNonNegative(node);
  nodes_.push_back(std::move(node));
  return Dim::Expression(static_cast<uint32_t>(nodes_.size() - 1));
}

uint32_t SymbolicDims::DepthOf(Dim dim) const {
  return dim.is_constant() ? 0 : nodes_[dim.expression()].depth;
}

uint32_t SymbolicDims::DepthOf(const Node& node) const {
  if (node.sum.empty()) {
    if (node.op == DimOp::kSymbol) return 1;
    return 1 + std::max({DepthOf(node.a), DepthOf(node.b), DepthOf(node.c)});
  }
  uint32_t deepest = 0;
  for (const auto& [monomial, coefficient] : node.sum) {
    uint32_t depth = static_cast<uint32_t>(monomial.size()) + 1;
    for (const uint32_t atom : monomial) {
      depth = std::max(depth, nodes_[atom].depth + static_cast<uint32_t>(monomial.size()) + 1);
    }
    deepest = std::max(deepest, depth);
  }
  return deepest + static_cast<uint32_t>(node.sum.size());
}

Dim SymbolicDims::Atom(DimOp op, Dim a, Dim b, Dim c) {
  const std::vector<int64_t> key = {0, static_cast<int64_t>(op), a.raw(), b.raw(), c.raw()};
  const auto found = interned_.find(key);
  if (found != interned_.end()) return Dim::Expression(found->second);
  Node node;
  node.op = op;
  node.a = a;
  node.b = b;
  node.c = c;
  const Dim dim = AddNode(std::move(node));
  if (ok()) interned_.emplace(key, dim.expression());
  return dim;
}

SymbolicDims::Polynomial SymbolicDims::ToPolynomial(Dim dim) const {
  if (dim.is_constant()) {
    if (dim.constant() == 0) return {};
    return {{Monomial{}, dim.constant()}};
  }
  const Node& node = nodes_[dim.expression()];
  if (!node.sum.empty()) return node.sum;
  return {{Monomial{dim.expression()}, 1}};
}

Dim SymbolicDims::FromPolynomial(const Polynomial& polynomial) {
  if (polynomial.empty()) return 0;
  const auto& [monomial, coefficient] = *polynomial.begin();
  if (polynomial.size() == 1) {
    if (monomial.empty()) {
      if (coefficient >= Dim::kSmallestConstant) return coefficient;
      return Fail(Error(Code::kLimit, "shape", "found an extent beyond int64, allowed int64"));
    }
    if (monomial.size() == 1 && coefficient == 1) return Dim::Expression(monomial[0]);
  }
  std::vector<int64_t> key = {1};
  for (const auto& [atoms, factor] : polynomial) {
    key.push_back(factor);
    key.push_back(static_cast<int64_t>(atoms.size()));
    key.insert(key.end(), atoms.begin(), atoms.end());
  }
  const auto found = interned_.find(key);
  if (found != interned_.end()) return Dim::Expression(found->second);
  Node node;
  node.sum = polynomial;
  const Dim dim = AddNode(std::move(node));
  if (ok()) interned_.emplace(std::move(key), dim.expression());
  return dim;
}

Dim SymbolicDims::AddDims(Dim a, Dim b, int64_t sign) {
  Polynomial sum = ToPolynomial(a);
  for (const auto& [monomial, coefficient] : ToPolynomial(b)) {
    int64_t signed_coefficient = 0;
    int64_t total = 0;
    const auto found = sum.find(monomial);
    if (!CheckedMul(coefficient, sign, &signed_coefficient) ||
        !CheckedAdd(found == sum.end() ? int64_t{0} : found->second, signed_coefficient, &total)) {
      return Fail(Error(Code::kLimit, "shape", "found a sum beyond int64, allowed int64"));
    }
    if (total == 0) {
      sum.erase(monomial);
    } else {
      sum[monomial] = total;
    }
  }
  if (sum.size() > kMaxTerms) return Atom(sign > 0 ? DimOp::kAdd : DimOp::kSub, a, b, 0);
  return FromPolynomial(sum);
}

Dim SymbolicDims::MultiplyDims(Dim a, Dim b) {
  const Polynomial left = ToPolynomial(a);
  const Polynomial right = ToPolynomial(b);
  if (left.size() * right.size() > kMaxTerms) return Atom(DimOp::kMul, a, b, 0);
  Polynomial product;
  for (const auto& [left_atoms, left_factor] : left) {
    for (const auto& [right_atoms, right_factor] : right) {
      Monomial atoms;
      std::merge(left_atoms.begin(), left_atoms.end(), right_atoms.begin(), right_atoms.end(),
                 std::back_inserter(atoms));
      if (atoms.size() > kMaxFactors) return Atom(DimOp::kMul, a, b, 0);
      int64_t factor = 0;
      if (!CheckedMul(left_factor, right_factor, &factor) ||
          !CheckedAdd(product[atoms], factor, &product[atoms])) {
        return Fail(Error(Code::kLimit, "shape", "found a product beyond int64, allowed int64"));
      }
      if (product[atoms] == 0) product.erase(atoms);
    }
  }
  return FromPolynomial(product);
}

// Splits off what divides exactly: floor((k*A + r) / k) = A + floor(r / k).
Dim SymbolicDims::DivideDims(Dim a, Dim b) {
  if (b == Dim(1)) return a;
  const Polynomial divisor = ToPolynomial(b);
  if (divisor.size() != 1) {
    return a == b && !divisor.empty() ? Dim(1) : Atom(DimOp::kFloorDiv, a, b, 0);
  }
  const auto& [divisor_atoms, divisor_factor] = *divisor.begin();
  if (divisor_factor < 0) {
    const Dim negated = AddDims(0, b, -1);
    return ok() ? DivideDims(AddDims(0, a, -1), negated) : Dim(0);
  }
  Polynomial quotient;
  Polynomial rest;
  for (const auto& [atoms, factor] : ToPolynomial(a)) {
    Monomial divided;
    if (factor % divisor_factor == 0 && DivideMonomial(atoms, divisor_atoms, &divided)) {
      quotient[divided] = factor / divisor_factor;
    } else {
      rest[atoms] = factor;
    }
  }
  if (rest.empty()) return FromPolynomial(quotient);
  const Dim remainder = FromPolynomial(rest);
  const Dim tail = remainder.is_constant() && b.is_constant()
                       ? Dim(FloorDivide(remainder.constant(), b.constant()))
                       : Atom(DimOp::kFloorDiv, remainder, b, 0);
  return AddDims(FromPolynomial(quotient), tail, 1);
}

// Min, max and comparisons are decided by the sign of the difference where that is known.
Dim SymbolicDims::ChooseDims(DimOp op, Dim a, Dim b) {
  const Dim difference = AddDims(a, b, -1);
  const bool not_less = IsNonNegative(difference);                     // a >= b
  const bool not_greater = IsNonNegative(AddDims(b, a, -1));           // a <= b
  const bool greater = IsNonNegative(AddDims(difference, 1, -1));      // a > b
  const bool less = IsNonNegative(AddDims(AddDims(b, a, -1), 1, -1));  // a < b
  switch (op) {
    case DimOp::kMin:
      if (not_less) return b;
      if (not_greater) return a;
      break;
    case DimOp::kMax:
      if (not_less) return a;
      if (not_greater) return b;
      break;
    case DimOp::kEqual:
      if (a == b) return 1;
      if (greater || less) return 0;
      break;
    default:  // kLess
      if (less) return 1;
      if (not_less) return 0;
      break;
  }
  return Atom(op, a, b, 0);
}

// A constant other than 1 wins over an unknown extent: that one must be 1 or equal, which the shape
// functions check again on integers at bind.
Dim SymbolicDims::BroadcastDims(Dim a, Dim b) {
  if (a == b || b == Dim(1)) return a;
  if (a == Dim(1)) return b;
  if (a.is_constant()) return a;
  if (b.is_constant()) return b;
  return Atom(DimOp::kBroadcast, std::min(a, b, [](Dim x, Dim y) { return x.raw() < y.raw(); }),
              std::max(a, b, [](Dim x, Dim y) { return x.raw() < y.raw(); }), 0);
}

Dim SymbolicDims::Apply(DimOp op, Dim a, Dim b, Dim c) {
  if (!ok()) return 0;
  if (op == DimOp::kSelect) {
    if (a.is_constant()) return a.constant() != 0 ? b : c;
    return b == c ? b : Atom(op, a, b, c);
  }
  if (a.is_constant() && b.is_constant()) {
    int64_t value = 0;
    Status status = EvaluateDim(op, a.constant(), b.constant(), 0, &value);
    if (!status.ok()) return Fail(std::move(status));
    return value;
  }
  switch (op) {
    case DimOp::kReal:
    case DimOp::kFloor:
    case DimOp::kFloat32:
    case DimOp::kRealAdd:
    case DimOp::kRealSub:
    case DimOp::kRealMul:
    case DimOp::kRealDiv:
    case DimOp::kRealMin:
    case DimOp::kRealMax:
      return Atom(op, a, b, 0);
    case DimOp::kAdd:
      return AddDims(a, b, 1);
    case DimOp::kSub:
      return AddDims(a, b, -1);
    case DimOp::kMul:
      return MultiplyDims(a, b);
    case DimOp::kFloorDiv:
      return b == Dim(0) ? Atom(op, a, b, 0) : DivideDims(a, b);
    case DimOp::kTruncDiv:
      if (b != Dim(0) && IsNonNegative(a) && IsNonNegative(b)) return DivideDims(a, b);
      return Atom(op, a, b, 0);
    case DimOp::kMod:
      return b == Dim(0) ? Atom(op, a, b, 0) : AddDims(a, MultiplyDims(b, DivideDims(a, b)), -1);
    case DimOp::kBroadcast:
      return BroadcastDims(a, b);
    default:
      return ChooseDims(op, a, b);
  }
}

void SymbolicDims::Require(Dim a, Dim b, const char* what) {
  if (a == b || !ok()) return;
  if (Apply(DimOp::kEqual, a, b, 0) == Dim(0)) {
    if (a.is_constant() && b.is_constant()) {
      Fail(Error(Code::kInvalid, "shape", "found %lld and %lld, allowed equal numbers: %s",
                 static_cast<long long>(a.constant()), static_cast<long long>(b.constant()), what));
      return;
    }
    Fail(Error(Code::kInvalid, "shape", "found extents that never agree, allowed equal ones: %s",
               what));
    return;
  }
  if (known_checks_.insert({a.raw(), b.raw()}).second) checks_.push_back({a, b});
}

DimStep SymbolicDims::Describe(Dim dim) {
  const Node node = nodes_[dim.expression()];
  if (node.sum.empty()) return {node.op, node.a, node.b, node.c};
  const auto [monomial, coefficient] = *node.sum.rbegin();
  if (node.sum.size() > 1) {
    Polynomial rest = node.sum;
    rest.erase(monomial);
    const bool negative = coefficient < 0 && coefficient != INT64_MIN;
    const Dim term = FromPolynomial({{monomial, negative ? -coefficient : coefficient}});
    return {negative ? DimOp::kSub : DimOp::kAdd, FromPolynomial(rest), term, 0};
  }
  if (coefficient != 1) return {DimOp::kMul, FromPolynomial({{monomial, 1}}), coefficient, 0};
  Monomial rest = monomial;
  rest.pop_back();
  return {DimOp::kMul, FromPolynomial({{rest, 1}}), Dim::Expression(monomial.back()), 0};
}

std::vector<DimTerm> SymbolicDims::TermsOf(Dim dim) const {
  std::vector<DimTerm> terms;
  for (const auto& [monomial, coefficient] : ToPolynomial(dim)) {
    DimTerm& term = terms.emplace_back();
    term.coefficient = coefficient;
    for (const uint32_t atom : monomial) term.factors.push_back(Dim::Expression(atom));
  }
  return terms;
}

DimStep SymbolicDims::StepOf(Dim factor) const {
  const Node& node = nodes_[factor.expression()];
  return {node.op, node.a, node.b, node.c};
}

bool SymbolicDims::IsNonNegative(Dim dim) const {
  return dim.is_constant() ? dim.constant() >= 0 : nodes_[dim.expression()].non_negative;
}

bool SymbolicDims::IsNonNegative(const Node& node) const {
  const auto atom_is = [this](uint32_t id) { return nodes_[id].non_negative; };
  if (!node.sum.empty()) {
    return std::all_of(node.sum.begin(), node.sum.end(), [&](const auto& term) {
      return term.second > 0 && std::all_of(term.first.begin(), term.first.end(), atom_is);
    });
  }
  switch (node.op) {
    case DimOp::kSymbol:
      return !symbols_[static_cast<size_t>(node.a.constant())].is_element;
    case DimOp::kSub:
    case DimOp::kRealSub:
      return false;
    case DimOp::kEqual:
    case DimOp::kLess:
      return true;
    case DimOp::kMax:
      return IsNonNegative(node.a) || IsNonNegative(node.b);
    case DimOp::kSelect:
      return IsNonNegative(node.b) && IsNonNegative(node.c);
    case DimOp::kMod:
      return IsNonNegative(node.b);
    default:
      return IsNonNegative(node.a) && IsNonNegative(node.b);
  }
}

}  // namespace stint::compiler
