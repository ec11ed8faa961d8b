// CheckFunction's refusals, views of views, and the arithmetic of symbolic extents.
#include <catch2/catch.hpp>
#include <functional>
#include <string>

#include "runtime/ops/softmax.h"
#include "tools/compiler/graph/builder.h"
#include "tools/compiler/graph/compose_views.h"
#include "tools/compiler/graph/disjoint_views.h"

namespace stint::compiler {

namespace {

// x: float32[2, 3], s = Softmax(x), y = Copy(s), outputs y.
void Fill(Function& function) {
  function.name = "f";
  Value input;
  input.name = "x";
  input.dtype = DType::kFloat32;
  input.dims = {2, 3};
  input.is_input = true;
  function.inputs.push_back(function.AddValue(std::move(input)));
  Builder build(function, function.nodes);
  const View x = function.ViewOf(function.inputs[0]);
  const Result<View> s = build.EmitOne(OpKind::kSoftmax, SoftmaxAttributes(), {x});
  REQUIRE(s.ok());
  const Result<View> y = build.Concat({*s}, 0);
  REQUIRE(y.ok());
  function.outputs.push_back({"y", *y});
}

View Dense(Function& function, std::vector<Dim> dims) {
  Value value;
  value.dtype = DType::kFloat32;
  value.dims = std::move(dims);
  return function.ViewOf(function.AddValue(std::move(value)));
}

}  // namespace

TEST_CASE("CheckFunction accepts what the Builder makes") {
  Function function;
  Fill(function);
  CHECK(CheckFunction(function).ok());
}

TEST_CASE("Work on constants is done while there is some left") {
  for (const uint64_t left : {uint64_t{0}, uint64_t{1} << 20}) {
    Function function;
    function.evaluation_left = left;
    std::vector<Node> nodes;
    Builder build(function, nodes);
    const View long_one = *build.Expand(build.Scalar(DType::kFloat32, 1), {Dim(1000)});
    const View sum = *build.Binary(MapOpcode::kAdd, long_one, long_one);
    CHECK(function[sum.value].is_constant() == (left > 0));
    CHECK(nodes.empty() == (left > 0));
    CHECK(function.evaluation_left == (left > 0 ? left - 16 * 3000 : 0));
  }
}

TEST_CASE("CheckFunction accepts a write to another part than those that were read") {
  Function function;
  Fill(function);
  const View joined = Dense(function, {2, 6});
  for (size_t i = 0; i < 2; ++i) {
    function.nodes[i].results[0] = {joined.value, {2, 3}, {6, 1}, static_cast<int64_t>(3 * i)};
  }
  function.nodes[1].operands[0] = function.nodes[0].results[0];
  function.outputs[0].view = joined;
  CHECK(CheckFunction(function).ok());
  function.nodes[1].results[0].offset = 2;
  CHECK(std::string(CheckFunction(function).message()).find("after it was read") !=
        std::string::npos);
}

TEST_CASE("Views are disjoint where ranges or residues of strides show it") {
  SymbolicDims dims;
  const Dim n = dims.AddSymbol({.name = "n"});
  const Dim h = dims.AddSymbol({.name = "h"});
  const Dim line = dims.Mul(h, 24);
  struct Pair {
    View a, b;
    bool disjoint;
  };
  const Pair pairs[] = {
      {{0, {4}, {1}, 0}, {0, {4}, {1}, 4}, true},
      {{0, {4}, {1}, 0}, {0, {4}, {1}, 3}, false},
      {{0, {4}, {-1}, 3}, {0, {4}, {-1}, 7}, true},
      // Columns of a matrix, and one of them transposed.
      {{0, {5, 2}, {6, 1}, 0}, {0, {5, 4}, {6, 1}, 2}, true},
      {{0, {5, 2}, {6, 1}, 0}, {0, {4, 5}, {1, 6}, 2}, true},
      {{0, {5, 3}, {6, 1}, 0}, {0, {5, 4}, {6, 1}, 2}, false},
      // The last column goes on into the next row.
      {{0, {5, 2}, {6, 1}, 0}, {0, {4, 2}, {6, 1}, 5}, false},
      // Even and odd elements.
      {{0, {8}, {2}, 0}, {0, {8}, {2}, 1}, true},
      // Channels of pixels, and of planes, of open extents.
      {{0, {n, h, 8}, {line, 24, 1}, 0}, {0, {n, h, 16}, {line, 24, 1}, 8}, true},
      {{0, {n, h, 9}, {line, 24, 1}, 0}, {0, {n, h, 16}, {line, 24, 1}, 8}, false},
      {{0, {n, 8, h}, {line, h, 1}, 0}, {0, {n, 16, h}, {line, h, 1}, dims.Mul(h, 8)}, true},
      {{0, {0}, {1}, 0}, {0, {4}, {1}, 0}, true},
  };
  for (const Pair& pair : pairs) {
    CHECK(AreDisjoint(pair.a, pair.b, dims) == pair.disjoint);
    CHECK(AreDisjoint(pair.b, pair.a, dims) == pair.disjoint);
  }
}

TEST_CASE("CheckFunction names each broken rule") {
  struct Break {
    const char* said;  // A part of the message.
    std::function<void(Function&)> make;
  };
  const Break breaks[] = {
      {"found value 99", [](Function& f) { f.nodes[0].operands[0].value = 99; }},
      {"before it is written", [](Function& f) { std::swap(f.nodes[0], f.nodes[1]); }},
      {"written twice", [](Function& f) { f.nodes.insert(f.nodes.begin(), f.nodes[0]); }},
      {"after it was read", [](Function& f) { f.nodes.push_back(f.nodes[0]); }},
      {"in an input", [](Function& f) { f.nodes[1].results[0] = f.ViewOf(f.inputs[0]); }},
      {"as inferred", [](Function& f) { f[f.nodes[0].results[0].value].dtype = DType::kInt8; }},
      {"shape function refuses", [](Function& f) { f.nodes[0].operands.clear(); }},
      {"2 dims and 1 strides", [](Function& f) { f.outputs[0].view.strides.pop_back(); }},
      {"found a view of elements", [](Function& f) { f.outputs[0].view.offset = 1; }},
      {"found a view of elements", [](Function& f) { f.nodes[0].operands[0].strides[0] = -3; }},
      {"shape output of unknown extents",
       [](Function& f) {
         f.outputs[0].is_shape = true;
         f.outputs[0].view.dims[0] = f.dims.AddSymbol({.name = "n"});
       }},
      {"is_input", [](Function& f) { f[f.inputs[0]].is_input = false; }},
      {"twice", [](Function& f) { f.inputs.push_back(f.inputs[0]); }},
      {"extent -1", [](Function& f) { f[f.inputs[0]].dims[0] = -1; }},
      {"bytes of data",
       [](Function& f) { f[f.inputs[0]].data = std::make_shared<const Bytes>(Bytes(4)); }},
      {"known elements", [](Function& f) { f[f.inputs[0]].elements = std::vector<Dim>{1}; }},
      {"found result 0 absent", [](Function& f) { f.nodes[1].results[0] = View(); }},
  };
  for (const Break& one : breaks) {
    Function function;
    Fill(function);
    one.make(function);
    const Status status = CheckFunction(function);
    INFO("expected '" << one.said << "', found " << status.where() << ": " << status.message());
    CHECK(status.code() == Code::kInternal);
    CHECK(std::string(status.message()).find(one.said) != std::string::npos);
  }
}

TEST_CASE("A view of a transposed part reads the elements that both say") {
  // inner: columns 1 to 3 of a [4, 5] value, transposed: [3, 4]; outer: all views of [3, 4] that
  // strides can say are compared element by element.
  Function function;
  const View inner = {0, {3, 4}, {1, 5}, 1};
  const View outers[] = {
      {9, {3, 4}, {4, 1}, 0}, {9, {4, 3}, {1, 4}, 0},       {9, {2, 4}, {4, 1}, 4},
      {9, {3, 2}, {4, 2}, 1}, {9, {3, 2, 2}, {4, 2, 1}, 0}, {9, {7, 3}, {0, 4}, 2},
      {9, {}, {}, 11},        {9, {1, 3}, {77, 4}, 0},
  };
  for (const View& outer : outers) {
    const std::optional<View> both = ComposeViews(outer, inner, function.dims);
    REQUIRE(both.has_value());
    REQUIRE(both->dims == outer.dims);
    int64_t count = 1;
    for (const Dim dim : outer.dims) count *= dim.constant();
    for (int64_t i = 0; i < count; ++i) {
      int64_t rest = i;
      int64_t dense = outer.offset.constant();
      int64_t found = both->offset.constant();
      for (size_t axis = outer.dims.size(); axis-- > 0;) {
        const int64_t at = rest % outer.dims[axis].constant();
        rest /= outer.dims[axis].constant();
        dense += at * outer.strides[axis].constant();
        found += at * both->strides[axis].constant();
      }
      CHECK(found == 1 + dense / 4 * 1 + dense % 4 * 5);
    }
  }
}

TEST_CASE("Views that strides cannot say do not compose") {
  Function function;
  const View turned = {0, {3, 4}, {1, 3}, 0};
  CHECK_FALSE(ComposeViews({9, {12}, {1}, 0}, turned, function.dims).has_value());
  CHECK_FALSE(ComposeViews({9, {2, 6}, {6, 1}, 0}, turned, function.dims).has_value());
  CHECK_FALSE(ComposeViews({9, {2}, {3}, 2}, turned, function.dims).has_value());
}

TEST_CASE("Symbolic views compose where every extent allows it") {
  Function function;
  SymbolicDims& dims = function.dims;
  const Dim n = dims.AddSymbol({"N", false, 0, 0});
  const View whole = Dense(function, {n, 6});
  const View turned = {whole.value, {6, n}, {1, 6}, 0};
  const auto back = ComposeViews({9, {n, 6}, {1, n}, 0}, turned, dims);
  REQUIRE(back.has_value());
  CHECK(*back == whole);
  CHECK_FALSE(ComposeViews({9, {2, 6}, {1, n}, 0}, turned, dims).has_value());
}

TEST_CASE("No chain of expressions grows without bound") {
  SymbolicDims dims;
  const Dim n = dims.AddSymbol({"N", false, 0, 0});
  const Dim c = dims.AddSymbol({"C", false, 0, 1});
  Dim product = n;
  for (int i = 0; i < 100; ++i) product = dims.Mul(product, n);
  CHECK(dims.ok());
  CHECK(dims.IsNonNegative(product));
  Dim deep = n;
  for (int i = 0; i < 100000 && dims.ok(); ++i) deep = dims.FloorDiv(dims.Add(deep, 1), c);
  CHECK(dims.TakeStatus().code() == Code::kLimit);
}

TEST_CASE("A negative divisor is a positive one of the negated dividend") {
  SymbolicDims dims;
  const Dim n = dims.AddSymbol({"N", false, 0, 0});
  CHECK(dims.FloorDiv(n, -3) == dims.FloorDiv(dims.Mul(n, -1), 3));
  CHECK(dims.FloorDiv(dims.Mul(n, 6), -3) == dims.Mul(n, -2));
  CHECK(dims.FloorDiv(7, -2) == Dim(-4));
}

TEST_CASE("Equal extents are one Dim however they were computed") {
  SymbolicDims dims;
  const Dim n = dims.AddSymbol({"N", false, 0, 0});
  const Dim c = dims.AddSymbol({"C", false, 0, 1});
  CHECK(dims.Mul(n, dims.Mul(c, 2)) == dims.Mul(dims.Mul(2, n), c));
  CHECK(dims.Sub(dims.Add(n, c), n) == c);
  CHECK(dims.FloorDiv(dims.Mul(n, 6), 3) == dims.Add(n, n));
  CHECK(dims.FloorDiv(dims.Add(dims.Mul(n, 4), 3), 4) == n);
  CHECK(dims.Mod(dims.Mul(n, c), n) == Dim(0));
  CHECK(dims.Max(n, 0) == n);
  CHECK(dims.Min(dims.Add(n, 1), n) == n);
  CHECK(dims.Less(n, dims.Add(n, 1)) == Dim(1));
  CHECK(dims.Equal(n, n) == Dim(1));
  CHECK(dims.Equal(n, dims.Add(n, 2)) == Dim(0));
  CHECK(dims.Broadcast(n, 1) == n);
  CHECK(dims.Broadcast(n, c) == dims.Broadcast(c, n));
  CHECK(dims.Select(dims.Less(n, 0), c, n) == n);
}

TEST_CASE("What symbols may be is not decided early") {
  SymbolicDims dims;
  const Dim n = dims.AddSymbol({"N", false, 0, 0});
  const Dim element = dims.AddSymbol({"e", true, 0, 0});
  CHECK(dims.IsNonNegative(n));
  CHECK_FALSE(dims.IsNonNegative(element));
  CHECK_FALSE(dims.IsNonNegative(dims.Sub(n, 1)));
  CHECK_FALSE(dims.Equal(n, 3).is_constant());
  dims.Require(n, 3, "a test");
  CHECK(dims.ok());
  CHECK(dims.checks().size() == 1);
  dims.Require(n, 3, "a test");
  CHECK(dims.checks().size() == 1);
  dims.Require(dims.Add(n, 1), n, "a test");
  CHECK_FALSE(dims.ok());
  CHECK(dims.TakeStatus().code() == Code::kInvalid);
  dims.Mul(dims.Mul(n, INT64_MAX), 2);
  CHECK(dims.TakeStatus().code() == Code::kLimit);
}

TEST_CASE("Describe takes expressions apart into what makes them again") {
  SymbolicDims dims;
  const Dim n = dims.AddSymbol({"N", false, 0, 0});
  const Dim c = dims.AddSymbol({"C", false, 0, 1});
  const Dim whole = dims.Sub(dims.Mul(dims.Mul(n, c), 3), dims.FloorDiv(dims.Add(n, 1), 2));
  const std::function<Dim(Dim)> rebuild = [&](Dim dim) -> Dim {
    if (dim.is_constant()) return dim;
    const DimStep step = dims.Describe(dim);
    if (step.op == DimOp::kSymbol) return dim;
    return dims.Apply(step.op, rebuild(step.a), rebuild(step.b), rebuild(step.c));
  };
  CHECK(rebuild(whole) == whole);
}

}  // namespace stint::compiler
