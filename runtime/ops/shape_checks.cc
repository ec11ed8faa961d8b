#include "runtime/ops/shape_checks.h"

#include <cmath>

#include <algorithm>

#include "runtime/base/checked.h"
#include "runtime/ops/elements.h"

namespace stint {

Status CheckExtents(const char* where, const TensorShape& shape) {
  STINT_TRY(CheckRank(where, shape, 0, kMaxRank));
  for (int axis = 0; axis < shape.rank; ++axis) {
    const Dim extent = shape.extents[axis];
    if (extent.is_constant() && extent.constant() < 0) {
      return Error(Code::kInvalid, where, "found extent %lld on axis %d, allowed 0 or more",
                   static_cast<long long>(extent.constant()), axis);
    }
  }
  return {};
}

Status CheckBytes(const char* where, const TensorShape& shape) {
  int64_t bytes = BytesOf(shape.dtype);
  bool fits = true;
  for (int axis = 0; axis < shape.rank; ++axis) {
    if (!shape.extents[axis].is_constant() || shape.extents[axis].constant() == 0) continue;
    fits = fits && CheckedMul(bytes, shape.extents[axis].constant(), &bytes) &&
           bytes < (int64_t{1} << 62);
  }
  if (fits) return {};
  return Error(Code::kInvalid, where, "found 2^62 bytes or more, allowed fewer");
}

Status CheckRank(const char* where, const TensorShape& shape, int minimum, int maximum) {
  if (shape.rank >= minimum && shape.rank <= maximum) return {};
  return Error(Code::kInvalid, where, "found rank %d, allowed %d to %d", shape.rank, minimum,
               maximum);
}

Status CheckDType(const char* where, const TensorShape& shape, DType allowed) {
  return shape.dtype == allowed ? Status() : WrongDType(where, shape.dtype, NameOf(allowed));
}

Status CheckView(const char* where, const TensorView& found, const TensorView& allowed) {
  if (found.dtype != allowed.dtype) return WrongDType(where, found.dtype, NameOf(allowed.dtype));
  if (found.rank != allowed.rank) {
    return Error(Code::kInvalid, where, "found rank %d, allowed %d", found.rank, allowed.rank);
  }
  for (int axis = 0; axis < found.rank; ++axis) {
    const int64_t extent = allowed.extents[axis];
    if (extent == -1 || extent == found.extents[axis]) continue;
    return Error(Code::kInvalid, where, "found extent %lld on axis %d, allowed %lld",
                 static_cast<long long>(found.extents[axis]), axis, static_cast<long long>(extent));
  }
  return {};
}

Status WrongDType(const char* where, DType found, const char* allowed) {
  return Error(Code::kInvalid, where, "found %s, allowed %s", NameOf(found), allowed);
}

Status UnsupportedDType(const char* where, DType found, const char* allowed) {
  return Error(Code::kUnsupported, where, "found %s, allowed %s", NameOf(found), allowed);
}

Status CheckFloats(const char* where, DType dtype) {
  const ComputeClass compute = ComputeClassOf(dtype);
  const bool computes = compute == ComputeClass::kFloat || compute == ComputeClass::kDouble;
  return computes ? Status() : UnsupportedDType(where, dtype, "float16 to float64");
}

Status CheckNumbers(const char* where, DType dtype) {
  const bool computes = ComputeClassOf(dtype) != ComputeClass::kNone && dtype != DType::kBool;
  if (computes) return {};
  return UnsupportedDType(where, dtype, "float16 to float64 and integers of 8 bits and more");
}

Status CheckInt(const char* where, int64_t value, int64_t minimum, int64_t maximum) {
  if (value >= minimum && value <= maximum) return {};
  return Error(Code::kInvalid, where, "found %lld, allowed %lld to %lld",
               static_cast<long long>(value), static_cast<long long>(minimum),
               static_cast<long long>(maximum));
}

Status CheckDim(const char* where, Dim value, int64_t minimum, int64_t maximum) {
  return value.is_constant() ? CheckInt(where, value.constant(), minimum, maximum) : Status();
}

Status CheckReals(const char* where, std::span<const Real> values, double minimum) {
  for (const Real real : values) {
    if (!real.is_constant()) continue;
    if (std::isfinite(real.value()) && real.value() >= minimum) continue;
    return Error(Code::kInvalid, where, "found %g, allowed finite numbers from %g", real.value(),
                 minimum);
  }
  return {};
}

Status RequireScalar(const char* where, const TensorShape& shape, DimContext& dims) {
  STINT_TRY(CheckRank(where, shape, 0, 1));
  if (shape.rank == 1) dims.Require(shape.extents[0], 1, where);
  return {};
}

Status RequireBroadcast(const char* where, const TensorShape& shape, const TensorShape& target,
                        DimContext& dims) {
  STINT_TRY(CheckRank(where, shape, 0, target.rank));
  for (int axis = 0; axis < shape.rank; ++axis) {
    const Dim extent = target.extents[target.rank - shape.rank + axis];
    if (shape.extents[axis] == extent) continue;
    dims.Require(dims.Broadcast(shape.extents[axis], extent), extent, where);
  }
  return {};
}

TensorShape Broadcast(const TensorShape& a, const TensorShape& b, DimContext& dims) {
  TensorShape shape = a.rank >= b.rank ? a : b;
  const TensorShape& other = a.rank >= b.rank ? b : a;
  const int shift = shape.rank - other.rank;
  for (int axis = 0; axis < other.rank; ++axis) {
    Dim& extent = shape.extents[shift + axis];
    extent = dims.Broadcast(extent, other.extents[axis]);
  }
  return shape;
}

Status CheckIota(const MapProgram& program, const char* where, int rank) {
  for (int i = 0; i < program.instruction_count; ++i) {
    const MapInstruction& instruction = program.instructions[i];
    if (instruction.opcode != MapOpcode::kIota || instruction.a < rank) continue;
    return Error(Code::kInvalid, where, "found iota of axis %d, allowed axes below %d",
                 instruction.a, rank);
  }
  return {};
}

Dim IsAxis(Dim axis, int index, int rank, DimContext& dims) {
  return dims.Max(dims.Equal(axis, index), dims.Equal(axis, index - rank));
}

Status CheckAxis(const char* where, Dim axis, int rank) {
  if (!axis.is_constant()) return {};
  if (axis.constant() >= -rank && axis.constant() < rank) return {};
  return Error(Code::kInvalid, where, "found %lld, allowed axes %d to %d",
               static_cast<long long>(axis.constant()), -rank, rank - 1);
}

}  // namespace stint
