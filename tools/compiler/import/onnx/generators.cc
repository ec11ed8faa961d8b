// Operators whose result follows from coordinates: constants, ranges, identity matrices, windows.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "tools/compiler/import/onnx/operands.h"
#include "tools/compiler/import/onnx/rules.h"
#include "tools/compiler/import/onnx/terms.h"

namespace stint::compiler {

namespace {

template <typename T>
View ConstantOf(Builder& build, DType dtype, const std::vector<T>& values, bool scalar) {
  Bytes bytes(values.size() * sizeof(T));
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  std::vector<int64_t> extents;
  if (!scalar) extents.push_back(static_cast<int64_t>(values.size()));
  return build.Constant(dtype, extents, std::move(bytes));
}

Result<View> ConstantTensor(const NodeContext& node, Result<TensorData> decoded) {
  STINT_ASSIGN(TensorData data, std::move(decoded));
  if (data.extents.size() > kMaxRank) {
    return node.Unsupported("rank " + std::to_string(data.extents.size()));
  }
  return node.build.Constant(data.dtype, data.extents, std::move(data.bytes));
}

Result<View> ConstantValue(const NodeContext& node) {
  if (node.has_attribute("value")) return ConstantTensor(node, node.Tensor("value"));
  if (node.has_attribute("sparse_value")) {
    return ConstantTensor(node, node.SparseTensor("sparse_value"));
  }
  for (const bool scalar : {true, false}) {
    if (node.has_attribute(scalar ? "value_int" : "value_ints")) {
      const std::vector<int64_t> values =
          scalar ? std::vector{node.RawInt("value_int")} : node.RawInts("value_ints");
      return ConstantOf(node.build, DType::kInt64, values, scalar);
    }
    if (node.has_attribute(scalar ? "value_float" : "value_floats")) {
      const std::vector<double> values =
          scalar ? std::vector{node.Float("value_float", 0.0)} : node.Floats("value_floats");
      const std::vector<float> floats(values.begin(), values.end());
      return ConstantOf(node.build, DType::kFloat32, floats, scalar);
    }
  }
  return node.Unsupported("strings");
}

Status Constant(NodeContext& node) {
  STINT_ASSIGN(View value, ConstantValue(node));
  node.SetOutput(0, std::move(value));
  return {};
}

Status ConstantOfShape(NodeContext& node) {
  STINT_ASSIGN(const std::vector<Dim> dims, node.Elements(0));
  View value = node.build.Scalar(DType::kFloat32, 0.0);
  if (node.has_attribute("value")) {
    STINT_ASSIGN(const View tensor, ConstantTensor(node, node.Tensor("value")));
    STINT_ASSIGN(value, AsScalar(node.build, tensor));
  }
  STINT_ASSIGN(View result, node.build.Expand(value, dims));
  node.SetOutput(0, std::move(result));
  return {};
}

// How many numbers a range of int64 constants has, which may be some that no Dim holds.
std::optional<Dim> ConstantRangeLength(const NodeContext& node) {
  int64_t bounds[3];
  for (int i = 0; i < 3; ++i) {
    const std::optional<Bytes> bytes = node.build.ConstantBytes(node.input(i));
    if (node.dtype(i) != DType::kInt64 || !bytes || bytes->size() != sizeof(int64_t)) return {};
    std::memcpy(&bounds[i], bytes->data(), sizeof(int64_t));
  }
  const auto [start, limit, delta] = bounds;
  if (delta == 0) return {};
  const auto distance = [](int64_t low, int64_t high) {
    return static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
  };
  const bool rises = delta > 0;
  if (rises ? limit <= start : limit >= start) return Dim(0);
  const uint64_t reach = rises ? distance(start, limit) : distance(limit, start);
  const uint64_t step = rises ? distance(0, delta) : distance(delta, 0);
  return static_cast<int64_t>(std::min<uint64_t>((reach - 1) / step + 1, INT64_MAX));
}

// How many numbers a range has.
Result<Dim> RangeLength(const NodeContext& node) {
  SymbolicDims& dims = node.build.dims();
  if (IsInteger(node.dtype(0))) {
    if (const std::optional<Dim> length = ConstantRangeLength(node)) return *length;
    Dim bounds[3];
    for (int i = 0; i < 3; ++i) {
      STINT_ASSIGN(bounds[i], node.Element(i));
      // Such an element stands for all that no Dim holds.
      const Symbol* symbol = dims.AsSymbol(bounds[i]);
      if (symbol == nullptr || !symbol->is_element) continue;
      const Dim lowest = dims.Equal(bounds[i], Dim::kSmallestConstant);
      dims.Require(lowest, 0, "bounds of ranges lie above -2^63 + 2^32");
    }
    return dims.Max(dims.CeilDiv(dims.Sub(bounds[1], bounds[0]), bounds[2]), 0);
  }
  Real bounds[3];
  for (int i = 0; i < 3; ++i) {
    STINT_ASSIGN(bounds[i], node.RealElement(i));
  }
  const Real reach = dims.Apply(DimOp::kRealSub, bounds[1], bounds[0]);
  return dims.Max(dims.Ceil(dims.Apply(DimOp::kRealDiv, reach, bounds[2])), 0);
}

// start + i * delta, computed in the register type and rounded once.
Status Range(NodeContext& node) {
  for (int i = 0; i < 3; ++i) STINT_TRY(node.Need(i));
  STINT_ASSIGN(const Dim length, RangeLength(node));
  STINT_ASSIGN(const View start, AsScalar(node.build, node.input(0)));
  STINT_ASSIGN(const View delta, AsScalar(node.build, node.input(2)));
  STINT_ASSIGN(View result, ComputeOver(node.build, {length}, {start, delta}, node.dtype(0),
                                        [](const Terms& in) {
                                          return in[0] + in.Coordinate(0).As(in[1].type()) * in[1];
                                        }));
  node.SetOutput(0, std::move(result));
  return {};
}

Status EyeLike(NodeContext& node) {
  STINT_TRY(node.Need(0));
  const View& x = node.input(0);
  if (x.rank() != 2) {
    return node.Invalid("found rank " + std::to_string(x.rank()) + ", allowed 2");
  }
  STINT_ASSIGN(const DType dtype, TypeAttribute(node, "dtype", node.dtype(0)));
  // Diagonals this far out are outside.
  const int64_t nearer = std::clamp<int64_t>(node.Int("k", 0), INT32_MIN, INT32_MAX);
  const auto diagonal = static_cast<double>(nearer);
  STINT_ASSIGN(View result, ComputeOver(node.build, x.dims, {}, dtype, [&](const Terms& in) {
                 return in.Coordinate(0) + diagonal == in.Coordinate(1);
               }));
  node.SetOutput(0, std::move(result));
  return {};
}

Status Trilu(NodeContext& node) {
  STINT_TRY(node.Need(0));
  const View& x = node.input(0);
  const int rank = x.rank();
  if (rank < 2) {
    return node.Invalid("found rank " + std::to_string(rank) + ", allowed 2 and above");
  }
  View diagonal = node.build.Scalar(DType::kInt64, 0.0);
  if (node.has(1)) {
    STINT_ASSIGN(diagonal, AsScalar(node.build, node.input(1)));
  }
  const bool upper = node.Int("upper", 1) != 0;
  STINT_ASSIGN(View result,
               ComputeOver(node.build, x.dims, {x, diagonal}, node.dtype(0), [&](const Terms& in) {
                 const Term place = in.Coordinate(rank - 1) - in.Coordinate(rank - 2);
                 const Term own = in[1].As(MapType::kI64);
                 const Term kept = upper ? place >= own : place <= own;
                 return kept.Choose(in[0], in.Number(in[0].type(), 0.0));
               }));
  node.SetOutput(0, std::move(result));
  return {};
}

// a0 - a1 cos(2 pi i / N) + a2 cos(4 pi i / N): the angle needs float64, the result does not.
struct CosineSum {
  double a0, a1, a2;
};
constexpr CosineSum kHann = {0.5, 0.5, 0.0};
constexpr CosineSum kHamming = {25.0 / 46.0, 21.0 / 46.0, 0.0};
constexpr CosineSum kBlackman = {0.42, 0.5, 0.08};

template <const CosineSum& kWindow>
Status Window(NodeContext& node) {
  Builder& build = node.build;
  STINT_ASSIGN(const std::vector<Dim> size, node.Elements(0));
  if (size.size() != 1) return node.Invalid("found a list of sizes, allowed one number");
  STINT_ASSIGN(const DType dtype, TypeAttribute(node, "output_datatype", DType::kFloat32));
  const bool periodic = node.Int("periodic", 1) != 0;
  // A window of one element has period 1 also when it is symmetric.
  const Dim period = periodic ? size[0] : build.dims().Max(build.dims().Sub(size[0], 1), 1);
  STINT_ASSIGN(const View divisor, build.FromElements(DType::kInt64, {}, {period}));
  STINT_ASSIGN(View result, ComputeOver(build, {size[0]}, {divisor}, dtype, [](const Terms& in) {
                 const Term turn = in.Coordinate(0).As(MapType::kF64) / in[0].As(MapType::kF64);
                 const auto cosine = [](Term angle) { return angle.Apply(MapOpcode::kCos); };
                 const Term sum = kWindow.a0 - kWindow.a1 * cosine(turn * (2.0 * M_PI));
                 if (kWindow.a2 == 0.0) return sum;
                 return sum + kWindow.a2 * cosine(turn * (4.0 * M_PI));
               }));
  node.SetOutput(0, std::move(result));
  return {};
}

// Operands: theta [N, r, r + 1], size [N, C, spatial...]. Each point of the grid is theta times the
// position (x, y, ..., 1) in [-1, 1], x being the last axis.
Status AffineGrid(NodeContext& node) {
  STINT_TRY(node.Need(0));
  Builder& build = node.build;
  const View& theta = node.input(0);
  STINT_ASSIGN(const std::vector<Dim> size, node.Elements(1));
  const int spatial = static_cast<int>(size.size()) - 2;
  if ((spatial != 2 && spatial != 3) || theta.rank() != 3) {
    return node.Invalid("found " + std::to_string(size.size()) + " extents and rank " +
                        std::to_string(theta.rank()) + ", allowed 4 or 5, and 3");
  }
  build.dims().Require(theta.dims[1], spatial, "theta has a row for each spatial axis");
  build.dims().Require(theta.dims[2], spatial + 1, "theta has a column more than rows");
  const bool corners = node.Int("align_corners", 0) != 0;
  std::vector<Dim> extents = {size[0]};
  std::vector<View> inputs;
  for (int i = 0; i < spatial; ++i) {
    const Dim extent = size[static_cast<size_t>(i) + 2];
    extents.push_back(extent);
    STINT_ASSIGN(View length, build.FromElements(DType::kInt64, {}, {extent}));
    inputs.push_back(std::move(length));
  }
  extents.push_back(spatial);
  for (int i = 0; i <= spatial; ++i) {
    const View column = build.Squeeze(build.Slice(theta, 2, i, 1, 1), {2});
    inputs.push_back(build.Unsqueeze(column, AxisRange(1, 1 + spatial)));
  }
  STINT_ASSIGN(View result,
               ComputeOver(build, extents, inputs, node.dtype(0), [&](const Terms& in) {
                 const auto count = static_cast<size_t>(spatial);
                 const MapType type = in[count].type();
                 Term sum = in[2 * count];
                 for (size_t i = 0; i < count; ++i) {
                   const size_t axis = count - 1 - i;
                   // A quotient of integers, so that it is rounded once.
                   const Term steps = corners ? in[axis] - 1.0 : in[axis];
                   const Term place = in.Coordinate(static_cast<int>(axis) + 1) * 2.0;
                   const Term from_center = (corners ? place : place + 1.0) - steps;
                   sum = sum + in[count + i] * (from_center.As(type) / steps.As(type));
                 }
                 return sum;
               }));
  node.SetOutput(0, std::move(result));
  return {};
}

constexpr ImportRule kRules[] = {
    {"AffineGrid", AffineGrid, 20},
    {"BlackmanWindow", Window<kBlackman>, 17},
    {"Constant", Constant},
    {"ConstantOfShape", ConstantOfShape, 9},
    {"EyeLike", EyeLike, 9},
    {"HammingWindow", Window<kHamming>, 17},
    {"HannWindow", Window<kHann>, 17},
    {"Range", Range, 11},
    {"Trilu", Trilu, 14},
};

}  // namespace

std::span<const ImportRule> GeneratorRules() { return kRules; }

}  // namespace stint::compiler
