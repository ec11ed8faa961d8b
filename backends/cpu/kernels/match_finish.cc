#include "backends/cpu/kernels/match_finish.h"

#include <cmath>
#include <cstring>
#include <limits>

namespace stint::cpu {

namespace {

// What a register holds, as a tree over the program's instructions.
class Expressions {
 public:
  // False: a program that is more than float32 arithmetic with one result.
  bool Read(const MapProgram& program) {
    if (program.output_count != 1 || program.outputs[0] != DType::kFloat32) return false;
    int registers[kMapMaxRegisters] = {};
    for (int i = 0; i < program.instruction_count; ++i) {
      const MapInstruction& it = program.instructions[i];
      if (it.opcode == MapOpcode::kStore) {
        root = registers[it.a];
        return i == program.instruction_count - 1;
      }
      if (it.type != MapType::kF32) return false;
      Node& node = nodes_[i];
      node.opcode = it.opcode;
      if (it.opcode == MapOpcode::kImmediate) {
        const auto bits = static_cast<uint32_t>(program.constants[it.a]);
        std::memcpy(&node.number, &bits, sizeof(bits));
      } else if (it.opcode == MapOpcode::kLoad) {
        if (program.inputs[it.a] != DType::kFloat32) return false;
        node.input = it.a;
      } else {
        node.a = registers[it.a];
        node.b = registers[it.b];
        node.c = registers[it.c];
      }
      registers[it.result] = i;
    }
    return false;
  }

  int root = 0;

  bool Is(int node, MapOpcode opcode) const { return nodes_[node].opcode == opcode; }
  bool IsInput(int node, int input) const {
    return Is(node, MapOpcode::kLoad) && nodes_[node].input == input;
  }
  bool IsNumber(int node, float number) const {
    if (!Is(node, MapOpcode::kImmediate)) return false;
    return std::fabs(nodes_[node].number - number) <= std::fabs(number) * 1e-6F;
  }
  float number(int node) const { return nodes_[node].number; }
  int input(int node) const { return nodes_[node].input; }
  int a(int node) const { return nodes_[node].a; }
  int b(int node) const { return nodes_[node].b; }
  int c(int node) const { return nodes_[node].c; }

  // Whether the node is `opcode` of two things, one of which `first` accepts; *other is the rest.
  template <typename First>
  bool IsPair(int node, MapOpcode opcode, const First& first, int* other) const {
    if (!Is(node, opcode)) return false;
    *other = b(node);
    if (first(a(node))) return true;
    *other = a(node);
    return first(b(node));
  }
  bool IsWithNumber(int node, MapOpcode opcode, float wanted, int* other) const {
    return IsPair(node, opcode, [&](int n) { return IsNumber(n, wanted); }, other);
  }
  // Whether the node is `opcode` of any number and *other.
  bool IsWithAnyNumber(int node, MapOpcode opcode, float* number, int* other) const {
    const auto is_number = [&](int n) { return Is(n, MapOpcode::kImmediate); };
    if (!IsPair(node, opcode, is_number, other)) return false;
    *number = nodes_[*other == a(node) ? b(node) : a(node)].number;
    return true;
  }

 private:
  struct Node {
    MapOpcode opcode = {};
    int input = -1;
    float number = 0;
    int a = 0, b = 0, c = 0;
  };
  Node nodes_[kMapMaxInstructions];
};

class Matcher {
 public:
  explicit Matcher(FinishMatch* match) : match_(match) {}

  bool Match(const MapProgram& program) {
    if (!tree_.Read(program)) return false;
    int other = 0;
    // f(x) + r, f(x + r), f(x).
    const auto is_other_input = [&](int node) {
      return tree_.Is(node, MapOpcode::kLoad) && tree_.input(node) > 0;
    };
    if (tree_.IsPair(tree_.root, MapOpcode::kAdd, is_other_input, &other)) {
      const int residual =
          tree_.input(other == tree_.a(tree_.root) ? tree_.b(tree_.root) : tree_.a(tree_.root));
      match_->residual = residual;
      match_->residual_last = true;
      if (MatchActivation(other)) {
        match_->residual_last = match_->activation != Activation::kNone;
        return true;
      }
      *match_ = {};
    }
    return MatchActivation(tree_.root);
  }

 private:
  // Whether the node is what the activation is of: the sum, with a residual if there is none yet.
  bool IsArgument(int node) {
    if (argument_ >= 0) return node == argument_;
    if (tree_.IsInput(node, 0)) {
      argument_ = node;
      return true;
    }
    int other = 0;
    const bool sum =
        match_->residual == 0 &&
        tree_.IsPair(node, MapOpcode::kAdd, [&](int n) { return tree_.IsInput(n, 0); }, &other);
    // Input 0 itself is no residual.
    if (!sum || !tree_.Is(other, MapOpcode::kLoad) || tree_.input(other) == 0) return false;
    match_->residual = tree_.input(other);
    argument_ = node;
    return true;
  }

