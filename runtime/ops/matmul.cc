#include "runtime/ops/matmul.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "runtime/ops/elements.h"
#include "runtime/ops/map/run_map.h"
#include "runtime/ops/op_table.h"
#include "runtime/ops/shape_checks.h"
#include "runtime/ops/walk.h"

namespace stint {

namespace {

constexpr Field kFields[] = {
    {1, "epilogue", FieldType::kProgram, offsetof(MatMulAttributes, epilogue)},
};

bool IsByte(DType dtype) { return dtype == DType::kInt8 || dtype == DType::kUInt8; }

Status InferDType(DType a, DType b, DType* dtype) {
  if (IsByte(a)) {
    *dtype = DType::kInt32;
    return IsByte(b) ? Status() : UnsupportedDType("B", b, "int8 and uint8");
  }
  const bool computes = ComputeClassOf(a) != ComputeClass::kNone && a != DType::kBool;
  if (!computes || (IsInteger(a) && BytesOf(a) < 4)) {
    return UnsupportedDType("A", a, "floats and integers of 8, 32 and 64 bits");
  }
  *dtype = a;
  return a == b ? Status() : WrongDType("B", b, NameOf(a));
}

// `zero` is a scalar, a vector with one number a row of A (column of B), or broadcasts to the
// operand with extent 1 along K, which is `inner` from the end.
Status CheckZeroPoint(const char* where, const TensorShape& zero, const TensorShape& of, int inner,
                      DimContext& dims) {
  if (!zero.present()) return {};
  if (!IsByte(of.dtype)) return WrongDType(where, zero.dtype, "none with these operands");
  STINT_TRY(CheckDType(where, zero, of.dtype));
  if (zero.rank <= 1) {
    const Dim lines = of.extents[of.rank - (inner == 1 ? 2 : 1)];
    if (zero.rank == 1) dims.Require(dims.Broadcast(zero.extents[0], lines), lines, where);
    return {};
  }
  TensorShape lines = of;
  lines.extents[of.rank - inner] = 1;
  return RequireBroadcast(where, zero, lines, dims);
}

Status Infer(const OpShapes& op, DimContext& dims, std::span<TensorShape> results) {
  const TensorShape& a = op.operands[0];
  const TensorShape& b = op.operands[1];
  const TensorShape& bias = op.operands[2];
  STINT_TRY(CheckRank("A", a, 2, kMaxRank));
  STINT_TRY(CheckRank("B", b, 2, kMaxRank));
  dims.Require(a.extents[a.rank - 1], b.extents[b.rank - 2], "K of A and B");
  TensorShape a_batch = a;
  TensorShape b_batch = b;
  a_batch.rank -= 2;
  b_batch.rank -= 2;
  TensorShape& y = results[0];
  y = Broadcast(a_batch, b_batch, dims);
  STINT_TRY(InferDType(a.dtype, b.dtype, &y.dtype));
  y.extents[y.rank++] = a.extents[a.rank - 2];
  y.extents[y.rank++] = b.extents[b.rank - 1];
  if (bias.present()) {
    const Dim columns = y.extents[y.rank - 1];
    STINT_TRY(CheckDType("bias", bias, y.dtype));
    STINT_TRY(CheckRank("bias", bias, 0, 1));
    if (bias.rank == 1) dims.Require(dims.Broadcast(bias.extents[0], columns), columns, "bias");
  }
  STINT_TRY(CheckZeroPoint("zero point of A", op.operands[3], a, 1, dims));
  return CheckZeroPoint("zero point of B", op.operands[4], b, 2, dims);
}

// A zero point vector of A's rows is a column.
TensorView AsColumn(TensorView vector) {
  if (vector.rank != 1) return vector;
  vector.rank = 2;
  vector.extents[1] = 1;
  vector.strides[1] = 0;
  return vector;
}

// `view`, whose axis `axis` from the end is along K with extent `k`, broadcast to the result's
// other extents. `*step` is the stride along K; that of the result's walk is 0 there.
TensorView Along(const TensorView& view, TensorView like, int axis, int64_t k, int64_t* step) {
  const int along = like.rank - axis;
  like.extents[along] = k;
  TensorView broadcast = BroadcastTo(view, like);
  *step = std::exchange(broadcast.strides[along], 0);
  return broadcast;
}

template <typename C>
void Multiply(const OpTensors& op) {
  const TensorView& y = op.results[0];
  const TensorView& bias = op.operands[2];
  const TensorView a_zero = AsColumn(op.operands[3]);
  const TensorView& b_zero = op.operands[4];
  const int64_t k = op.operands[0].extents[op.operands[0].rank - 1];
  int64_t a_step = 0;
  int64_t b_step = 0;
  int64_t unused = 0;
  const TensorView a = Along(op.operands[0], y, 1, k, &a_step);
  const TensorView b = Along(op.operands[1], y, 2, k, &b_step);
  const TensorView none;
  const TensorView c = bias.present() ? BroadcastTo(bias, y) : none;
  const TensorView za = a_zero.present() ? Along(a_zero, y, 1, 1, &unused) : none;
  const TensorView zb = b_zero.present() ? Along(b_zero, y, 2, 1, &unused) : none;
  Walk<6> walk(y.rank, y.extents,
               {y.strides, a.strides, b.strides, c.strides, za.strides, zb.strides});
  for (; !walk.done(); walk.Next()) {
    C sum = c.present() ? Load<C>(c, walk.offset(3)) : C{};
    const C a_shift = za.present() ? Load<C>(za, walk.offset(4)) : C{};
    const C b_shift = zb.present() ? Load<C>(zb, walk.offset(5)) : C{};
    for (int64_t i = 0; i < k; ++i) {
      sum = Plus(sum, Times<C>(Load<C>(a, walk.offset(1) + i * a_step) - a_shift,
                               Load<C>(b, walk.offset(2) + i * b_step) - b_shift));
    }
    Store(sum, y, walk.offset(0));
  }
}

Status Run(const OpTensors& op) {
  switch (ComputeClassOf(op.operands[0].dtype)) {
    case ComputeClass::kFloat:
      Multiply<float>(op);
      break;
    case ComputeClass::kDouble:
      Multiply<double>(op);
      break;
    default:
      Multiply<int64_t>(op);
  }
  return {};
}

}  // namespace

constinit const OpInfo kMatMulOp = {
    .kind = OpKind::kMatMul,
    .name = "MatMul",
    .summary = "Batched matrix product with broadcast batch axes.",
    .fields = kFields,
    .attributes_size = sizeof(MatMulAttributes),
    .construct = ConstructAttributes<MatMulAttributes>,
    .required_operands = 2,
    .core_operands = 5,
    .variadic = false,
    .core_results = 1,
    .strided_operands = 3,
    .keeps_precision = true,
    .prologue = nullptr,
    .epilogue = &kFields[0],
    .infer = Infer,
    .reference = Run,
};

}  // namespace stint
