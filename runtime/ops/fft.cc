#include "runtime/ops/fft.h"

#include <cstddef>

#include "runtime/ops/elements.h"
#include "runtime/ops/fft_lines.h"
#include "runtime/ops/op_table.h"
#include "runtime/ops/shape_checks.h"

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
  STINT_TRY(CheckFloats("input", x.dtype));
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

template <typename T>
Status RunAll(const OpTensors& op) {
  Scratch scratch(op.scratch);
  const FftLines<T> lines(op, scratch);
  const auto work = lines.TakeWork(scratch);
  lines.Fill(work);
  lines.Run(op, 0, FftLineCount(op), work);
  return {};
}

uint64_t ScratchOf(const OpTensors& op) {
  if (ElementCount(op.results[0]) == 0) return 0;
  Scratch scratch;
  WithFftType(op, [&](auto zero) { FftLines<decltype(zero)>(op, scratch).TakeWork(scratch); });
  return scratch.bytes();
}

Status Run(const OpTensors& op) {
  if (ElementCount(op.results[0]) == 0) return {};
  Status status;
  WithFftType(op, [&](auto zero) { status = RunAll<decltype(zero)>(op); });
  return status;
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
    .scratch = ScratchOf,
};

}  // namespace stint