  bool MatchActivation(int node) {
    const FinishMatch before = *match_;
    for (const auto matches :
         {&Matcher::IsPlain, &Matcher::IsClamp, &Matcher::IsLinear, &Matcher::IsScale,
          &Matcher::IsLeaky, &Matcher::IsHardSwish, &Matcher::IsGate, &Matcher::IsSwish,
          &Matcher::IsGelu, &Matcher::IsGeluTanh}) {
      argument_ = -1;
      *match_ = before;
      if ((this->*matches)(node)) return true;
    }
    return false;
  }

  bool IsPlain(int node) { return IsArgument(node); }

  // min and max with numbers, in any order.
  bool IsClamp(int node) {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    float low = -kInfinity;
    float high = kInfinity;
    int inner = node;
    for (int i = 0; i < 2; ++i) {
      int other = 0;
      float bound = 0;
      const bool maximum = tree_.IsWithAnyNumber(inner, MapOpcode::kMax, &bound, &other);
      if (!maximum && !tree_.IsWithAnyNumber(inner, MapOpcode::kMin, &bound, &other)) break;
      // Each bound once; NaN is none.
      if (maximum ? low != -kInfinity : high != kInfinity) return false;
      (maximum ? low : high) = bound;
      inner = other;
    }
    if (inner == node || !(low <= high) || !IsArgument(inner)) return false;
    match_->activation = Activation::kClamp;
    match_->low = low;
    match_->high = high;
    return true;
  }

  // Clamped to [0, top], in either order of minimum and maximum.
  bool IsBetween(int node, float top, int* inner) {
    int other = 0;
    return (tree_.IsWithNumber(node, MapOpcode::kMax, 0, &other) &&
            tree_.IsWithNumber(other, MapOpcode::kMin, top, inner)) ||
           (tree_.IsWithNumber(node, MapOpcode::kMin, top, &other) &&
            tree_.IsWithNumber(other, MapOpcode::kMax, 0, inner));
  }

  // clamp(x / 6 + 1 / 2, 0, 1)
  bool IsHardSigmoid(int node) {
    int sum = 0;
    int product = 0;
    int x = 0;
    if (!IsBetween(node, 1, &sum)) return false;
    if (!tree_.IsWithNumber(sum, MapOpcode::kAdd, 0.5F, &product)) return false;
    return tree_.IsWithNumber(product, MapOpcode::kMul, 1.0F / 6, &x) && IsArgument(x);
  }
  // clamp(x + 3, 0, 6)
  bool IsShiftedClamp(int node) {
    int sum = 0;
    int x = 0;
    return IsBetween(node, 6, &sum) && tree_.IsWithNumber(sum, MapOpcode::kAdd, 3, &x) &&
           IsArgument(x);
  }
  bool IsSixth(int node, int* inner) {
    if (tree_.IsWithNumber(node, MapOpcode::kMul, 1.0F / 6, inner)) return true;
    *inner = tree_.a(node);
    return tree_.Is(node, MapOpcode::kDiv) && tree_.IsNumber(tree_.b(node), 6);
  }

  // clamp(slope * x + offset, 0, 1), clamp(x + 3, 0, 6) / 6
  bool IsLinear(int node) {
    match_->activation = Activation::kLinear;
    match_->low = 0;
    match_->high = 1;
    int inner = 0;
    if (IsSixth(node, &inner) && IsShiftedClamp(inner)) {
      match_->slope = 1.0F / 6;
      match_->offset = 0.5F;
      return true;
    }
    int product = 0;
    int x = 0;
    return IsBetween(node, 1, &inner) &&
           tree_.IsWithAnyNumber(inner, MapOpcode::kAdd, &match_->offset, &product) &&
           tree_.IsWithAnyNumber(product, MapOpcode::kMul, &match_->slope, &x) && IsArgument(x);
  }

  // slope * x, x / number
  bool IsScale(int node) {
    match_->activation = Activation::kLinear;
    match_->low = -std::numeric_limits<float>::infinity();
    match_->high = std::numeric_limits<float>::infinity();
    int x = 0;
    if (tree_.IsWithAnyNumber(node, MapOpcode::kMul, &match_->slope, &x)) return IsArgument(x);
    if (!tree_.Is(node, MapOpcode::kDiv) || !tree_.Is(tree_.b(node), MapOpcode::kImmediate)) {
      return false;
    }
    match_->slope = 1.0F / tree_.number(tree_.b(node));
    return std::isnormal(match_->slope) && IsArgument(tree_.a(node));
  }

