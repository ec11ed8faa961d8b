// Operators that compute each element by itself: arithmetic, functions, comparisons, logic. Most
// are one Map instruction, so that the table at the end is the whole of their import.
#include <algorithm>
#include <limits>

#include "tools/compiler/import/onnx/operands.h"
#include "tools/compiler/import/onnx/rules.h"
#include "tools/compiler/import/onnx/terms.h"

namespace stint::compiler {

namespace {

constexpr size_t kMaxTermsAtOnce = kMapMaxInputs;

template <MapOpcode kOpcode>
Status Unary(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_ASSIGN(View result, node.build.Unary(kOpcode, node.input(0)));
  node.SetOutput(0, std::move(result));
  return {};
}

// Two operands of one type. The result is bool for comparisons, else of that type.
template <MapOpcode kOpcode>
Status Binary(NodeContext& node) {
  STINT_TRY(NeedOneType(node, 0, 2));
  STINT_ASSIGN(const View second, AlignedSecondOperand(node));
  const DType result = InfoOf(kOpcode).makes_bool ? DType::kBool : node.dtype(0);
  STINT_ASSIGN(View view, Compute(node.build, {node.input(0), second}, result,
                                  [](const Terms& in) { return in[0].Apply(kOpcode, in[1]); }));
  node.SetOutput(0, std::move(view));
  return {};
}

// Sum, Mean, Max and Min of any number of operands, from the left.
Result<View> Chain(NodeContext& node, MapOpcode opcode, bool mean) {
  STINT_TRY(NeedOneType(node, 0, std::max(node.input_count(), 1)));
  const auto count = static_cast<size_t>(node.input_count());
  View total = node.input(0);
  for (size_t next = 1; next < count;) {
    std::vector<View> inputs = {total};
    while (next < count && inputs.size() < kMaxTermsAtOnce) {
      inputs.push_back(node.input(static_cast<int>(next++)));
    }
    const bool last = next >= count;
    STINT_ASSIGN(total, Compute(node.build, inputs, node.dtype(0), [&](const Terms& in) {
                   Term sum = in[0];
                   for (size_t i = 1; i < in.size(); ++i) sum = sum.Apply(opcode, in[i]);
                   return mean && last ? sum / static_cast<double>(count) : sum;
                 }));
  }
  return total;
}

template <MapOpcode kOpcode, bool kMean = false>
Status Variadic(NodeContext& node) {
  STINT_ASSIGN(View result, Chain(node, kOpcode, kMean));
  node.SetOutput(0, std::move(result));
  return {};
}

Status Mod(NodeContext& node) {
  return node.Int("fmod", 0) != 0 ? Binary<MapOpcode::kRem>(node) : Binary<MapOpcode::kMod>(node);
}

// The type in which x^y is computed. Integers with a float exponent go through float64; integers of
// two types through 64 bits, whose low bits are right.
MapType PowerType(DType base, DType exponent) {
  const MapType type = NaturalMapType(base);
  if (IsFloat(base)) return type;
  if (IsFloat(exponent)) return MapType::kF64;
  return NaturalMapType(exponent) == type ? type : MapType::kI64;
}

Status PowRule(NodeContext& node) {
  STINT_ASSIGN(const View exponent, AlignedSecondOperand(node));
  const MapType type = PowerType(node.dtype(0), node.dtype(1));
  STINT_ASSIGN(View result,
               Compute(node.build, {node.input(0), exponent}, node.dtype(0),
                       [type](const Terms& in) { return Pow(in[0].As(type), in[1].As(type)); }));
  node.SetOutput(0, std::move(result));
  return {};
}

Status BitShift(NodeContext& node) {
  const std::string direction = node.String("direction", "");
  if (direction == "LEFT") return Binary<MapOpcode::kShiftLeft>(node);
  if (direction == "RIGHT") return Binary<MapOpcode::kShiftRight>(node);
  return node.Invalid("found direction '" + direction + "', allowed LEFT and RIGHT");
}

Status Where(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_TRY(NeedOneType(node, 1, 3));
  if (node.dtype(0) != DType::kBool) {
    return node.Invalid(std::string("found a condition of ") + NameOf(node.dtype(0)) +
                        ", allowed bool");
  }
  STINT_ASSIGN(View result,
               Compute(node.build, {node.input(0), node.input(1), node.input(2)}, node.dtype(1),
                       [](const Terms& in) { return in[0].Choose(in[1], in[2]); }));
  node.SetOutput(0, std::move(result));
  return {};
}

// Clip up to version 10: bounds are attributes, always there.
Result<View> ClipByAttributes(NodeContext& node) {
  constexpr double kLargest = std::numeric_limits<float>::max();
  const double low = node.Float("min", -kLargest);
  const double high = node.Float("max", kLargest);
  return Compute(node.build, {node.input(0)}, node.dtype(0),
                 [&](const Terms& in) { return Min(Max(in[0], low), high); });
}

Result<View> ClipByOperands(NodeContext& node) {
  std::vector<View> inputs = {node.input(0)};
  for (int i = 1; i < 3; ++i) {
    if (!node.has(i)) continue;
    if (node.dtype(i) != node.dtype(0)) {
      return node.Invalid("found a bound of another type, allowed the operand's");
    }
    STINT_ASSIGN(View bound, AsScalar(node.build, node.input(i)));
    inputs.push_back(std::move(bound));
  }
  if (inputs.size() == 1) return node.input(0);
  return Compute(node.build, inputs, node.dtype(0), [&](const Terms& in) {
    const Term raised = node.has(1) ? Max(in[0], in[1]) : in[0];
    return node.has(2) ? Min(raised, in[in.size() - 1]) : raised;
  });
}

Status Clip(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_ASSIGN(View result, node.version() < 11 ? ClipByAttributes(node) : ClipByOperands(node));
  node.SetOutput(0, std::move(result));
  return {};
}

Status IsNan(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_ASSIGN(View result, Compute(node.build, {node.input(0)}, DType::kBool, [](const Terms& in) {
                 return in[0].Apply(MapOpcode::kIsNan);
               }));
  node.SetOutput(0, std::move(result));
  return {};
}

Status IsInf(NodeContext& node) {
  STINT_TRY(node.Need(0));
  const bool positive = node.Int("detect_positive", 1) != 0;
  const bool negative = node.Int("detect_negative", 1) != 0;
  STINT_ASSIGN(View result,
               Compute(node.build, {node.input(0)}, DType::kBool, [&](const Terms& in) {
                 if (!positive && !negative) return in.Number(MapType::kBool, 0);
                 const Term above = in[0].Apply(MapOpcode::kIsPositiveInfinity);
                 const Term below = in[0].Apply(MapOpcode::kIsNegativeInfinity);
                 return positive && negative ? above | below : positive ? above : below;
               }));
  node.SetOutput(0, std::move(result));
  return {};
}

using enum MapOpcode;

constexpr ImportRule kRules[] = {
    {"Abs", Unary<kAbs>},
    {"Acos", Unary<kAcos>, 7},
    {"Acosh", Unary<kAcosh>, 9},
    {"Asin", Unary<kAsin>, 7},
    {"Asinh", Unary<kAsinh>, 9},
    {"Atan", Unary<kAtan>, 7},
    {"Atanh", Unary<kAtanh>, 9},
    {"BitwiseNot", Unary<kNot>, 18},
    {"Ceil", Unary<kCeil>},
    {"Cos", Unary<kCos>, 7},
    {"Cosh", Unary<kCosh>, 9},
    {"Erf", Unary<kErf>, 9},
    {"Exp", Unary<kExp>},
    {"Floor", Unary<kFloor>},
    {"Log", Unary<kLog>},
    {"Neg", Unary<kNeg>},
    {"Not", Unary<kNot>},
    {"Reciprocal", Unary<kReciprocal>},
    {"Round", Unary<kRoundEven>, 11},
    {"Sign", Unary<kSign>, 9},
    {"Sin", Unary<kSin>, 7},
    {"Sinh", Unary<kSinh>, 9},
    {"Sqrt", Unary<kSqrt>},
    {"Tan", Unary<kTan>, 7},
    {"Tanh", Unary<kTanh>},
    {"IsNaN", IsNan, 9},
    {"IsInf", IsInf, 10},

    {"Add", Binary<kAdd>},
    {"And", Binary<kAnd>},
    {"BitShift", BitShift, 11},
    {"BitwiseAnd", Binary<kAnd>, 18},
    {"BitwiseOr", Binary<kOr>, 18},
    {"BitwiseXor", Binary<kXor>, 18},
    {"Div", Binary<kDiv>},
    {"Equal", Binary<kEqual>},
    {"Greater", Binary<kGreater>},
    {"GreaterOrEqual", Binary<kGreaterEqual>, 12},
    {"Less", Binary<kLess>},
    {"LessOrEqual", Binary<kLessEqual>, 12},
    {"Mod", Mod, 10},
    {"Mul", Binary<kMul>},
    {"Or", Binary<kOr>},
    {"Pow", PowRule},
    {"Sub", Binary<kSub>},
    {"Xor", Binary<kXor>},

    {"Max", Variadic<kMax>},
    {"Mean", Variadic<kAdd, true>},
    {"Min", Variadic<kMin>},
    {"Sum", Variadic<kAdd>},

    {"Clip", Clip},
    {"Where", Where, 9},
};

}  // namespace

std::span<const ImportRule> ElementwiseRules() { return kRules; }

}  // namespace stint::compiler
