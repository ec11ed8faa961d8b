#include "tools/compiler/import/onnx/operands.h"

#include <algorithm>
#include <numeric>
#include <string>

namespace stint::compiler {

namespace {

constexpr int64_t kNumpyBroadcast = 7;

}  // namespace

Result<View> AlignedSecondOperand(const NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_TRY(node.Need(1));
  const View& a = node.input(0);
  const View& b = node.input(1);
  if (node.version() >= kNumpyBroadcast || !node.has_attribute("axis")) return b;
  STINT_ASSIGN(const int axis, node.Axis(node.Int("axis", 0), std::max(a.rank(), 1)));
  const int last = axis + b.rank();
  if (last > a.rank()) {
    return node.Invalid("found axis " + std::to_string(axis) + " for rank " +
                        std::to_string(b.rank()) + ", allowed axes inside operand 0");
  }
  return node.build.Unsqueeze(b, AxisRange(b.rank(), b.rank() + a.rank() - last));
}

Status NeedOneType(const NodeContext& node, int first, int last) {
  for (int i = first; i < last; ++i) {
    STINT_TRY(node.Need(i));
    if (node.dtype(i) == node.dtype(first)) continue;
    return node.Invalid(std::string("found ") + NameOf(node.dtype(i)) + " beside " +
                        NameOf(node.dtype(first)) + ", allowed one element type");
  }
  return {};
}

View AlongAxis(Builder& build, const View& x, int axis, int rank) {
  if (x.rank() != 1 || axis + 1 >= rank) return x;
  return build.Unsqueeze(x, AxisRange(1, rank - axis));
}

Result<View> AsScalar(Builder& build, const View& x) {
  if (x.rank() == 0) return x;
  return build.Reshape(x, {});
}

Result<std::vector<int>> NormalizedAxes(const NodeContext& node, const std::vector<int64_t>& axes,
                                        int rank) {
  std::vector<int> result;
  for (const int64_t axis : axes) {
    STINT_ASSIGN(const int normalized, node.Axis(axis, rank));
    result.push_back(normalized);
  }
  std::sort(result.begin(), result.end());
  if (std::adjacent_find(result.begin(), result.end()) != result.end()) {
    return node.Invalid("found an axis twice, allowed each once");
  }
  return result;
}

Result<DType> TypeAttribute(const NodeContext& node, const char* name, DType otherwise) {
  const int64_t number = node.Int(name, 0);
  if (number == 0) return otherwise;
  const DType dtype =
      number > 0 && number < INT32_MAX ? DTypeFromOnnx(static_cast<int32_t>(number)) : DType::kNone;
  if (dtype == DType::kNone || dtype == DType::kString) {
    return node.Invalid(std::string("found ") + name + " " + std::to_string(number) +
                        ", allowed numeric element types");
  }
  return dtype;
}

Dim Product(Builder& build, const std::vector<Dim>& dims, int first, int last) {
  Dim product = 1;
  for (int i = first; i < last; ++i) {
    product = build.dims().Mul(product, dims[static_cast<size_t>(i)]);
  }
  return product;
}

std::vector<int> AxisRange(int first, int last) {
  std::vector<int> axes(static_cast<size_t>(std::max(last - first, 0)));
  std::iota(axes.begin(), axes.end(), first);
  return axes;
}

}  // namespace stint::compiler