  // x < 0 ? slope * x : x
  bool IsLeaky(int node) {
    match_->activation = Activation::kLeaky;
    if (!tree_.Is(node, MapOpcode::kSelect)) return false;
    const int test = tree_.a(node);
    int x = 0;
    return tree_.Is(test, MapOpcode::kLess) && tree_.IsNumber(tree_.b(test), 0) &&
           tree_.IsWithAnyNumber(tree_.b(node), MapOpcode::kMul, &match_->slope, &x) &&
           tree_.a(test) == x && tree_.c(node) == x && IsArgument(x);
  }

  // x * clamp(x / 6 + 1 / 2, 0, 1), x * clamp(x + 3, 0, 6) / 6, x * (clamp(x + 3, 0, 6) / 6)
  bool IsHardSwish(int node) {
    match_->activation = Activation::kHardSwish;
    int inner = 0;
    int x = 0;
    const bool whole = tree_.IsPair(
                           node, MapOpcode::kMul, [&](int n) { return IsHardSigmoid(n); }, &x) &&
                       IsArgument(x);
    if (whole) return true;
    argument_ = -1;
    if (IsSixth(node, &inner) &&
        tree_.IsPair(inner, MapOpcode::kMul, [&](int n) { return IsShiftedClamp(n); }, &x)) {
      return IsArgument(x);
    }
    argument_ = -1;
    const auto is_sixth_of_clamp = [&](int n) {
      int clamp = 0;
      return IsSixth(n, &clamp) && IsShiftedClamp(clamp);
    };
    return tree_.IsPair(node, MapOpcode::kMul, is_sixth_of_clamp, &x) && IsArgument(x);
  }

  // 1 / (1 + e^-x) as it stands.
  bool IsPlainSigmoid(int node) {
    const bool divides = tree_.Is(node, MapOpcode::kDiv) && tree_.IsNumber(tree_.a(node), 1);
    if (!divides && !tree_.Is(node, MapOpcode::kReciprocal)) return false;
    int e = 0;
    const int sum = divides ? tree_.b(node) : tree_.a(node);
    return tree_.IsWithNumber(sum, MapOpcode::kAdd, 1, &e) && tree_.Is(e, MapOpcode::kExp) &&
           tree_.Is(tree_.a(e), MapOpcode::kNeg) && IsArgument(tree_.a(tree_.a(e)));
  }

  // 1 / (1 + e^-x), as the importer writes it: e = exp(-|x|), x < 0 ? e / (e + 1) : 1 / (e + 1).
  bool IsSigmoid(int node) {
    if (!tree_.Is(node, MapOpcode::kSelect)) return IsPlainSigmoid(node);
    const int low = tree_.b(node);
    const int high = tree_.c(node);
    const int test = tree_.a(node);
    if (!tree_.Is(test, MapOpcode::kLess) || !tree_.IsNumber(tree_.b(test), 0)) return false;
    if (!tree_.Is(low, MapOpcode::kDiv) || !tree_.Is(high, MapOpcode::kDiv)) return false;
    const int e = tree_.a(low);
    int same = 0;
    if (!tree_.IsNumber(tree_.a(high), 1) || tree_.b(high) != tree_.b(low)) return false;
    if (!tree_.IsWithNumber(tree_.b(low), MapOpcode::kAdd, 1, &same) || same != e) return false;
    if (!tree_.Is(e, MapOpcode::kExp) || !tree_.Is(tree_.a(e), MapOpcode::kNeg)) return false;
    const int magnitude = tree_.a(tree_.a(e));
    return tree_.Is(magnitude, MapOpcode::kAbs) && IsArgument(tree_.a(test)) &&
           IsArgument(tree_.a(magnitude));
  }

  bool IsGate(int node) {
    match_->activation = Activation::kSigmoid;
    return IsSigmoid(node);
  }

  bool IsSwish(int node) {
    match_->activation = Activation::kSwish;
    int x = 0;
    return tree_.IsPair(
               node, MapOpcode::kMul, [&](int n) { return IsSigmoid(n); }, &x) &&
           IsArgument(x);
  }

  // 1 + erf(x / sqrt 2)
  bool IsErfTerm(int node) {
    int erf = 0;
    int x = 0;
    if (!tree_.IsWithNumber(node, MapOpcode::kAdd, 1, &erf)) return false;
    if (!tree_.Is(erf, MapOpcode::kErf)) return false;
    const int scaled = tree_.a(erf);
    constexpr float kRoot = 1.41421356F;
    if (tree_.IsWithNumber(scaled, MapOpcode::kMul, 1 / kRoot, &x)) return IsArgument(x);
    return tree_.Is(scaled, MapOpcode::kDiv) && tree_.IsNumber(tree_.b(scaled), kRoot) &&
           IsArgument(tree_.a(scaled));
  }

