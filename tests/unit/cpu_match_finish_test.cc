// Which epilogues the CPU's kernels finish in registers: the spellings that importers and exporters
// write, and what only looks like them.
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>

#include "backends/cpu/kernels/match_finish.h"
#include "runtime/ops/map/build_map.h"

namespace stint {
namespace {

using cpu::Activation;
using cpu::FinishMatch;

// A formula over one float32 input.
class Formula {
 public:
  MapBuilder map;
  int x = map.Load(DType::kFloat32);

  int Number(double number) { return map.Constant(MapType::kF32, number); }
  int Add(int a, int b) { return map.Binary(MapOpcode::kAdd, a, b); }
  int Mul(int a, int b) { return map.Binary(MapOpcode::kMul, a, b); }
  int Div(int a, int b) { return map.Binary(MapOpcode::kDiv, a, b); }
  int Clamp(int a, double low, double high) {
    return map.Binary(MapOpcode::kMax, Number(low), map.Binary(MapOpcode::kMin, Number(high), a));
  }
  int Negative(int a) { return map.Binary(MapOpcode::kLess, a, Number(0)); }
  int PlainSigmoid(int a) {
    const int decay = map.Unary(MapOpcode::kExp, map.Unary(MapOpcode::kNeg, a));
    return Div(Number(1), Add(Number(1), decay));
  }
  int Cube() { return Mul(Mul(x, x), x); }
  int Cubic(int cube) {
    return Mul(Number(std::sqrt(2 / M_PI)), Add(x, Mul(Number(0.044715), cube)));
  }
  int GeluTanh(int inner, double factor) {
    const int tanh = map.Unary(MapOpcode::kTanh, Mul(Number(factor), inner));
    return Mul(Mul(Number(0.5), x), Add(Number(1), tanh));
  }
  int Sigmoid(int a) {
    const int magnitude = map.Unary(MapOpcode::kAbs, a);
    const int decay = map.Unary(MapOpcode::kExp, map.Unary(MapOpcode::kNeg, magnitude));
    const int sum = Add(decay, Number(1));
    return map.Select(Negative(a), Div(decay, sum), Div(Number(1), sum));
  }
};

struct Spelling {
  const char* name;
  int (*result)(Formula& f);
  bool matches;
  Activation activation = Activation::kNone;
  float low = 0, high = 0, slope = 0, offset = 0;
};

constexpr Spelling kSpellings[] = {
    {"relu6", [](Formula& f) { return f.Clamp(f.x, 0, 6); }, true, Activation::kClamp, 0, 6},
    {"hard sigmoid",
     [](Formula& f) { return f.Clamp(f.Add(f.Mul(f.x, f.Number(0.25)), f.Number(0.375)), 0, 1); },
     true, Activation::kLinear, 0, 1, 0.25F, 0.375F},
    {"relu6(x + 3) / 6",
     [](Formula& f) { return f.Div(f.Clamp(f.Add(f.x, f.Number(3)), 0, 6), f.Number(6)); }, true,
     Activation::kLinear, 0, 1, 1.0F / 6, 0.5F},
    {"scale", [](Formula& f) { return f.Mul(f.x, f.Number(0.125)); }, true, Activation::kLinear,
     -HUGE_VALF, HUGE_VALF, 0.125F},
    {"quotient", [](Formula& f) { return f.Div(f.x, f.Number(8)); }, true, Activation::kLinear,
     -HUGE_VALF, HUGE_VALF, 0.125F},
    {"quotient of a number", [](Formula& f) { return f.Div(f.Number(8), f.x); }, false},
    {"quotient by 0", [](Formula& f) { return f.Div(f.x, f.Number(0)); }, false},
    {"leaky relu",
     [](Formula& f) { return f.map.Select(f.Negative(f.x), f.Mul(f.Number(0.125), f.x), f.x); },
     true, Activation::kLeaky, 0, 0, 0.125F},
    {"leaky relu of another value",
     [](Formula& f) {
       return f.map.Select(f.Negative(f.Mul(f.x, f.x)), f.Mul(f.Number(0.125), f.x), f.x);
     },
     false},
    {"sigmoid", [](Formula& f) { return f.Sigmoid(f.x); }, true, Activation::kSigmoid},
    {"swish", [](Formula& f) { return f.Mul(f.x, f.Sigmoid(f.x)); }, true, Activation::kSwish},
    {"swish with a factor",
     [](Formula& f) { return f.Mul(f.x, f.Sigmoid(f.Mul(f.x, f.Number(1.5)))); }, false},
    {"hard swish",
     [](Formula& f) {
       return f.Mul(f.x, f.Clamp(f.Add(f.Mul(f.x, f.Number(1.0 / 6)), f.Number(0.5)), 0, 1));
     },
     true, Activation::kHardSwish},
    {"hard swish of another slope",
     [](Formula& f) {
       return f.Mul(f.x, f.Clamp(f.Add(f.Mul(f.x, f.Number(0.2)), f.Number(0.5)), 0, 1));
     },
     false},
    {"sigmoid in single operators", [](Formula& f) { return f.PlainSigmoid(f.x); }, true,
     Activation::kSigmoid},
    {"swish in single operators", [](Formula& f) { return f.Mul(f.x, f.PlainSigmoid(f.x)); }, true,
     Activation::kSwish},
    {"gelu of the importer", [](Formula& f) { return f.GeluTanh(f.Cubic(f.Cube()), 1); }, true,
     Activation::kGeluTanh},
    {"gelu with a power",
     [](Formula& f) {
       return f.GeluTanh(f.Cubic(f.map.Binary(MapOpcode::kPow, f.x, f.Number(3))), 1);
     },
     true, Activation::kGeluTanh},
    {"gelu with x taken out",
     [](Formula& f) {
       const int square = f.Mul(f.Mul(f.Number(0.044715), f.x), f.x);
       return f.GeluTanh(f.Mul(f.Mul(f.x, f.Number(0.79788456)), f.Add(f.Number(1), square)), 1);
     },
     true, Activation::kGeluTanh},
    {"gelu of another constant", [](Formula& f) { return f.GeluTanh(f.Cubic(f.Cube()), 1.01); },
     false},
    {"gelu of another power",
     [](Formula& f) {
       return f.GeluTanh(f.Cubic(f.map.Binary(MapOpcode::kPow, f.x, f.Number(2))), 1);
     },
     false},
    {"gelu of a fourth power",
     [](Formula& f) { return f.GeluTanh(f.Cubic(f.Mul(f.x, f.Cube())), 1); }, false},
    {"sum with itself", [](Formula& f) { return f.Add(f.x, f.x); }, false},
    {"the largest of two numbers and x",
     [](Formula& f) {
       return f.map.Binary(MapOpcode::kMax, f.Number(NAN),
                           f.map.Binary(MapOpcode::kMax, f.Number(5), f.x));
     },
     false},
    {"square", [](Formula& f) { return f.Mul(f.x, f.x); }, false},
};

TEST_CASE("Activations are recognised in their spellings, with their numbers") {
  for (const Spelling& spelling : kSpellings) {
    INFO(spelling.name);
    Formula formula;
    formula.map.Store(spelling.result(formula), DType::kFloat32);
    const Result<MapProgram> program = formula.map.Finish();
    REQUIRE(program.ok());
    FinishMatch match;
    REQUIRE(cpu::MatchFinish(*program, &match) == spelling.matches);
    if (!spelling.matches) continue;
    CHECK(match.activation == spelling.activation);
    if (spelling.activation == Activation::kLinear || spelling.activation == Activation::kClamp) {
      CHECK(match.low == spelling.low);
      CHECK(match.high == spelling.high);
    }
    if (spelling.slope != 0) CHECK(match.slope == spelling.slope);
    if (spelling.activation == Activation::kLinear) CHECK(match.offset == spelling.offset);
  }
}

TEST_CASE("A residual is recognised before and behind an activation") {
  for (const bool last : {false, true}) {
    Formula formula;
    const int residual = formula.map.Load(DType::kFloat32);
    const int sum = last ? formula.x : formula.Add(formula.x, residual);
    const int value = formula.Sigmoid(sum);
    formula.map.Store(last ? formula.Add(value, residual) : value, DType::kFloat32);
    const Result<MapProgram> program = formula.map.Finish();
    REQUIRE(program.ok());
    FinishMatch match;
    REQUIRE(cpu::MatchFinish(*program, &match));
    CHECK(match.activation == Activation::kSigmoid);
    CHECK(match.residual == 1);
    CHECK(match.residual_last == last);
  }
}

// erf(x / sqrt 2) as a division or a product, plus 1.
int ErfTerm(MapBuilder& build, int x, bool divides, double one) {
  const double root = divides ? std::sqrt(2.0) : std::sqrt(0.5);
  const MapOpcode scale = divides ? MapOpcode::kDiv : MapOpcode::kMul;
  const int scaled = build.Binary(scale, x, build.Constant(MapType::kF32, root));
  const int erf = build.Unary(MapOpcode::kErf, scaled);
  return build.Binary(MapOpcode::kAdd, erf, build.Constant(MapType::kF32, one));
}

using Product = std::function<int(MapBuilder&, int x, int term)>;

int Half(MapBuilder& build, int value) {
  return build.Binary(MapOpcode::kMul, value, build.Constant(MapType::kF32, 0.5));
}

Activation Recognised(const Product& product, bool divides, double one) {
  MapBuilder build;
  const int x = build.Load(DType::kFloat32);
  build.Store(product(build, x, ErfTerm(build, x, divides, one)), DType::kFloat32);
  const Result<MapProgram> program = build.Finish();
  REQUIRE(program.ok());
  cpu::FinishMatch match;
  return cpu::MatchFinish(*program, &match) ? match.activation : Activation::kNone;
}

TEST_CASE("GELU is recognised in each order of its factors", "[cpu]") {
  const MapOpcode mul = MapOpcode::kMul;
  const Product orders[] = {
      [=](MapBuilder& b, int x, int term) { return Half(b, b.Binary(mul, x, term)); },
      [=](MapBuilder& b, int x, int term) { return Half(b, b.Binary(mul, term, x)); },
      [=](MapBuilder& b, int x, int term) { return b.Binary(mul, Half(b, x), term); },
      [=](MapBuilder& b, int x, int term) { return b.Binary(mul, term, Half(b, x)); },
      [=](MapBuilder& b, int x, int term) { return b.Binary(mul, x, Half(b, term)); },
      [=](MapBuilder& b, int x, int term) { return b.Binary(mul, Half(b, term), x); },
  };
  for (const Product& order : orders) {
    for (const bool divides : {false, true}) {
      CHECK(Recognised(order, divides, 1) == Activation::kGelu);
      CHECK(Recognised(order, divides, 1.5) == Activation::kNone);
    }
  }
  const Product twice = [=](MapBuilder& b, int x, int term) {
    return b.Binary(mul, Half(b, x), Half(b, term));
  };
  CHECK(Recognised(twice, false, 1) == Activation::kNone);
}

}  // namespace
}  // namespace stint
