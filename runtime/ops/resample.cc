#include "runtime/ops/resample.h"

#include <cmath>
#include <cstddef>

#include "runtime/ops/elements.h"
#include "runtime/ops/op_table.h"
#include "runtime/ops/resample_lines.h"
#include "runtime/ops/shape_checks.h"

namespace stint {

namespace {

constexpr const char* kModes[] = {"nearest", "linear", "cubic"};

constexpr Field kFields[] = {
    {1, "mode", FieldType::kEnum, offsetof(ResampleAttributes, mode), 0, 2, kModes},
    {2, "extents", FieldType::kExtents, offsetof(ResampleAttributes, extents)},
    {3, "scales", FieldType::kFloatList, offsetof(ResampleAttributes, scales)},
    {4, "coordinate", FieldType::kEnum, offsetof(ResampleAttributes, coordinate), 0, 6,
     kResizeCoordinateNames},
    {5, "rounding", FieldType::kEnum, offsetof(ResampleAttributes, rounding), 0, 3,
     kResizeRoundingNames},
    {6, "cubic_coefficient", FieldType::kFloat, offsetof(ResampleAttributes, cubic_coefficient)},
    {7, "antialias", FieldType::kInt, offsetof(ResampleAttributes, antialias), 0, 1},
    {8, "exclude_outside", FieldType::kInt, offsetof(ResampleAttributes, exclude_outside), 0, 1},
    {9, "region", FieldType::kFloatList, offsetof(ResampleAttributes, region)},
    {10, "extrapolation", FieldType::kFloat, offsetof(ResampleAttributes, extrapolation)},
};

Status CheckNumbers(const ResampleAttributes& attributes, int rank) {
  STINT_TRY(CheckInt("extents", attributes.extents.size, rank, rank));
  if (attributes.scales.size != 0) {
    STINT_TRY(CheckInt("scales", attributes.scales.size, rank, rank));
  }
  if (attributes.region.size != 0) {
    STINT_TRY(CheckInt("region", attributes.region.size, 2 * rank, 2 * rank));
  }
  STINT_TRY(CheckReals("scales", attributes.scales.span(), 0));
  STINT_TRY(CheckReals("region", attributes.region.span(), -HUGE_VAL));
  if (std::isfinite(attributes.cubic_coefficient)) return {};
  return Error(Code::kInvalid, "cubic_coefficient", "found %g, allowed finite numbers",
               attributes.cubic_coefficient);
}

Status CheckMode(const ResampleAttributes& attributes, const TensorShape& x) {
  if (ComputeClassOf(x.dtype) == ComputeClass::kNone) {
    return UnsupportedDType("input", x.dtype,
                            "float16 to float64, integers of 8 bits and more, bool");
  }
  const bool nearest = attributes.mode == ResampleMode::kNearest;
  if (x.dtype == DType::kBool && !nearest) return UnsupportedDType("input", x.dtype, "numbers");
  const bool region = attributes.coordinate == ResizeCoordinate::kTfCropAndResize;
  if (attributes.antialias == 0 || (!nearest && !region)) return {};
  return Error(Code::kUnsupported, "antialias",
               "found 1 with mode nearest or tf_crop_and_resize, allowed 0 there");
}

// What an axis of known extents requires.
Status CheckAxisExtents(const ResampleAttributes& attributes, int axis, int64_t source,
                        int64_t result) {
  if (result <= 0) return {};
  if (source <= 0) {
    return Error(Code::kInvalid, "extents", "found %lld elements from none on axis %d, allowed 0",
                 static_cast<long long>(result), axis);
  }
  const double scale = ScaleOf(attributes, axis, source, result);
  if (attributes.antialias == 0 || scale >= kMinAntialiasScale) return {};
  return Error(Code::kUnsupported, "scales", "found %g with antialias, allowed %g or more", scale,
               kMinAntialiasScale);
}

Status Infer(const OpShapes& op, DimContext&, std::span<TensorShape> results) {
  const auto& attributes = *static_cast<const ResampleAttributes*>(op.attributes);
  const TensorShape& x = op.operands[0];
  STINT_TRY(CheckNumbers(attributes, x.rank));
  STINT_TRY(CheckMode(attributes, x));
  results[0] = x;
  for (int axis = 0; axis < x.rank; ++axis) {
    const Dim source = x.extents[axis];
    const Dim result = attributes.extents[axis];
    results[0].extents[axis] = result;
    const bool scaled = attributes.scales.size == 0 || attributes.scales[axis].is_constant();
    if (!source.is_constant() || !result.is_constant() || !scaled) continue;
    STINT_TRY(CheckAxisExtents(attributes, axis, source.constant(), result.constant()));
  }
  return {};
}

uint64_t ScratchOf(const OpTensors& op) {
  Scratch scratch;
  const ResampleTables tables(op, scratch);
  return scratch.bytes();
}

Status Run(const OpTensors& op) {
  Scratch scratch(op.scratch);
  ResampleTables tables(op, scratch);
  tables.Fill(op);
  ResampleLines(op, tables, 0, ResampleLineCount(op.results[0]));
  return {};
}

}  // namespace

constinit const OpInfo kResampleOp = {
    .kind = OpKind::kResample,
    .name = "Resample",
    .summary = "Scales axes by nearest, linear or cubic interpolation.",
    .fields = kFields,
    .attributes_size = sizeof(ResampleAttributes),
    .construct = ConstructAttributes<ResampleAttributes>,
    .required_operands = 1,
    .core_operands = 1,
    .variadic = false,
    .core_results = 1,
    .strided_operands = 1,
    .keeps_precision = false,
    .prologue = nullptr,
    .epilogue = nullptr,
    .infer = Infer,
    .reference = Run,
    .scratch = ScratchOf,
};

}  // namespace stint
