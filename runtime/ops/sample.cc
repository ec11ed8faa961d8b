#include "runtime/ops/sample.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "runtime/base/math_round.h"
#include "runtime/ops/op_table.h"
#include "runtime/ops/shape_checks.h"
#include "runtime/ops/store_number.h"
#include "runtime/ops/walk.h"

namespace stint {

namespace {

constexpr const char* kModes[] = {"nearest", "linear", "cubic"};
constexpr const char* kPaddings[] = {"zeros", "border", "reflection"};
constexpr int kMaxAxes = 3;
constexpr int kMaxTaps = 4;

constexpr Field kFields[] = {
    {1, "mode", FieldType::kEnum, offsetof(SampleAttributes, mode), 0, 2, kModes},
    {2, "padding", FieldType::kEnum, offsetof(SampleAttributes, padding), 0, 2, kPaddings},
    {3, "align_corners", FieldType::kInt, offsetof(SampleAttributes, align_corners), 0, 1},
};

Status Infer(const OpShapes& op, DimContext& dims, std::span<TensorShape> results) {
  const TensorShape& x = op.operands[0];
  const TensorShape& positions = op.operands[1];
  STINT_TRY(CheckRank("input", x, 3, 2 + kMaxAxes));
  STINT_TRY(CheckRank("positions", positions, 2, kMaxRank));
  STINT_TRY(CheckNumbers("input", x.dtype));
  if (positions.dtype != DType::kFloat32 && positions.dtype != DType::kFloat64) {
    return WrongDType("positions", positions.dtype, "float32 and float64");
  }
  dims.Require(positions.extents[0], x.extents[0], "positions have the batch of the input");
  dims.Require(positions.extents[positions.rank - 1], x.rank - 2, "one coordinate a spatial axis");
  TensorShape& y = results[0];
  y = x;
  y.rank = positions.rank;
  for (int axis = 1; axis + 1 < positions.rank; ++axis) {
    y.extents[axis + 1] = positions.extents[axis];
  }
  return {};
}

// Mirrors `position` into [low, high].
template <typename C>
C Mirror(C position, C low, C high) {
  const C range = high - low;
  if (!(range > 0)) return low;
  if (position >= low && position <= high) return position;
  const C distance = position < low ? low - position : position - high;
  const C rest = math::Remainder(distance, range);
  const bool even = math::Remainder(math::Floor(distance / range), C{2}) == 0;
  return (position < low) == even ? low + rest : high - rest;
}

// One axis of one position: the elements that count, with their weights.
template <typename C>
struct Taps {
  int count = 0;
  int64_t index[kMaxTaps];  // -1: zero.
  C weight[kMaxTaps];
};

template <typename C>
struct AxisSampler {
  const SampleAttributes& attributes;
  int64_t extent;

  C low() const { return attributes.align_corners != 0 ? C{0} : C{-0.5}; }
  C high() const { return static_cast<C>(extent - 1) - low(); }

  // `position` where it counts, at most a few elements outside the axis. NaN becomes the lowest.
  C Inside(C position) const {
    const auto last = static_cast<C>(extent - 1);
    const bool taps_only = attributes.mode == SampleMode::kCubic;
    if (attributes.padding == SamplePadding::kReflection && std::isfinite(position)) {
      position = Mirror(position, low(), high());
    }
    const bool border = attributes.padding == SamplePadding::kBorder && !taps_only;
    const C margin = border ? C{0} : C{4};
    return position > -margin ? std::min(position, last + margin) : -margin;
  }

  int64_t Tap(int64_t index) const {
    if (index >= 0 && index < extent) return index;
    switch (attributes.padding) {
      case SamplePadding::kZeros:
        return -1;
      case SamplePadding::kBorder:
        return std::clamp<int64_t>(index, 0, extent - 1);
      case SamplePadding::kReflection:
        break;
    }
    const double mirrored =
        Mirror(static_cast<double>(index), static_cast<double>(low()), static_cast<double>(high()));
    return std::clamp<int64_t>(static_cast<int64_t>(mirrored), 0, extent - 1);
  }

  static void CubicWeights(C t, C* weight) {
    constexpr C kA = C{-0.75};
    const auto near = [](C d) { return ((kA + 2) * d - (kA + 3)) * d * d + 1; };
    const auto far = [](C d) { return ((kA * d - 5 * kA) * d + 8 * kA) * d - 4 * kA; };
    weight[0] = far(t + 1);
    weight[1] = near(t);
    weight[2] = near(1 - t);
    weight[3] = far(2 - t);
  }

