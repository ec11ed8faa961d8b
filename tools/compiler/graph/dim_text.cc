#include "tools/compiler/graph/dim_text.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "tools/compiler/graph/text_names.h"

namespace stint::compiler {

namespace {

// Expressions whose text is longer than this get a name.
constexpr size_t kMaxInline = 60;

bool Precedes(const Hash128& a, const Hash128& b) {
  return a.high != b.high ? a.high < b.high : a.low < b.low;
}

Hash128 HashNumbers(const std::vector<uint64_t>& numbers) {
  std::vector<uint8_t> bytes(numbers.size() * sizeof(uint64_t));
  if (!numbers.empty()) std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return HashBytes(bytes);
}

void Append(std::vector<uint64_t>& numbers, const Hash128& hash) {
  numbers.push_back(hash.low);
  numbers.push_back(hash.high);
}

}  // namespace

DimOp DimOpFromName(const std::string& name) {
  for (int op = 1; op < kDimOpCount; ++op) {
    if (name == NameOf(static_cast<DimOp>(op))) return static_cast<DimOp>(op);
  }
  return DimOp::kSymbol;
}

// A symbol's hash is its index, so that symbols stand in their own order.
Hash128 DimOrder::HashOf(Dim dim) {
  if (dim.is_constant()) return HashNumbers({1, static_cast<uint64_t>(dim.constant())});
  const auto found = hashes_.find(dim.raw());
  if (found != hashes_.end()) return found->second;
  Hash128 hash;
  const std::vector<DimTerm> terms = TermsOf(dim);
  if (terms.size() == 1 && terms[0].coefficient == 1 && terms[0].factors.size() == 1) {
    const DimStep step = StepOf(dim);
    if (step.op == DimOp::kSymbol) {
      hash = {static_cast<uint64_t>(step.a.constant()), 0};
    } else {
      std::vector<uint64_t> numbers = {2, static_cast<uint64_t>(step.op)};
      for (const Dim part : {step.a, step.b, step.c}) Append(numbers, HashOf(part));
      hash = HashNumbers(numbers);
    }
  } else {
    std::vector<uint64_t> numbers = {3};
    for (const DimTerm& term : terms) {
      numbers.push_back(static_cast<uint64_t>(term.coefficient));
      numbers.push_back(term.factors.size());
      for (const Dim factor : term.factors) Append(numbers, HashOf(factor));
    }
    hash = HashNumbers(numbers);
  }
  hashes_.emplace(dim.raw(), hash);
  return hash;
}

std::vector<DimTerm> DimOrder::TermsOf(Dim dim) {
  std::vector<DimTerm> terms = dims_.TermsOf(dim);
  const bool atom = terms.size() == 1 && terms[0].factors.size() == 1;
  if (atom) return terms;
  const auto factor_order = [this](Dim a, Dim b) { return Precedes(HashOf(a), HashOf(b)); };
  for (DimTerm& term : terms) std::sort(term.factors.begin(), term.factors.end(), factor_order);
  std::sort(terms.begin(), terms.end(), [&](const DimTerm& a, const DimTerm& b) {
    if (a.factors.empty() || b.factors.empty()) return !a.factors.empty();
    return std::lexicographical_compare(a.factors.begin(), a.factors.end(), b.factors.begin(),
                                        b.factors.end(), factor_order);
  });
  return terms;
}

DimStep DimOrder::StepOf(Dim factor) {
  DimStep step = dims_.StepOf(factor);
  if (step.op == DimOp::kBroadcast && Precedes(HashOf(step.b), HashOf(step.a))) {
    std::swap(step.a, step.b);
  }
  return step;
}

DimText::DimText(const SymbolicDims& dims) : order_(dims) {
  std::set<std::string> taken;
  for (size_t i = 0; i < dims.symbols().size(); ++i) {
    const std::string& name = dims.symbols()[i].name;
    const bool plain = IsPlainName(name) && DimOpFromName(name) == DimOp::kSymbol;
    symbols_.push_back(plain && taken.insert(name).second ? name : "$" + std::to_string(i));
  }
}

std::string DimText::Factor(Dim factor) {
  const DimStep step = order_.StepOf(factor);
  if (step.op == DimOp::kSymbol) return symbols_[static_cast<size_t>(step.a.constant())];
  std::string text = NameOf(step.op);
  text += '(' + Text(step.a);
  if (ArityOf(step.op) > 1) text += ", " + Text(step.b);
  if (ArityOf(step.op) > 2) text += ", " + Text(step.c);
  return text + ')';
}

// Without the sign of the coefficient.
std::string DimText::Product(const DimTerm& term) {
  std::string text;
  const auto magnitude = term.coefficient < 0 ? 0 - static_cast<uint64_t>(term.coefficient)
                                              : static_cast<uint64_t>(term.coefficient);
  if (magnitude != 1 || term.factors.empty()) text = std::to_string(magnitude);
  for (const Dim factor : term.factors) {
    if (!text.empty()) text += '*';
    const bool whole = term.factors.size() == 1 && term.coefficient == 1;
    text += whole ? Factor(factor) : Text(factor);
  }
  return text;
}

std::string DimText::Text(Dim dim) {
  if (dim.is_constant()) return std::to_string(dim.constant());
  const auto found = texts_.find(dim.raw());
  if (found != texts_.end()) return found->second;
  std::string text;
  for (const DimTerm& term : order_.TermsOf(dim)) {
    const bool negative = term.coefficient < 0;
    if (!text.empty()) {
      text += negative ? " - " : " + ";
    } else if (negative) {
      text += '-';
    }
    text += Product(term);
  }
  if (text.size() > kMaxInline) {
    definitions_.push_back(std::move(text));
    text = "#" + std::to_string(definitions_.size() - 1);
  }
  texts_.emplace(dim.raw(), text);
  return text;
}

}  // namespace stint::compiler
