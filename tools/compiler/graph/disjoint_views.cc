#include "tools/compiler/graph/disjoint_views.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace stint::compiler {

namespace {

// Where the elements of a view lie, both ends included.
struct Range {
  Dim first;
  Dim last;
};

// Whether each factor of `part` is one of `term`, as often.
bool HasFactors(const DimTerm& term, const DimTerm& part) {
  std::vector<Dim> left = term.factors;
  for (const Dim factor : part.factors) {
    const auto found = std::find(left.begin(), left.end(), factor);
    if (found == left.end()) return false;
    left.erase(found);
  }
  return true;
}

// What remains of `dim` when multiples of the period are left out.
Dim Remainder(Dim dim, const DimTerm& period, SymbolicDims& dims) {
  Dim rest = 0;
  for (const DimTerm& term : dims.TermsOf(dim)) {
    int64_t coefficient = term.coefficient;
    if (HasFactors(term, period)) {
      coefficient %= period.coefficient;
      if (coefficient < 0) coefficient += period.coefficient;
    }
    Dim product = coefficient;
    for (const Dim factor : term.factors) product = dims.Mul(product, factor);
    rest = dims.Add(rest, product);
  }
  return rest;
}

std::optional<Range> RangeOf(const View& view, const DimTerm* period, SymbolicDims& dims) {
  const Dim first = period == nullptr ? view.offset : Remainder(view.offset, *period, dims);
  Range range = {first, first};
  for (size_t axis = 0; axis < view.dims.size(); ++axis) {
    const Dim stride = view.strides[axis];
    if (view.dims[axis] == Dim(1)) continue;
    if (period != nullptr && Remainder(stride, *period, dims) == Dim(0)) continue;
    const bool up = dims.IsNonNegative(stride);
    if (!up && !dims.IsNonNegative(dims.Sub(0, stride))) return std::nullopt;
    Dim& end = up ? range.last : range.first;
    end = dims.Add(end, dims.Mul(dims.Sub(view.dims[axis], 1), stride));
  }
  return range;
}

// Whether all of the range is from 0 to below the period.
bool Fits(const Range& range, Dim period, SymbolicDims& dims) {
  const Dim room = dims.Sub(dims.Sub(period, 1), range.last);
  return dims.IsNonNegative(range.first) && dims.IsNonNegative(room);
}

bool IsBelow(const Range& a, const Range& b, SymbolicDims& dims) {
  return dims.IsNonNegative(dims.Sub(dims.Sub(b.first, a.last), 1));
}

bool AreApart(const View& a, const View& b, Dim period, SymbolicDims& dims) {
  const std::vector<DimTerm> terms = dims.TermsOf(period);
  if (terms.size() != 1 || terms[0].coefficient < 1) return false;
  const std::optional<Range> range_a = RangeOf(a, &terms[0], dims);
  const std::optional<Range> range_b = RangeOf(b, &terms[0], dims);
  if (!range_a || !range_b) return false;
  if (!Fits(*range_a, period, dims) || !Fits(*range_b, period, dims)) return false;
  return IsBelow(*range_a, *range_b, dims) || IsBelow(*range_b, *range_a, dims);
}

}  // namespace

bool AreDisjoint(const View& a, const View& b, SymbolicDims& dims) {
  const auto is_empty = [](Dim dim) { return dim == Dim(0); };
  if (std::any_of(a.dims.begin(), a.dims.end(), is_empty)) return true;
  if (std::any_of(b.dims.begin(), b.dims.end(), is_empty)) return true;
  const std::optional<Range> range_a = RangeOf(a, nullptr, dims);
  const std::optional<Range> range_b = RangeOf(b, nullptr, dims);
  if (range_a && range_b &&
      (IsBelow(*range_a, *range_b, dims) || IsBelow(*range_b, *range_a, dims))) {
    return true;
  }
  for (const View* view : {&a, &b}) {
    for (const Dim stride : view->strides) {
      if (AreApart(a, b, stride, dims)) return true;
    }
  }
  return false;
}

}  // namespace stint::compiler
