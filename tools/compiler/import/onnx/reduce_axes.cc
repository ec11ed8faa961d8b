#include "tools/compiler/import/onnx/reduce_axes.h"

#include <algorithm>
#include <utility>

namespace stint::compiler {

namespace {

std::vector<DType> InputTypes(Builder& build, DType first, const std::vector<View>& beside) {
  std::vector<DType> types = {first};
  for (const View& view : beside) types.push_back(build.dtype(view));
  return types;
}

}  // namespace

Result<View> ReduceAxes(Builder& build, ReduceKind kind, const View& x,
                        const std::vector<Dim>& axes, const ReduceFormulas& formulas) {
  if (axes.size() > kMaxRank) {
    return Error(Code::kInvalid, build.name().c_str(), "found %zu axes, allowed %d", axes.size(),
                 kMaxRank);
  }
  const DType dtype = build.dtype(x);
  ReduceAttributes reduce;
  reduce.kind = kind;
  for (const Dim axis : axes) reduce.axes.Push(axis);
  std::vector<View> operands = {x};
  const std::vector<DType> types = InputTypes(build, dtype, formulas.beside);
  if (formulas.before) {
    STINT_ASSIGN(reduce.prologue, Program(types, dtype, formulas.before));
    operands.insert(operands.end(), formulas.beside.begin(), formulas.beside.end());
  }
  if (formulas.after) {
    STINT_ASSIGN(reduce.epilogue, Program(types, dtype, formulas.after));
    operands.insert(operands.end(), formulas.beside.begin(), formulas.beside.end());
  }
  return build.EmitOne(OpKind::kReduce, reduce, std::move(operands));
}

Result<Moments> MomentsAlong(Builder& build, const View& x, const std::vector<Dim>& axes) {
  Moments moments;
  STINT_ASSIGN(moments.mean, ReduceAxes(build, ReduceKind::kMean, x, axes));
  ReduceFormulas distance;
  distance.beside = {moments.mean};
  distance.before = [](const Terms& in) {
    const Term difference = in[0] - in[1];
    return difference * difference;
  };
  STINT_ASSIGN(moments.variance, ReduceAxes(build, ReduceKind::kMean, x, axes, distance));
  return moments;
}

std::vector<Dim> DimRange(int first, int last) {
  std::vector<Dim> axes;
  for (int axis = first; axis < last; ++axis) axes.emplace_back(axis);
  return axes;
}

}  // namespace stint::compiler