  Taps<C> At(C position) const {
    position = Inside(position);
    Taps<C> taps;
    if (attributes.mode == SampleMode::kNearest) {
      taps.count = 1;
      taps.index[0] = Tap(static_cast<int64_t>(math::RoundEven(position)));
      taps.weight[0] = 1;
      return taps;
    }
    const C floor = math::Floor(position);
    const C t = position - floor;
    auto first = static_cast<int64_t>(floor);
    if (attributes.mode == SampleMode::kLinear) {
      taps.count = 2;
      taps.weight[0] = 1 - t;
      taps.weight[1] = t;
    } else {
      taps.count = 4;
      --first;
      CubicWeights(t, taps.weight);
    }
    for (int i = 0; i < taps.count; ++i) taps.index[i] = Tap(first + i);
    return taps;
  }
};

// Along the last kAxes axes of X.
template <typename C, int kAxes>
C Interpolate(const TensorView& x, const Taps<C>* taps, int64_t offset) {
  if constexpr (kAxes == 0) {
    return Load<C>(x, offset);
  } else {
    const int64_t stride = x.strides[x.rank - kAxes];
    C sum{};
    for (int i = 0; i < taps->count; ++i) {
      if (taps->index[i] < 0) continue;
      const C value = Interpolate<C, kAxes - 1>(x, taps + 1, offset + taps->index[i] * stride);
      sum += taps->weight[i] * value;
    }
    return sum;
  }
}

template <typename C>
C Interpolate(const TensorView& x, const Taps<C>* taps, int64_t offset) {
  if (x.rank == 3) return Interpolate<C, 1>(x, taps, offset);
  if (x.rank == 4) return Interpolate<C, 2>(x, taps, offset);
  return Interpolate<C, 3>(x, taps, offset);
}

// Where one position lies: its number split into coordinates of N, O1 .. Om.
struct Place {
  int64_t x, y, positions;  // Offsets of channel 0 and coordinate 0.
};

Place PlaceOf(const OpTensors& op, int64_t number) {
  const TensorView& x = op.operands[0];
  const TensorView& positions = op.operands[1];
  const TensorView& y = op.results[0];
  Place place = {0, 0, 0};
  ForCoordinates(number, positions.rank - 1, positions.extents, -1, [&](int axis, int64_t at) {
    place.positions += at * positions.strides[axis];
    place.y += at * y.strides[axis == 0 ? 0 : axis + 1];
    if (axis == 0) place.x = at * x.strides[0];
  });
  return place;
}

template <typename C>
void SampleAt(const OpTensors& op, int64_t number) {
  const auto& attributes = op.as<SampleAttributes>();
  const TensorView& x = op.operands[0];
  const TensorView& positions = op.operands[1];
  const TensorView& y = op.results[0];
  const Place place = PlaceOf(op, number);
  Taps<C> taps[kMaxAxes];
  for (int axis = 0; axis + 2 < x.rank; ++axis) {
    const int64_t offset = place.positions + axis * positions.strides[positions.rank - 1];
    taps[axis] = AxisSampler<C>{attributes, x.extents[axis + 2]}.At(Load<C>(positions, offset));
  }
  for (int64_t channel = 0; channel < x.extents[1]; ++channel) {
    const C value = Interpolate(x, taps, place.x + channel * x.strides[1]);
    StoreNumber(value, y, place.y + channel * y.strides[1]);
  }
}

// An image without elements has zeros everywhere.
void StoreZeros(const OpTensors& op, int64_t number) {
  const TensorView& y = op.results[0];
  const Place place = PlaceOf(op, number);
  for (int64_t channel = 0; channel < y.extents[1]; ++channel) {
    StoreNumber(0.0F, y, place.y + channel * y.strides[1]);
  }
}

Status Run(const OpTensors& op) {
  const TensorView& positions = op.operands[1];
  int64_t count = 1;
  for (int axis = 0; axis + 1 < positions.rank; ++axis) count *= positions.extents[axis];
  SampleRange(op, 0, count);
  return {};
}

}  // namespace

void SampleRange(const OpTensors& op, int64_t begin, int64_t end) {
  const TensorView& x = op.operands[0];
  if (ElementCount(op.results[0]) == 0) return;
  const bool empty = ElementCount(x) == 0;
  const bool wide = NeedsDouble(x.dtype) || op.operands[1].dtype == DType::kFloat64;
  for (int64_t number = begin; number < end; ++number) {
    if (empty) {
      StoreZeros(op, number);
    } else if (wide) {
      SampleAt<double>(op, number);
    } else {
      SampleAt<float>(op, number);
    }
  }
}

constinit const OpInfo kSampleOp = {
    .kind = OpKind::kSample,
    .name = "Sample",
    .summary =
        "Reads images at positions that are data, by nearest, linear or cubic interpolation.",
    .fields = kFields,
    .attributes_size = sizeof(SampleAttributes),
    .construct = ConstructAttributes<SampleAttributes>,
    .required_operands = 2,
    .core_operands = 2,
    .variadic = false,
    .core_results = 1,
    .strided_operands = 3,
    .keeps_precision = false,
    .prologue = nullptr,
    .epilogue = nullptr,
    .infer = Infer,
    .reference = Run,
};

}  // namespace stint
