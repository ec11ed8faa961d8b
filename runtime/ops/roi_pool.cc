#include "runtime/ops/roi_pool.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "runtime/ops/elements.h"
#include "runtime/ops/indices.h"
#include "runtime/ops/op_table.h"
#include "runtime/ops/shape_checks.h"

namespace stint {

namespace {

constexpr const char* kModes[] = {"align_average", "align_max", "max"};
// Points a bin and axis: a bin takes their square, and nothing ends a run within a command.
constexpr int64_t kMaxSampling = 64;

constexpr Field kFields[] = {
    {1, "mode", FieldType::kEnum, offsetof(RoiPoolAttributes, mode), 0, 2, kModes},
    {2, "extents", FieldType::kExtents, offsetof(RoiPoolAttributes, extents)},
    {3, "spatial_scale", FieldType::kFloat, offsetof(RoiPoolAttributes, spatial_scale)},
    {4, "sampling", FieldType::kInt, offsetof(RoiPoolAttributes, sampling), 0, kMaxSampling},
    {5, "half_pixel", FieldType::kInt, offsetof(RoiPoolAttributes, half_pixel), 0, 1},
};

Status Infer(const OpShapes& op, DimContext& dims, std::span<TensorShape> results) {
  const auto& attributes = *static_cast<const RoiPoolAttributes*>(op.attributes);
  const TensorShape& x = op.operands[0];
  const TensorShape& rois = op.operands[1];
  const TensorShape& images = op.operands[2];
  STINT_TRY(CheckFloats("input", x.dtype));
  STINT_TRY(CheckRank("input", x, 4, 4));
  STINT_TRY(CheckRank("rois", rois, 2, 2));
  STINT_TRY(CheckDType("rois", rois, x.dtype));
  STINT_TRY(CheckRank("images", images, 1, 1));
  STINT_TRY(CheckIndexDType(images));
  STINT_TRY(CheckInt("extents", attributes.extents.size, 2, 2));
  dims.Require(rois.extents[1], 4, "a roi has four numbers");
  dims.Require(rois.extents[0], images.extents[0], "each roi has an image");
  TensorShape& y = results[0];
  y = x;
  y.extents[0] = rois.extents[0];
  y.extents[2] = attributes.extents[0];
  y.extents[3] = attributes.extents[1];
  return {};
}

// One axis of one roi, cut into bins. Places are double: weights are differences of them.
struct RoiAxis {
  int64_t extent;   // Of the image.
  int64_t bins;     // Of the result.
  double begin;     // Elements.
  double bin;       // Elements a bin.
  int64_t samples;  // A bin.
};

// A sampling point on one axis: two neighbours with their weights, or none outside.
template <typename C>
struct Sample {
  bool inside;
  int64_t low, high;
  C low_weight, high_weight;
};

template <typename C>
Sample<C> SampleOf(const RoiAxis& axis, int64_t bin, int64_t i) {
  const double bins =
      static_cast<double>(bin) + (static_cast<double>(i) + 0.5) / static_cast<double>(axis.samples);
  double at = axis.begin + bins * axis.bin;
  if (!(at >= -1) || !(at <= static_cast<double>(axis.extent))) return {};
  at = std::max(at, 0.0);
  const auto low = static_cast<int64_t>(at);
  if (low >= axis.extent - 1) return {true, axis.extent - 1, axis.extent - 1, 1, 0};
  const double rest = at - static_cast<double>(low);
  return {true, low, low + 1, static_cast<C>(1 - rest), static_cast<C>(rest)};
}

template <typename C>
class RoiPooler {
 public:
  explicit RoiPooler(const OpTensors& op)
      : attributes_(op.as<RoiPoolAttributes>()),
        x_(op.operands[0]),
        rois_(op.operands[1]),
        images_(op.operands[2]),
        y_(op.results[0]) {}

  Status Run() const {
    for (int64_t roi = 0; roi < y_.extents[0]; ++roi) STINT_TRY(RunRoi(roi));
    return {};
  }

 private:
  bool rounds() const { return attributes_.mode == RoiPoolMode::kMax; }

  double Bound(int64_t roi, int which) const {
    const C number = Load<C>(rois_, roi * rois_.strides[0] + which * rois_.strides[1]);
    if (rounds()) return std::round(number * static_cast<C>(attributes_.spatial_scale));
    const double scaled = double{number} * attributes_.spatial_scale;
    return attributes_.half_pixel != 0 ? scaled - 0.5 : scaled;
  }

  // `which`: the number of the roi where the axis begins.
  Status AxisOf(int64_t roi, int which, int axis, RoiAxis* out) const {
    const double begin = Bound(roi, which);
    double length = Bound(roi, which + 2) - begin;
    if (rounds()) length += 1;
    if (rounds() || attributes_.half_pixel == 0) length = std::max(length, 1.0);
    const int64_t bins = y_.extents[axis];
    const double bin = length / static_cast<double>(bins);
    if (!std::isfinite(begin) || !std::isfinite(static_cast<C>(bin))) {
      return Error(Code::kInvalid, "rois", "found begin %g and %g elements a bin, allowed numbers",
                   begin, bin);
    }
    double samples = std::ceil(bin);
    if (attributes_.sampling > 0) samples = static_cast<double>(attributes_.sampling);
    if (rounds()) samples = 1;
    // Regions far larger than the image have no use: sampling them could take forever.
    const int64_t most = std::max(4 * x_.extents[axis] / std::max<int64_t>(bins, 1), kMaxSampling);
    if (!(samples <= static_cast<double>(most))) {
      return Error(Code::kInvalid, "rois", "found %g elements a bin, allowed %lld", bin,
                   static_cast<long long>(most));
    }
    *out = {x_.extents[axis], bins, begin, bin, static_cast<int64_t>(std::max(samples, 0.0))};
    return {};
  }

