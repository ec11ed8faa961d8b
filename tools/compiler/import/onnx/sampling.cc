// Images read at computed positions: GridSample-16/20/22, DeformConv-19/22, RoiAlign-10/16/22,
// MaxRoiPool-1/22. Positions are computed by a Map, in elements, and read by Sample.
#include <string>

#include "runtime/ops/matmul.h"
#include "runtime/ops/roi_pool.h"
#include "runtime/ops/sample.h"
#include "tools/compiler/import/onnx/operands.h"
#include "tools/compiler/import/onnx/rules.h"
#include "tools/compiler/import/onnx/terms.h"
#include "tools/compiler/import/onnx/windows.h"

namespace stint::compiler {

namespace {

// What positions are computed in.
DType PositionType(DType dtype) {
  return dtype == DType::kFloat64 ? DType::kFloat64 : DType::kFloat32;
}

Result<SampleAttributes> ReadSample(const NodeContext& node) {
  SampleAttributes attributes;
  const std::string mode = node.String("mode", node.version() < 20 ? "bilinear" : "linear");
  const std::string padding = node.String("padding_mode", "zeros");
  if (mode == "nearest") {
    attributes.mode = SampleMode::kNearest;
  } else if (mode == "bicubic" || mode == "cubic") {
    attributes.mode = SampleMode::kCubic;
  } else if (mode != "bilinear" && mode != "linear") {
    return node.Invalid("found mode '" + mode + "', allowed those of the operator");
  }
  if (padding == "border") {
    attributes.padding = SamplePadding::kBorder;
  } else if (padding == "reflection") {
    attributes.padding = SamplePadding::kReflection;
  } else if (padding != "zeros") {
    return node.Invalid("found padding_mode '" + padding + "', allowed zeros, border, reflection");
  }
  attributes.align_corners = node.Int("align_corners", 0) != 0;
  return attributes;
}

// The grid's coordinates from -1 to 1, x first, as positions in elements, the first axis first.
Result<View> GridPositions(const NodeContext& node, bool align_corners) {
  Builder& build = node.build;
  const View& x = node.input(0);
  const View& grid = node.input(1);
  const int spatial = x.rank() - 2;
  const std::vector<Dim> extents(x.dims.begin() + 2, x.dims.end());
  build.dims().Require(grid.dims.back(), spatial, "the grid has a coordinate a spatial axis");
  STINT_ASSIGN(const View lengths, build.FromElements(DType::kInt64, {spatial}, extents));
  const View reversed = build.Slice(grid, grid.rank() - 1, spatial - 1, -1, spatial);
  return Compute(build, {reversed, lengths}, PositionType(node.dtype(1)), [&](const Terms& in) {
    const Term length = in[1].As(in[0].type());
    if (align_corners) return (in[0] + 1.0) / 2.0 * (length - 1.0);
    return ((in[0] + 1.0) * length - 1.0) / 2.0;
  });
}

Status GridSample(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_TRY(node.Need(1));
  const int rank = node.input(0).rank();
  if (rank < 3 || rank > 5 || node.input(1).rank() != rank || !IsFloat(node.dtype(1))) {
    return node.Invalid("found ranks " + std::to_string(rank) + " and " +
                        std::to_string(node.input(1).rank()) +
                        ", allowed one rank from 3 to 5 and a grid of floats");
  }
  STINT_ASSIGN(const SampleAttributes attributes, ReadSample(node));
  STINT_ASSIGN(View positions, GridPositions(node, attributes.align_corners != 0));
  STINT_ASSIGN(View result, node.build.EmitOne(OpKind::kSample, attributes,
                                               {node.input(0), std::move(positions)}));
  node.SetOutput(0, std::move(result));
  return {};
}

struct Deform {
  Windows windows;
  int spatial;
  Dim taps;           // Of the kernel.
  int64_t groups;     // Of the product.
  int64_t of_groups;  // Of the offsets.
  std::vector<Dim> outputs;
};

// [N, groups * taps * last, outputs...] seen as [N * groups, taps, last, outputs...].
Result<View> PerGroup(Builder& build, const Deform& deform, const View& x, Dim last) {
  std::vector<Dim> dims = {build.dims().Mul(x.dims[0], deform.of_groups), deform.taps, last};
  dims.insert(dims.end(), deform.outputs.begin(), deform.outputs.end());
  return build.Reshape(x, dims);
}

// Where tap k lies from the window's corner, pads included: int64 [taps, spatial].
Result<View> TapPlaces(Builder& build, const Deform& deform) {
  const auto spatial = static_cast<size_t>(deform.spatial);
  std::vector<Dim> places;
  std::vector<int64_t> tap(spatial, 0);
  for (int64_t k = 0; k < deform.taps.constant(); ++k) {
    for (size_t axis = 0; axis < spatial; ++axis) {
      places.push_back(
          build.dims().Sub(tap[axis] * deform.windows.dilations[axis], deform.windows.pads[axis]));
    }
    for (size_t axis = spatial; axis-- > 0;) {
      if (++tap[axis] < deform.windows.kernel[axis]) break;
      tap[axis] = 0;
    }
  }
  return build.FromElements(DType::kInt64, {deform.taps, deform.spatial}, places);
}

// Positions [N * of_groups, taps, outputs..., spatial].
Result<View> DeformPositions(const NodeContext& node, const Deform& deform) {
  Builder& build = node.build;
  const int spatial = deform.spatial;
  STINT_ASSIGN(View offset, PerGroup(build, deform, node.input(2), spatial));
  std::vector<int> order = {0, 1};
  for (int axis = 0; axis < spatial; ++axis) order.push_back(3 + axis);
  order.push_back(2);
  offset = build.Transpose(offset, order);
  STINT_ASSIGN(View places, TapPlaces(build, deform));
  places = build.Unsqueeze(places, AxisRange(1, 1 + spatial));
  return Compute(build, {offset, places}, PositionType(node.dtype(2)), [&](const Terms& in) {
    const Term component = in.Coordinate(2 + spatial);
    Term corner = in.Coordinate(2) * static_cast<double>(deform.windows.strides[0]);
    for (int axis = 1; axis < spatial; ++axis) {
      const Term here = in.Coordinate(2 + axis) *
                        static_cast<double>(deform.windows.strides[static_cast<size_t>(axis)]);
      corner = (component == static_cast<double>(axis)).Choose(here, corner);
    }
    return (corner + in[1].As(MapType::kI64)).As(in[0].type()) + in[0];
  });
}

Result<Deform> ReadDeform(const NodeContext& node) {
  for (int i = 0; i < 3; ++i) STINT_TRY(node.Need(i));
  const View& weight = node.input(1);
  const int rank = node.input(0).rank();
  if (rank < 3 || rank > 5 || weight.rank() != rank || node.input(2).rank() != rank) {
    return node.Invalid("found rank " + std::to_string(rank) +
                        ", allowed 3 to 5, the same for input, weight and offset");
  }
  Deform deform;
  std::vector<int64_t> kernel;
  for (int axis = 2; axis < rank; ++axis) {
    const Dim extent = weight.dims[static_cast<size_t>(axis)];
    if (!extent.is_constant()) return node.Unsupported("a kernel whose extents are not known");
    kernel.push_back(extent.constant());
  }
  STINT_ASSIGN(deform.windows, ReadWindows(node, kernel));
  deform.spatial = rank - 2;
  deform.taps = Product(node.build, weight.dims, 2, rank);
  if (deform.taps.constant() * deform.spatial > LongDimList::kCapacity) {
    return node.Unsupported(std::to_string(deform.taps.constant()) + " taps");
  }
  deform.groups = node.Int("group", 1);
  deform.of_groups = node.Int("offset_group", 1);
  if (deform.groups < 1 || deform.of_groups < 1) {
    return node.Invalid("found no groups, allowed 1 and more");
  }
  const View& offset = node.input(2);
  deform.outputs.assign(offset.dims.begin() + 2, offset.dims.end());
  return deform;
}

// The columns of the product: [N, groups, C / groups * taps, outputs].
Result<View> DeformColumns(const NodeContext& node, const Deform& deform) {
  Builder& build = node.build;
  SymbolicDims& dims = build.dims();
  const View& x = node.input(0);
  STINT_ASSIGN(View positions, DeformPositions(node, deform));
  std::vector<Dim> image = x.dims;
  image[0] = dims.Mul(x.dims[0], deform.of_groups);
  image[1] = dims.FloorDiv(x.dims[1], deform.of_groups);
  STINT_ASSIGN(View grouped, build.Reshape(x, image));
  STINT_ASSIGN(View columns,
               build.EmitOne(OpKind::kSample, SampleAttributes(), {grouped, positions}));
  if (node.has(4)) {
    STINT_ASSIGN(const View mask, PerGroup(build, deform, node.input(4), 1));
    std::vector<int> order = {0, 2, 1};
    for (int axis = 0; axis < deform.spatial; ++axis) order.push_back(3 + axis);
    STINT_ASSIGN(columns, build.Binary(MapOpcode::kMul, columns, build.Transpose(mask, order)));
  }
  const Dim channels = dims.FloorDiv(x.dims[1], deform.groups);
  const Dim outputs = Product(build, deform.outputs, 0, deform.spatial);
  return build.Reshape(columns,
                       {x.dims[0], deform.groups, dims.Mul(channels, deform.taps), outputs});
}

// The columns that ordinary convolution would gather, sampled between elements, times the weight.
Status DeformConv(NodeContext& node) {
  STINT_ASSIGN(const Deform deform, ReadDeform(node));
  Builder& build = node.build;
  SymbolicDims& dims = build.dims();
  const View& weight = node.input(1);
  STINT_ASSIGN(const View columns, DeformColumns(node, deform));
  const Dim made = dims.FloorDiv(weight.dims[0], deform.groups);
  const Dim depth = dims.Mul(weight.dims[1], deform.taps);
  STINT_ASSIGN(const View rows, build.Reshape(weight, {1, deform.groups, made, depth}));
  STINT_ASSIGN(const View product,
               build.EmitOne(OpKind::kMatMul, MatMulAttributes(), {rows, columns}));
  std::vector<Dim> extents = {node.input(0).dims[0], weight.dims[0]};
  extents.insert(extents.end(), deform.outputs.begin(), deform.outputs.end());
  STINT_ASSIGN(View result, build.Reshape(product, extents));
  if (node.has(3)) {
    const View bias = AlongAxis(build, node.input(3), 1, result.rank());
    STINT_ASSIGN(result, build.Binary(MapOpcode::kAdd, result, bias));
  }
  node.SetOutput(0, std::move(result));
  return {};
}

// Before version 16 rois have their corners at elements.
Status RoiAlign(NodeContext& node) {
  for (int i = 0; i < 3; ++i) STINT_TRY(node.Need(i));
  RoiPoolAttributes attributes;
  const std::string mode = node.String("mode", "avg");
  if (mode == "max") {
    attributes.mode = RoiPoolMode::kAlignMax;
  } else if (mode != "avg") {
    return node.Invalid("found mode '" + mode + "', allowed avg and max");
  }
  const bool shifts = node.version() >= 16;
  const std::string transform =
      node.String("coordinate_transformation_mode", shifts ? "half_pixel" : "output_half_pixel");
  if (transform != "half_pixel" && transform != "output_half_pixel") {
    return node.Invalid("found coordinate_transformation_mode '" + transform +
                        "', allowed half_pixel and output_half_pixel");
  }
  attributes.half_pixel = transform == "half_pixel";
  attributes.extents.Push(node.Int("output_height", 1));
  attributes.extents.Push(node.Int("output_width", 1));
  attributes.sampling = node.Int("sampling_ratio", 0);
  attributes.spatial_scale = node.Float("spatial_scale", 1.0);
  STINT_ASSIGN(View result, node.build.EmitOne(OpKind::kRoiPool, attributes,
                                               {node.input(0), node.input(1), node.input(2)}));
  node.SetOutput(0, std::move(result));
  return {};
}

// A roi's first number is its image.
Status MaxRoiPool(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_TRY(node.Need(1));
  Builder& build = node.build;
  const View& rois = node.input(1);
  const std::vector<int64_t> bins = node.Ints("pooled_shape");
  if (rois.rank() != 2 || bins.size() != 2) {
    return node.Invalid("found rois of rank " + std::to_string(rois.rank()) + " and " +
                        std::to_string(bins.size()) + " bins, allowed 2 and 2");
  }
  build.dims().Require(rois.dims[1], 5, "a roi has an image and four numbers");
  RoiPoolAttributes attributes;
  attributes.mode = RoiPoolMode::kMax;
  attributes.extents.Push(bins[0]);
  attributes.extents.Push(bins[1]);
  attributes.spatial_scale = node.Float("spatial_scale", 1.0);
  const View image = build.Squeeze(build.Slice(rois, 1, 0, 1, 1), {1});
  STINT_ASSIGN(View images, build.Cast(image, DType::kInt64));
  STINT_ASSIGN(View result, build.EmitOne(OpKind::kRoiPool, attributes,
                                          {node.input(0), build.Slice(rois, 1, 1, 1, 4), images}));
  node.SetOutput(0, std::move(result));
  return {};
}

constexpr ImportRule kRules[] = {
    {"DeformConv", DeformConv, 19},
    {"GridSample", GridSample, 16},
    {"MaxRoiPool", MaxRoiPool},
    {"RoiAlign", RoiAlign, 10},
};

}  // namespace

std::span<const ImportRule> SamplingRules() { return kRules; }

}  // namespace stint::compiler
