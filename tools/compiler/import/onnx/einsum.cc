// Einsum-12: diagonals are strided views, labels that nobody needs any more are summed, the rest
// are batched matrix products, contracted from left to right.
#include <algorithm>
#include <cctype>

#include "runtime/ops/matmul.h"
#include "runtime/ops/reduce.h"
#include "tools/compiler/import/onnx/rules.h"

namespace stint::compiler {

namespace {

// Labels are letters; the axes of an ellipsis are the digits '0' to '7', aligned at the last.
struct Term {
  std::string labels;
  View view;
};

struct Equation {
  std::vector<std::string> terms;
  std::string result;
  bool has_result = false;
};

Equation Split(const std::string& text) {
  Equation equation;
  equation.terms.emplace_back();
  for (size_t i = 0; i < text.size(); ++i) {
    if (std::isspace(static_cast<unsigned char>(text[i])) != 0) continue;
    if (text.compare(i, 2, "->") == 0) {
      equation.has_result = true;
      ++i;
    } else if (equation.has_result) {
      equation.result += text[i];
    } else if (text[i] == ',') {
      equation.terms.emplace_back();
    } else {
      equation.terms.back() += text[i];
    }
  }
  return equation;
}

// Replaces "..." by as many digits as the ellipsis has axes.
Result<std::string> ExpandEllipsis(const NodeContext& node, const std::string& labels, int axes) {
  std::string expanded = labels;
  const size_t dots = labels.find("...");
  if (dots != std::string::npos) {
    std::string digits;
    for (int axis = std::max(axes, 0); axis > 0; --axis) digits += static_cast<char>('8' - axis);
    expanded.replace(dots, 3, digits);
  }
  const bool letters = std::all_of(expanded.begin(), expanded.end(),
                                   [](unsigned char label) { return std::isalnum(label) != 0; });
  if (!letters || axes > kMaxRank)
    return node.Invalid("found equation term '" + labels + "', allowed letters");
  return expanded;
}

// Repeated labels walk the diagonal: one axis with the sum of the strides.
Term TakeDiagonals(NodeContext& node, Term term) {
  Term result = {"", {term.view.value, {}, {}, term.view.offset}};
  SymbolicDims& dims = node.build.dims();
  for (size_t axis = 0; axis < term.labels.size(); ++axis) {
    const size_t first = result.labels.find(term.labels[axis]);
    if (first == std::string::npos) {
      result.labels += term.labels[axis];
      result.view.dims.push_back(term.view.dims[axis]);
      result.view.strides.push_back(term.view.strides[axis]);
      continue;
    }
    dims.Require(result.view.dims[first], term.view.dims[axis], "a repeated label has one extent");
    result.view.strides[first] = dims.Add(result.view.strides[first], term.view.strides[axis]);
  }
  return result;
}

bool Has(const std::string& labels, char label) { return labels.find(label) != std::string::npos; }

// Sums the axes whose labels are not in `needed`.
Result<Term> SumUnneeded(NodeContext& node, Term term, const std::string& needed) {
  ReduceAttributes attributes;
  std::vector<int> axes;
  std::string kept;
  for (size_t axis = 0; axis < term.labels.size(); ++axis) {
    if (Has(needed, term.labels[axis])) {
      kept += term.labels[axis];
      continue;
    }
    axes.push_back(static_cast<int>(axis));
    attributes.axes.Push(static_cast<int64_t>(axis));
  }
  if (axes.empty()) return term;
  STINT_ASSIGN(const View sum, node.build.EmitOne(OpKind::kReduce, attributes, {term.view}));
  return Term{kept, node.build.Squeeze(sum, axes)};
}

// The view with its axes in the order of `labels`; missing ones have extent 1.
View Arrange(const Term& term, const std::string& labels) {
  View view = {term.view.value, {}, {}, term.view.offset};
  for (const char label : labels) {
    const size_t axis = term.labels.find(label);
    view.dims.push_back(axis == std::string::npos ? Dim(1) : term.view.dims[axis]);
    view.strides.push_back(axis == std::string::npos ? Dim(0) : term.view.strides[axis]);
  }
  return view;
}

Dim Product(SymbolicDims& dims, const std::vector<Dim>& extents) {
  Dim product = 1;
  for (const Dim extent : extents) product = dims.Mul(product, extent);
  return product;
}

std::vector<Dim> Extents(const Term& term, const std::string& labels) {
  std::vector<Dim> extents;
  for (const char label : labels) extents.push_back(term.view.dims[term.labels.find(label)]);
  return extents;
}

// One step: the product of two terms, keeping the labels in `needed`.
Result<Term> Contract(NodeContext& node, const Term& a, const Term& b, const std::string& needed) {
  std::string batch;
  std::string summed;
  std::string rows;
  std::string columns;
  for (const char label : a.labels)
    (!Has(b.labels, label) ? rows : Has(needed, label) ? batch : summed) += label;
  for (const char label : b.labels) {
    if (!Has(a.labels, label)) columns += label;
  }
  SymbolicDims& dims = node.build.dims();
  const auto shared = [&](const std::string& labels) {
    std::vector<Dim> extents;
    for (const char label : labels) {
      extents.push_back(dims.Broadcast(Extents(a, {label})[0], Extents(b, {label})[0]));
    }
    return extents;
  };
  const std::vector<Dim> batch_extents = shared(batch);
  const std::vector<Dim> summed_extents = shared(summed);
  const std::vector<Dim> row_extents = Extents(a, rows);
  const std::vector<Dim> column_extents = Extents(b, columns);
  const auto matrix = [&](const Term& term, const std::string& first,
                          const std::vector<Dim>& first_extents, const std::string& second,
                          const std::vector<Dim>& second_extents) -> Result<View> {
    std::vector<Dim> full = batch_extents;
    full.insert(full.end(), first_extents.begin(), first_extents.end());
    full.insert(full.end(), second_extents.begin(), second_extents.end());
    STINT_ASSIGN(const View expanded,
                 node.build.Expand(Arrange(term, batch + first + second), full));
    return node.build.Reshape(expanded, {Product(dims, batch_extents), Product(dims, first_extents),
                                         Product(dims, second_extents)});
  };
  STINT_ASSIGN(View left, matrix(a, rows, row_extents, summed, summed_extents));
  STINT_ASSIGN(View right, matrix(b, summed, summed_extents, columns, column_extents));
  STINT_ASSIGN(const View sums, node.build.EmitOne(OpKind::kMatMul, MatMulAttributes(),
                                                   {std::move(left), std::move(right)}));
  // Those of 8-bit integers are int32.
  STINT_ASSIGN(const View product, node.build.Cast(sums, node.dtype(0)));
  std::vector<Dim> extents = batch_extents;
  extents.insert(extents.end(), row_extents.begin(), row_extents.end());
  extents.insert(extents.end(), column_extents.begin(), column_extents.end());
  STINT_ASSIGN(View shaped, node.build.Reshape(product, std::move(extents)));
  return Term{batch + rows + columns, std::move(shaped)};
}

// Without "->": the ellipsis, then the letters that occur once, sorted.
std::string ImplicitResult(const std::vector<Term>& terms) {
  std::string all;
  for (const Term& term : terms) all += term.labels;
  std::string result;
  for (char label = '0'; label <= '7'; ++label) {
    if (Has(all, label)) result += label;
  }
  for (char label = 'A'; label <= 'z'; ++label) {
    if (std::count(all.begin(), all.end(), label) == 1) result += label;
  }
  return result;
}

Status Einsum(NodeContext& node) {
  Equation equation = Split(node.String("equation", ""));
  if (static_cast<int>(equation.terms.size()) != node.input_count()) {
    return node.Invalid("found " + std::to_string(equation.terms.size()) + " terms, allowed " +
                        std::to_string(node.input_count()));
  }
  std::vector<Term> terms;
  int ellipsis = 0;
  for (int i = 0; i < node.input_count(); ++i) {
    STINT_TRY(node.Need(i));
    const std::string& text = equation.terms[static_cast<size_t>(i)];
    const bool dots = text.find("...") != std::string::npos;
    const int axes = node.input(i).rank() - static_cast<int>(text.size()) + (dots ? 3 : 0);
    STINT_ASSIGN(const std::string labels, ExpandEllipsis(node, text, dots ? axes : 0));
    if (static_cast<int>(labels.size()) != node.input(i).rank()) {
      return node.Invalid("found term '" + text + "', allowed one label an axis");
    }
    ellipsis = std::max(ellipsis, dots ? axes : 0);
    terms.push_back({labels, node.input(i)});
  }
  std::string wanted = ImplicitResult(terms);
  if (equation.has_result) {
    STINT_ASSIGN(wanted, ExpandEllipsis(node, equation.result, ellipsis));
  }
  for (const char label : wanted) {
    if (std::count(wanted.begin(), wanted.end(), label) > 1) {
      return node.Invalid("found a result label twice, allowed once");
    }
  }
  for (Term& term : terms) term = TakeDiagonals(node, std::move(term));
  Term sum;
  for (size_t i = 0; i < terms.size(); ++i) {
    std::string needed = wanted;
    for (size_t later = i + 1; later < terms.size(); ++later) needed += terms[later].labels;
    std::string kept = needed + sum.labels;
    STINT_ASSIGN(Term term, SumUnneeded(node, std::move(terms[i]), kept));
    if (i == 0) {
      sum = std::move(term);
      continue;
    }
    STINT_ASSIGN(sum, SumUnneeded(node, std::move(sum), needed + term.labels));
    STINT_ASSIGN(sum, Contract(node, sum, term, needed));
  }
  STINT_ASSIGN(sum, SumUnneeded(node, std::move(sum), wanted));
  for (const char label : wanted) {
    if (!Has(sum.labels, label))
      return node.Invalid("found a result label that no term has, allowed labels of terms");
  }
  node.SetOutput(0, Arrange(sum, wanted));
  return {};
}

constexpr ImportRule kRules[] = {{"Einsum", Einsum, 12}};

}  // namespace

std::span<const ImportRule> EinsumRules() { return kRules; }

}  // namespace stint::compiler
