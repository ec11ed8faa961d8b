// Resize and Upsample (ONNX Resize-10/11/13/18/19, Upsample-1/7/9/10).
#include "runtime/ops/resize.h"

#include <algorithm>
#include <cmath>

#include "runtime/ops/copy.h"
#include "runtime/ops/resample.h"
#include "tools/compiler/import/onnx/rules.h"

namespace stint::compiler {

namespace {

// What becomes of each axis of the operand.
struct Target {
  std::vector<Dim> extents;
  std::vector<Real> scales;  // 0: result extent / source extent.
};

Real ToFloat32(SymbolicDims& dims, Real x) {
  return Real::FromBits(dims.Apply(DimOp::kFloat32, x.bits(), 0, 0));
}

// floor(extent * scale), where the product is a float32 as ONNX Runtime has it: so scales that are
// quotients of extents lead to the extents that they came from.
Dim ScaledExtent(SymbolicDims& dims, Dim extent, Real scale) {
  constexpr int kMaxDivisor = 64;
  for (int divisor = 1; scale.is_constant() && divisor <= kMaxDivisor; ++divisor) {
    const double product = scale.value() * divisor;
    if (product != std::floor(product)) continue;
    return dims.FloorDiv(dims.Mul(extent, static_cast<int64_t>(product)), divisor);
  }
  return dims.Floor(ToFloat32(dims, dims.Apply(DimOp::kRealMul, dims.ToReal(extent), scale)));
}

Result<Target> FromScales(const NodeContext& node, const View& x, const std::vector<Real>& scales,
                          const std::vector<int>& axes) {
  if (scales.size() != axes.size()) {
    return node.Invalid("found " + std::to_string(scales.size()) + " scales, allowed " +
                        std::to_string(axes.size()));
  }
  Target target = {x.dims, std::vector<Real>(x.dims.size(), 1.0)};
  for (size_t i = 0; i < axes.size(); ++i) {
    const bool known = scales[i].is_constant();
    if (known && (!(scales[i].value() > 0.0) || scales[i].value() > 65536.0)) {
      return node.Invalid("found scale " + std::to_string(scales[i].value()) +
                          ", allowed (0, 65536]");
    }
    const auto axis = static_cast<size_t>(axes[i]);
    target.scales[axis] = scales[i];
    target.extents[axis] = ScaledExtent(node.build.dims(), x.dims[axis], scales[i]);
  }
  return target;
}

// One scale for all axes: the smallest or the largest that the sizes ask for; extents are rounded.
void KeepAspect(const NodeContext& node, bool smaller, const std::vector<int>& axes,
                Target& target) {
  SymbolicDims& dims = node.build.dims();
  const View& x = node.input(0);
  Real scale = smaller ? HUGE_VAL : 0.0;
  for (const int axis : axes) {
    const auto i = static_cast<size_t>(axis);
    const Real ratio =
        dims.Apply(DimOp::kRealDiv, dims.ToReal(target.extents[i]), dims.ToReal(x.dims[i]));
    scale = dims.Apply(smaller ? DimOp::kRealMin : DimOp::kRealMax, scale, ratio);
  }
  for (const int axis : axes) {
    const auto i = static_cast<size_t>(axis);
    const Real extent = dims.Apply(DimOp::kRealMul, scale, dims.ToReal(x.dims[i]));
    target.scales[i] = scale;
    target.extents[i] = dims.Floor(dims.Apply(DimOp::kRealAdd, extent, 0.5));
  }
}

Result<Target> FromSizes(const NodeContext& node, const std::vector<Dim>& sizes,
                         const std::vector<int>& axes) {
  if (sizes.size() != axes.size()) {
    return node.Invalid("found " + std::to_string(sizes.size()) + " sizes, allowed " +
                        std::to_string(axes.size()));
  }
  const View& x = node.input(0);
  Target target = {x.dims, std::vector<Real>(x.dims.size(), 1.0)};
  for (size_t i = 0; i < axes.size(); ++i) {
    const auto axis = static_cast<size_t>(axes[i]);
    target.extents[axis] = sizes[i];
    target.scales[axis] = sizes[i] == x.dims[axis] ? 1.0 : 0.0;
  }
  const std::string policy = node.String("keep_aspect_ratio_policy", "stretch");
  if (policy != "stretch") KeepAspect(node, policy == "not_larger", axes, target);
  return target;
}

Result<View> Nearest(Builder& build, const View& x, const Target& target,
                     ResizeCoordinate coordinate, ResizeRounding rounding) {
  CopyAttributes attributes;
  attributes.coordinate = coordinate;
  attributes.rounding = rounding;
  for (size_t axis = 0; axis < target.extents.size(); ++axis) {
    const bool kept = target.scales[axis] == Real(1.0);
    attributes.extents.Push(target.extents[axis]);
    attributes.starts.Push(0);
    attributes.tables.Push(static_cast<int64_t>(kept ? AxisTable::kAffine : AxisTable::kNearest));
    attributes.scales.Push(kept ? Real() : target.scales[axis]);
  }
  return build.EmitOne(OpKind::kCopy, attributes, {x});
}

void SetTarget(const Target& target, ResampleAttributes& attributes) {
  for (size_t axis = 0; axis < target.extents.size(); ++axis) {
    attributes.extents.Push(target.extents[axis]);
    attributes.scales.Push(target.scales[axis]);
  }
}

template <typename T>
struct Named {
  const char* name;
  T value;
};

constexpr Named<ResizeCoordinate> kCoordinates[] = {
    {"half_pixel", ResizeCoordinate::kHalfPixel},
    {"half_pixel_symmetric", ResizeCoordinate::kHalfPixelSymmetric},
    {"pytorch_half_pixel", ResizeCoordinate::kPytorchHalfPixel},
    {"asymmetric", ResizeCoordinate::kAsymmetric},
    {"align_corners", ResizeCoordinate::kAlignCorners},
    {"tf_half_pixel_for_nn", ResizeCoordinate::kTfHalfPixelForNearest},
    {"tf_crop_and_resize", ResizeCoordinate::kTfCropAndResize},
};

constexpr Named<ResampleMode> kModes[] = {
    {"nearest", ResampleMode::kNearest},
    {"linear", ResampleMode::kLinear},
    {"cubic", ResampleMode::kCubic},
};

constexpr Named<ResizeRounding> kRoundings[] = {
    {"round_prefer_floor", ResizeRounding::kPreferFloor},
    {"round_prefer_ceil", ResizeRounding::kPreferCeil},
    {"floor", ResizeRounding::kFloor},
    {"ceil", ResizeRounding::kCeil},
};

template <typename T, size_t kCount>
Result<T> FindNamed(const NodeContext& node, const Named<T> (&table)[kCount],
                    const std::string& name) {
  for (const Named<T>& entry : table) {
    if (name == entry.name) return entry.value;
  }
  return node.Invalid("found mode '" + name + "', allowed those of the operator");
}

std::vector<int> AllAxes(const View& x) {
  std::vector<int> axes;
  for (int axis = 0; axis < x.rank(); ++axis) axes.push_back(axis);
  return axes;
}

// The scale of an axis in the pass for those that shrink, or in the one for the others: 1 in one of
// them. Upsample is only asked to shrink by constants.
Real ScaleOfPass(const NodeContext& node, Real scale, bool shrinks) {
  if (!scale.is_constant() && node.op() == "Upsample") return shrinks ? 1.0 : scale;
  return node.build.dims().Apply(shrinks ? DimOp::kRealMin : DimOp::kRealMax, scale, 1.0);
}

// Axes that shrink take the ceiling, others the floor. A Copy has one rounding for all its axes.
Result<View> LegacyNearest(const NodeContext& node, const std::vector<Real>& scales) {
  View result = node.input(0);
  for (const bool shrinks : {true, false}) {
    std::vector<Real> own;
    for (const Real scale : scales) own.push_back(ScaleOfPass(node, scale, shrinks));
    if (std::count(own.begin(), own.end(), Real(1.0)) == result.rank()) continue;
    STINT_ASSIGN(const Target target, FromScales(node, result, own, AllAxes(result)));
    STINT_ASSIGN(result, Nearest(node.build, result, target, ResizeCoordinate::kAsymmetric,
                                 shrinks ? ResizeRounding::kCeil : ResizeRounding::kFloor));
  }
  return result;
}

// Upsample and Resize-10: asymmetric.
Status Legacy(NodeContext& node, const std::vector<Real>& scales) {
  const std::string mode = node.String("mode", "nearest");
  if (mode == "nearest") {
    STINT_ASSIGN(View result, LegacyNearest(node, scales));
    node.SetOutput(0, std::move(result));
    return {};
  }
  if (mode != "linear" && mode != "bilinear") return node.Unsupported("mode '" + mode + "'");
  const View& x = node.input(0);
  STINT_ASSIGN(const Target target, FromScales(node, x, scales, AllAxes(x)));
  ResampleAttributes attributes;
  attributes.coordinate = ResizeCoordinate::kAsymmetric;
  SetTarget(target, attributes);
  STINT_ASSIGN(View result, node.build.EmitOne(OpKind::kResample, attributes, {x}));
  node.SetOutput(0, std::move(result));
  return {};
}

Status Upsample1(NodeContext& node) {
  STINT_TRY(node.Need(0));
  return Legacy(node, {1.0, 1.0, node.Float("height_scale", 1.0), node.Float("width_scale", 1.0)});
}

Status Upsample7(NodeContext& node) {
  STINT_TRY(node.Need(0));
  const std::vector<double> scales = node.Floats("scales");
  return Legacy(node, {scales.begin(), scales.end()});
}

Status Upsample9(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_ASSIGN(const std::vector<Real> scales, node.Reals(1));
  return Legacy(node, scales);
}

// Whether a host operand is there and not the empty tensor that stands for absence.
bool HasElements(const NodeContext& node, int i) {
  return node.has(i) && (node.input(i).rank() != 1 || node.input(i).dims[0] != Dim(0));
}

Result<std::vector<int>> ResizedAxes(const NodeContext& node) {
  if (!node.has_attribute("axes")) return AllAxes(node.input(0));
  std::vector<int> axes;
  for (const int64_t axis : node.Ints("axes")) {
    STINT_ASSIGN(const int from_start, node.Axis(axis, node.input(0).rank()));
    axes.push_back(from_start);
  }
  return axes;
}

Result<Target> ReadTarget(const NodeContext& node) {
  STINT_ASSIGN(const std::vector<int> axes, ResizedAxes(node));
  if (HasElements(node, 3)) {
    STINT_ASSIGN(const std::vector<Dim> sizes, node.Elements(3));
    return FromSizes(node, sizes, axes);
  }
  STINT_ASSIGN(const std::vector<Real> scales, node.Reals(2));
  return FromScales(node, node.input(0), scales, axes);
}

// roi is begins then ends of the resized axes; other axes keep the whole extent.
Status ReadRegion(const NodeContext& node, ResampleAttributes& attributes) {
  if (!HasElements(node, 1))
    return node.Invalid("found no roi, allowed one for tf_crop_and_resize");
  STINT_ASSIGN(const std::vector<Real> roi, node.Reals(1));
  STINT_ASSIGN(const std::vector<int> axes, ResizedAxes(node));
  if (roi.size() != 2 * axes.size()) {
    return node.Invalid("found " + std::to_string(roi.size()) + " roi numbers, allowed " +
                        std::to_string(2 * axes.size()));
  }
  const auto rank = static_cast<int64_t>(node.input(0).rank());
  for (int64_t i = 0; i < 2 * rank; ++i) attributes.region.Push(i < rank ? 0.0 : 1.0);
  for (size_t i = 0; i < axes.size(); ++i) {
    attributes.region[axes[i]] = roi[i];
    attributes.region[rank + axes[i]] = roi[axes.size() + i];
  }
  return {};
}

Status Resize(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_ASSIGN(const Target target, ReadTarget(node));
  STINT_ASSIGN(const ResampleMode mode, FindNamed(node, kModes, node.String("mode", "nearest")));
  ResampleAttributes attributes;
  attributes.mode = mode;
  STINT_ASSIGN(
      attributes.coordinate,
      FindNamed(node, kCoordinates, node.String("coordinate_transformation_mode", "half_pixel")));
  STINT_ASSIGN(attributes.rounding,
               FindNamed(node, kRoundings, node.String("nearest_mode", "round_prefer_floor")));
  const bool crops = attributes.coordinate == ResizeCoordinate::kTfCropAndResize;
  if (mode == ResampleMode::kNearest && !crops) {
    STINT_ASSIGN(View result, Nearest(node.build, node.input(0), target, attributes.coordinate,
                                      attributes.rounding));
    node.SetOutput(0, std::move(result));
    return {};
  }
  SetTarget(target, attributes);
  attributes.cubic_coefficient = node.Float("cubic_coeff_a", -0.75);
  attributes.antialias = mode != ResampleMode::kNearest && node.Int("antialias", 0) != 0;
  attributes.exclude_outside = node.Int("exclude_outside", 0) != 0;
  attributes.extrapolation = node.Float("extrapolation_value", 0.0);
  if (crops) STINT_TRY(ReadRegion(node, attributes));
  STINT_ASSIGN(View result, node.build.EmitOne(OpKind::kResample, attributes, {node.input(0)}));
  node.SetOutput(0, std::move(result));
  return {};
}

constexpr ImportRule kRules[] = {
    {"Upsample", Upsample1, 1, 6}, {"Upsample", Upsample7, 7, 8}, {"Upsample", Upsample9, 9, 10},
    {"Resize", Upsample9, 10, 10}, {"Resize", Resize, 11},
};

}  // namespace

std::span<const ImportRule> ResizeRules() { return kRules; }

}  // namespace stint::compiler