  // 1 + tanh(*inner)
  bool IsTanhTerm(int node, int* inner) const {
    int tanh = 0;
    if (!tree_.IsWithNumber(node, MapOpcode::kAdd, 1, &tanh)) return false;
    *inner = tree_.a(tanh);
    return tree_.Is(tanh, MapOpcode::kTanh);
  }

  // (x * term) / 2, x / 2 * term and x * (term / 2).
  template <typename Term>
  bool IsHalfProduct(int node, const Term& is_term) {
    int inner = 0;
    int x = 0;
    argument_ = -1;
    if (tree_.IsWithNumber(node, MapOpcode::kMul, 0.5F, &inner) &&
        tree_.IsPair(inner, MapOpcode::kMul, is_term, &x)) {
      return IsArgument(x);
    }
    argument_ = -1;
    if (tree_.IsPair(node, MapOpcode::kMul, is_term, &inner)) {
      return tree_.IsWithNumber(inner, MapOpcode::kMul, 0.5F, &x) && IsArgument(x);
    }
    const auto is_half_term = [&](int n) {
      int term = 0;
      return tree_.IsWithNumber(n, MapOpcode::kMul, 0.5F, &term) && is_term(term);
    };
    return tree_.IsPair(node, MapOpcode::kMul, is_half_term, &x) && IsArgument(x);
  }

  bool IsGelu(int node) {
    match_->activation = Activation::kGelu;
    return IsHalfProduct(node, [&](int n) { return IsErfTerm(n); });
  }

  // With tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)) in place of the error function.
  bool IsGeluTanh(int node) {
    match_->activation = Activation::kGeluTanh;
    int inner = 0;
    if (!IsHalfProduct(node, [&](int n) { return IsTanhTerm(n, &inner); })) return false;
    constexpr float kRoot = 0.797884561F;
    const Polynomial wanted = {true, {0, kRoot, 0, kRoot * 0.044715F}};
    const Polynomial found = PolynomialOf(inner);
    bool same = found.present;
    for (int i = 0; i <= kDegree; ++i) {
      same &= std::fabs(found.factors[i] - wanted.factors[i]) <= wanted.factors[i] * 1e-5F;
    }
    return same;
  }

  // Of the argument: factors[i] times its i-th power.
  static constexpr int kDegree = 3;
  struct Polynomial {
    bool present = false;
    float factors[kDegree + 1] = {};
  };

  static Polynomial Product(const Polynomial& a, const Polynomial& b) {
    Polynomial product = {a.present && b.present};
    for (int i = 0; i <= kDegree; ++i) {
      for (int j = 0; j <= kDegree; ++j) {
        const float factor = a.factors[i] * b.factors[j];
        if (i + j <= kDegree) {
          product.factors[i + j] += factor;
        } else {
          product.present &= factor == 0;
        }
      }
    }
    return product;
  }

  Polynomial PowerOf(const Polynomial& base, int exponent) const {
    if (tree_.IsNumber(exponent, 2)) return Product(base, base);
    return tree_.IsNumber(exponent, 3) ? Product(base, Product(base, base)) : Polynomial();
  }

  // What the node is as a polynomial of the argument, if it is one. Each node once, in their order.
  Polynomial PolynomialOf(int node) const {
    Polynomial found[kMapMaxInstructions];
    for (int i = 0; i <= node; ++i) {
      const Polynomial& a = found[tree_.a(i)];
      const Polynomial& b = found[tree_.b(i)];
      if (i == argument_) {
        found[i] = {true, {0, 1}};
      } else if (tree_.Is(i, MapOpcode::kImmediate)) {
        found[i] = {true, {tree_.number(i)}};
      } else if (tree_.Is(i, MapOpcode::kMul)) {
        found[i] = Product(a, b);
      } else if (tree_.Is(i, MapOpcode::kPow)) {
        found[i] = PowerOf(a, tree_.b(i));
      } else if (tree_.Is(i, MapOpcode::kAdd)) {
        found[i].present = a.present && b.present;
        for (int k = 0; k <= kDegree; ++k) found[i].factors[k] = a.factors[k] + b.factors[k];
      }
    }
    return found[node];
  }

  FinishMatch* const match_;
  Expressions tree_;
  int argument_ = -1;
};

}  // namespace

bool MatchFinish(const MapProgram& program, FinishMatch* match) {
  *match = {};
  return Matcher(match).Match(program);
}

Finish FinishOf(const FinishMatch& match) {
  Finish finish;
  finish.activation = match.activation;
  finish.low = match.low;
  finish.high = match.high;
  finish.slope = match.slope;
  finish.offset = match.offset;
  finish.residual_last = match.residual_last;
  return finish;
}

}  // namespace stint::cpu
