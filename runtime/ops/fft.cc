#include "runtime/ops/fft.h"

#include <algorithm>
#include <cstddef>

#include "runtime/ops/elements.h"
#include "runtime/ops/fourier.h"
#include "runtime/ops/op_table.h"
#include "runtime/ops/shape_checks.h"
#include "runtime/ops/walk.h"

namespace stint {

namespace {

constexpr Field kFields[] = {
    {1, "axis", FieldType::kExtents, offsetof(FftAttributes, axis)},
    {2, "length", FieldType::kExtents, offsetof(FftAttributes, length)},
    {3, "inverse", FieldType::kInt, offsetof(FftAttributes, inverse), 0, 1},
    {4, "onesided", FieldType::kInt, offsetof(FftAttributes, onesided), 0, 1},
};

Status Infer(const OpShapes& op, DimContext& dims, std::span<TensorShape> results) {
  const auto& attributes = *static_cast<const FftAttributes*>(op.attributes);
  const TensorShape& x = op.operands[0];
  const ComputeClass compute = ComputeClassOf(x.dtype);
  if (compute != ComputeClass::kFloat && compute != ComputeClass::kDouble) {
    return WrongDType("input", x.dtype, "float16 to float64");
  }
  STINT_TRY(CheckRank("input", x, 2, kMaxRank));
  STINT_TRY(CheckInt("axes", attributes.axis.size, 1, 1));
  const Dim axis = attributes.axis[0];
  STINT_TRY(CheckAxis("axis", axis, x.rank));
  dims.Require(IsAxis(axis, x.rank - 1, x.rank, dims), 0, "the axis is not the last");
  STINT_TRY(CheckDim("numbers of the last axis", x.extents[x.rank - 1], 1, 2));
  STINT_TRY(CheckInt("lengths", attributes.length.size, 1, 1));
  const Dim length = attributes.length[0];
  STINT_TRY(CheckDim("length", length, 1, kMaxFftLength));
  const bool inverse = attributes.inverse != 0;
  const bool onesided = attributes.onesided != 0;
  TensorShape& y = results[0];
  y = x;
  const Dim bins = onesided && !inverse ? dims.Add(dims.FloorDiv(length, 2), 1) : length;
  for (int i = 0; i + 1 < x.rank; ++i) {
    y.extents[i] = dims.Select(IsAxis(axis, i, x.rank, dims), bins, x.extents[i]);
  }
  y.extents[x.rank - 1] = onesided && inverse ? 1 : 2;
  return {};
}

int AxisOf(const FftAttributes& attributes, int rank) {
  const int64_t axis = attributes.axis[0].constant();
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

// The lines of one run. T: what is computed in.
template <typename T>
class Lines {
 public:
  explicit Lines(const OpTensors& op)
      : op_(op),
        attributes_(op.as<FftAttributes>()),
        axis_(AxisOf(attributes_, op.operands[0].rank)) {}

  Status Run() {
    const TensorView& x = op_.operands[0];
    const TensorView& y = op_.results[0];
    STINT_TRY(fourier_.Create(length()));
    STINT_TRY(line_.Resize(static_cast<size_t>(length())));
    int64_t extents[kMaxRank];
    std::copy_n(y.extents, kMaxRank, extents);
    extents[axis_] = 1;
    extents[y.rank - 1] = 1;
    for (Walk<2> walk(y.rank, extents, {x.strides, y.strides}); !walk.done(); walk.Next()) {
      LoadLine(walk.offset(0));
      fourier_.Forward(line_.begin());
      StoreLine(walk.offset(1));
    }
    return {};
  }

 private:
  int64_t length() const { return attributes_.length[0].constant(); }
  bool inverse() const { return attributes_.inverse != 0; }
  bool mirrors() const { return inverse() && attributes_.onesided != 0; }

  // The inverse is the conjugate of the transform of the conjugate.
  void LoadLine(int64_t offset) {
    const TensorView& x = op_.operands[0];
    const int64_t stride = x.strides[axis_];
    const bool real = x.extents[x.rank - 1] == 1;
    const int64_t most = mirrors() ? length() / 2 + 1 : length();
    const int64_t count = std::min(x.extents[axis_], most);
    std::fill(line_.begin(), line_.end(), Complex<T>{0, 0});
    for (int64_t i = 0; i < count; ++i) {
      const int64_t at = offset + i * stride;
      const T re = Load<T>(x, at);
      const T im = real ? T{0} : Load<T>(x, at + x.strides[x.rank - 1]);
      line_[static_cast<size_t>(i)] = {re, inverse() ? -im : im};
      if (!mirrors() || i == 0) continue;
      // The middle bin of an even length is its own mirror image: its imaginary part is void.
      Complex<T>& mirror = line_[static_cast<size_t>(length() - i)];
      mirror = {re, 2 * i == length() ? T{0} : im};
    }
  }

  void StoreLine(int64_t offset) const {
    const TensorView& y = op_.results[0];
    const int64_t count = y.extents[axis_];
    const T scale = inverse() ? static_cast<T>(1 / static_cast<double>(length())) : T{1};
    for (int64_t i = 0; i < count; ++i) {
      const Complex<T>& value = line_[static_cast<size_t>(i)];
      const int64_t at = offset + i * y.strides[axis_];
      Store(value.re * scale, y, at);
      if (mirrors()) continue;
      Store(inverse() ? -value.im * scale : value.im, y, at + y.strides[y.rank - 1]);
    }
  }

  const OpTensors& op_;
  const FftAttributes& attributes_;
  int axis_;
  Fourier<T> fourier_;
  Array<Complex<T>> line_;
};

Status Run(const OpTensors& op) {
  const auto& attributes = op.as<FftAttributes>();
  const TensorView& x = op.operands[0];
  if (ElementCount(op.results[0]) == 0) return {};
  const bool real = x.extents[x.rank - 1] == 1 || (attributes.inverse * attributes.onesided) != 0;
  if (real || x.dtype == DType::kFloat64) return Lines<double>(op).Run();
  return Lines<float>(op).Run();
}

}  // namespace

constinit const OpInfo kFftOp = {
    .kind = OpKind::kFft,
    .name = "Fft",
    .summary = "Discrete Fourier transforms along one axis.",
    .fields = kFields,
    .attributes_size = sizeof(FftAttributes),
    .construct = ConstructAttributes<FftAttributes>,
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
};

}  // namespace stint
