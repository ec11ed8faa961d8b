// Map programs written as formulas: registers with the operators of C++, so that an operator's
// lowering reads like its definition. Numbers take the type of the term that they meet.
#ifndef STINT_TOOLS_COMPILER_IMPORT_ONNX_TERMS_H_
#define STINT_TOOLS_COMPILER_IMPORT_ONNX_TERMS_H_

#include <functional>
#include <utility>
#include <vector>

#include "runtime/ops/map/build_map.h"
#include "tools/compiler/graph/builder.h"

namespace stint::compiler {

// A register of the program under construction.
class Term {
 public:
  Term(MapBuilder& map, int index) : map_(&map), index_(index) {}

  int index() const { return index_; }
  MapType type() const { return map_->TypeOf(index_); }
  // A number of this term's type.
  Term Number(double value) const { return {*map_, map_->Constant(type(), value)}; }
  Term As(MapType type) const { return {*map_, map_->Convert(index_, type)}; }
  // The same bits as a type of the same width.
  Term Bits(MapType type) const { return {*map_, map_->Bitcast(index_, type)}; }
  Term Apply(MapOpcode opcode) const { return {*map_, map_->Unary(opcode, index_)}; }
  Term Apply(MapOpcode opcode, Term other) const {
    return {*map_, map_->Binary(opcode, index_, other.index_)};
  }
  // This bool ? yes : no.
  Term Choose(Term yes, Term no) const {
    return {*map_, map_->Select(index_, yes.index_, no.index_)};
  }

 private:
  MapBuilder* map_;
  int index_;
};

inline Term operator-(Term a) { return a.Apply(MapOpcode::kNeg); }
inline Term operator!(Term a) { return a.Apply(MapOpcode::kNot); }
inline Term Abs(Term a) { return a.Apply(MapOpcode::kAbs); }
inline Term Exp(Term a) { return a.Apply(MapOpcode::kExp); }
inline Term Sqrt(Term a) { return a.Apply(MapOpcode::kSqrt); }
inline Term Log(Term a) { return a.Apply(MapOpcode::kLog); }

#define STINT_TERM_OPERATOR(name, opcode)                                    \
  inline Term name(Term a, Term b) { return a.Apply(MapOpcode::opcode, b); } \
  inline Term name(Term a, double b) { return name(a, a.Number(b)); }        \
  inline Term name(double a, Term b) { return name(b.Number(a), b); }
STINT_TERM_OPERATOR(operator+, kAdd)
STINT_TERM_OPERATOR(operator-, kSub)
STINT_TERM_OPERATOR(operator*, kMul)
STINT_TERM_OPERATOR(operator/, kDiv)
STINT_TERM_OPERATOR(operator<, kLess)
STINT_TERM_OPERATOR(operator<=, kLessEqual)
STINT_TERM_OPERATOR(operator>, kGreater)
STINT_TERM_OPERATOR(operator>=, kGreaterEqual)
STINT_TERM_OPERATOR(operator==, kEqual)
STINT_TERM_OPERATOR(operator!=, kNotEqual)
STINT_TERM_OPERATOR(Max, kMax)
STINT_TERM_OPERATOR(Min, kMin)
STINT_TERM_OPERATOR(Pow, kPow)
STINT_TERM_OPERATOR(operator&, kAnd)
STINT_TERM_OPERATOR(operator|, kOr)
#undef STINT_TERM_OPERATOR

// What a formula computes from: the loaded inputs, the output's coordinates, numbers.
class Terms {
 public:
  Terms(MapBuilder& map, const std::vector<int>& inputs) : map_(map), inputs_(inputs) {}

  size_t size() const { return inputs_.size(); }
  Term operator[](size_t i) const { return {map_, inputs_[i]}; }
  // The output's coordinate along an axis, int64.
  Term Coordinate(int axis) const { return Term(map_, map_.Iota(axis)).As(MapType::kI64); }
  Term Number(MapType type, double value) const { return {map_, map_.Constant(type, value)}; }

 private:
  MapBuilder& map_;
  const std::vector<int>& inputs_;
};

using Formula = std::function<Term(const Terms&)>;

// A Map node over the broadcast of `inputs`; the result has dtype `result`.
inline Result<View> Compute(Builder& build, std::vector<View> inputs, DType result,
                            const Formula& formula, MapStoreMode mode = MapStoreMode::kWrap) {
  const auto body = [&](MapBuilder& map, const std::vector<int>& in) {
    return formula(Terms(map, in)).index();
  };
  return build.Map(std::move(inputs), result, body, mode);
}

// As above, over given extents; `inputs` may be none.
inline Result<View> ComputeOver(Builder& build, const std::vector<Dim>& extents,
                                std::vector<View> inputs, DType result, const Formula& formula,
                                MapStoreMode mode = MapStoreMode::kWrap) {
  const auto body = [&](MapBuilder& map, const std::vector<int>& in) {
    return formula(Terms(map, in)).index();
  };
  return build.MapOver(extents, std::move(inputs), result, body, mode);
}

// A program on its own: the prologue or epilogue of another op.
inline Result<MapProgram> Program(const std::vector<DType>& inputs, DType result,
                                  const Formula& formula) {
  MapBuilder map;
  std::vector<int> registers;
  for (const DType input : inputs) registers.push_back(map.Load(input));
  map.Store(formula(Terms(map, registers)).index(), result);
  return map.Finish();
}

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_IMPORT_ONNX_TERMS_H_