  Status RunRoi(int64_t roi) const {
    int64_t image = 0;
    STINT_TRY(ReadIndex(images_, roi * images_.strides[0], 0, x_.extents[0], &image));
    RoiAxis rows;
    RoiAxis columns;
    STINT_TRY(AxisOf(roi, 1, 2, &rows));
    STINT_TRY(AxisOf(roi, 0, 3, &columns));
    for (int64_t channel = 0; channel < y_.extents[1]; ++channel) {
      const int64_t from = image * x_.strides[0] + channel * x_.strides[1];
      const int64_t to = roi * y_.strides[0] + channel * y_.strides[1];
      for (int64_t row = 0; row < rows.bins; ++row) {
        for (int64_t column = 0; column < columns.bins; ++column) {
          const C value = rounds() ? Largest(rows, columns, row, column, from)
                                   : Aligned(rows, columns, row, column, from);
          Store(value, y_, to + row * y_.strides[2] + column * y_.strides[3]);
        }
      }
    }
    return {};
  }

  C At(int64_t from, int64_t row, int64_t column) const {
    return Load<C>(x_, from + row * x_.strides[2] + column * x_.strides[3]);
  }

  C Aligned(const RoiAxis& rows, const RoiAxis& columns, int64_t row, int64_t column,
            int64_t from) const {
    C sum = 0;
    C largest = 0;
    for (int64_t i = 0; i < rows.samples; ++i) {
      const Sample<C> v = SampleOf<C>(rows, row, i);
      if (!v.inside) {  // All of its points are zeros.
        largest = i == 0 ? C{0} : std::max(largest, C{0});
        continue;
      }
      for (int64_t j = 0; j < columns.samples; ++j) {
        const Sample<C> h = SampleOf<C>(columns, column, j);
        C corners[4] = {0, 0, 0, 0};
        if (h.inside) {
          corners[0] = v.low_weight * h.low_weight * At(from, v.low, h.low);
          corners[1] = v.low_weight * h.high_weight * At(from, v.low, h.high);
          corners[2] = v.high_weight * h.low_weight * At(from, v.high, h.low);
          corners[3] = v.high_weight * h.high_weight * At(from, v.high, h.high);
        }
        sum += corners[0] + corners[1] + corners[2] + corners[3];
        const C corner = *std::max_element(corners, corners + 4);
        largest = i + j == 0 ? corner : std::max(largest, corner);
      }
    }
    if (attributes_.mode == RoiPoolMode::kAlignMax) return largest;
    return sum / static_cast<C>(std::max<int64_t>(rows.samples * columns.samples, 1));
  }

  // The elements of bin `bin` inside the image. In the type of the elements, as other
  // implementations have it: an end is rounded up.
  static void Range(const RoiAxis& axis, int64_t bin, int64_t* first, int64_t* last) {
    // The extent as a C may be larger than the extent.
    const auto clip = [&](C at) {
      const C edge = std::clamp(at + static_cast<C>(axis.begin), C{0}, static_cast<C>(axis.extent));
      return std::min(static_cast<int64_t>(edge), axis.extent);
    };
    *first = clip(std::floor(static_cast<C>(bin) * static_cast<C>(axis.bin)));
    *last = clip(std::ceil(static_cast<C>(bin + 1) * static_cast<C>(axis.bin)));
  }

  C Largest(const RoiAxis& rows, const RoiAxis& columns, int64_t row, int64_t column,
            int64_t from) const {
    int64_t first_row, last_row, first_column, last_column;
    Range(rows, row, &first_row, &last_row);
    Range(columns, column, &first_column, &last_column);
    if (first_row >= last_row || first_column >= last_column) return 0;
    C largest = At(from, first_row, first_column);
    for (int64_t i = first_row; i < last_row; ++i) {
      for (int64_t j = first_column; j < last_column; ++j) {
        largest = std::max(largest, At(from, i, j));
      }
    }
    return largest;
  }

  const RoiPoolAttributes& attributes_;
  const TensorView& x_;
  const TensorView& rois_;
  const TensorView& images_;
  const TensorView& y_;
};

Status Run(const OpTensors& op) {
  if (ElementCount(op.results[0]) == 0) return {};
  if (ElementCount(op.operands[0]) == 0) {
    return Error(Code::kInvalid, "input", "found no elements, allowed images with elements");
  }
  if (op.operands[0].dtype == DType::kFloat64) return RoiPooler<double>(op).Run();
  return RoiPooler<float>(op).Run();
}

}  // namespace

constinit const OpInfo kRoiPoolOp = {
    .kind = OpKind::kRoiPool,
    .name = "RoiPool",
    .summary = "Pools rectangles of images into a fixed number of bins.",
    .fields = kFields,
    .attributes_size = sizeof(RoiPoolAttributes),
    .construct = ConstructAttributes<RoiPoolAttributes>,
    .required_operands = 3,
    .core_operands = 3,
    .variadic = false,
    .core_results = 1,
    .strided_operands = 7,
    .keeps_precision = false,
    .prologue = nullptr,
    .epilogue = nullptr,
    .infer = Infer,
    .reference = Run,
};

}  // namespace stint
