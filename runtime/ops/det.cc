#include "runtime/ops/det.h"

#include <algorithm>
#include <cmath>

#include "runtime/ops/elements.h"
#include "runtime/ops/op_table.h"
#include "runtime/ops/scratch.h"
#include "runtime/ops/shape_checks.h"
#include "runtime/ops/walk.h"

namespace stint {

namespace {

Status Infer(const OpShapes& op, DimContext& dims, std::span<TensorShape> results) {
  const TensorShape& x = op.operands[0];
  STINT_TRY(CheckFloats("input", x.dtype));
  STINT_TRY(CheckRank("input", x, 2, kMaxRank));
  dims.Require(x.extents[x.rank - 2], x.extents[x.rank - 1], "matrices are square");
  results[0] = x;
  results[0].rank = x.rank - 2;
  return {};
}

// Eliminates below the diagonal of `rows`, n rows of n.
double Determinant(double* rows, int64_t n) {
  double determinant = 1;
  for (int64_t k = 0; k < n; ++k) {
    int64_t pivot = k;
    for (int64_t i = k + 1; i < n; ++i) {
      if (std::fabs(rows[i * n + k]) > std::fabs(rows[pivot * n + k])) pivot = i;
    }
    if (pivot != k) {
      std::swap_ranges(rows + k * n, rows + (k + 1) * n, rows + pivot * n);
      determinant = -determinant;
    }
    const double diagonal = rows[k * n + k];
    determinant *= diagonal;
    if (diagonal == 0) return determinant;
    for (int64_t i = k + 1; i < n; ++i) {
      const double factor = rows[i * n + k] / diagonal;
      for (int64_t j = k + 1; j < n; ++j) rows[i * n + j] -= factor * rows[k * n + j];
    }
  }
  return determinant;
}

// One matrix; none when there are no matrices, whose extents are then not bounded by memory.
std::span<double> TakeRows(const OpTensors& op, Scratch& scratch) {
  const TensorView& x = op.operands[0];
  const int64_t n = x.extents[x.rank - 1];
  return scratch.Take<double>(ElementCount(op.results[0]) == 0 ? 0 : n * n);
}

uint64_t ScratchOf(const OpTensors& op) {
  Scratch scratch;
  TakeRows(op, scratch);
  return scratch.bytes();
}

Status Run(const OpTensors& op) {
  const TensorView& x = op.operands[0];
  const TensorView& y = op.results[0];
  if (ElementCount(y) == 0) return {};
  const int64_t n = x.extents[x.rank - 1];
  Scratch scratch(op.scratch);
  const std::span<double> rows = TakeRows(op, scratch);
  for (Walk<2> walk(y.rank, y.extents, {x.strides, y.strides}); !walk.done(); walk.Next()) {
    for (int64_t i = 0; i < n * n; ++i) {
      const int64_t at = i / n * x.strides[x.rank - 2] + i % n * x.strides[x.rank - 1];
      rows[static_cast<size_t>(i)] = Load<double>(x, walk.offset(0) + at);
    }
    const double determinant = Determinant(rows.data(), n);
    if (y.dtype == DType::kFloat64) {
      Store(determinant, y, walk.offset(1));
    } else {
      Store(static_cast<float>(determinant), y, walk.offset(1));
    }
  }
  return {};
}

}  // namespace

constinit const OpInfo kDetOp = {
    .kind = OpKind::kDet,
    .name = "Det",
    .summary = "Determinants of square matrices.",
    .fields = {},
    .attributes_size = sizeof(DetAttributes),
    .construct = ConstructAttributes<DetAttributes>,
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
