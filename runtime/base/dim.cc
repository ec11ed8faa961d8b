#include "runtime/base/dim.h"

#include <algorithm>
#include <cmath>

#include "runtime/base/checked.h"

namespace stint {

namespace {

struct DimOpInfo {
  const char* name;
  int arity;
};

constexpr DimOpInfo kDimOps[kDimOpCount] = {
    {"symbol", 1},   {"add", 2},     {"sub", 2},       {"mul", 2},     {"floordiv", 2},
    {"truncdiv", 2}, {"mod", 2},     {"min", 2},       {"max", 2},     {"equal", 2},
    {"less", 2},     {"select", 3},  {"broadcast", 2}, {"real", 1},    {"realadd", 2},
    {"realsub", 2},  {"realmul", 2}, {"realdiv", 2},   {"realmin", 2}, {"realmax", 2},
    {"floor", 1},    {"float32", 1},
};

Status Overflow(DimOp op, int64_t a, int64_t b) {
  return Error(Code::kInvalid, "shape", "found %s(%lld, %lld), allowed results within int64",
               NameOf(op), static_cast<long long>(a), static_cast<long long>(b));
}

Status Divide(DimOp op, int64_t a, int64_t b, int64_t* out) {
  if (b == 0) {
    return Error(Code::kInvalid, "shape", "found division of %lld by zero, allowed other divisors",
                 static_cast<long long>(a));
  }
  if (b == -1) {
    *out = op == DimOp::kMod ? 0 : -a;
    return {};
  }
  if (op == DimOp::kTruncDiv) {
    *out = a / b;
  } else if (op == DimOp::kFloorDiv) {
    *out = FloorDivide(a, b);
  } else {
    const int64_t remainder = a % b;
    *out = remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder;
  }
  return {};
}

Status BroadcastExtents(int64_t a, int64_t b, int64_t* out) {
  if (a != b && a != 1 && b != 1) {
    return Error(Code::kInvalid, "shape",
                 "found extents %lld and %lld, allowed equal extents or 1 for broadcasting",
                 static_cast<long long>(a), static_cast<long long>(b));
  }
  *out = a == 1 ? b : a;
  return {};
}

double ComputeReal(DimOp op, double a, double b) {
  switch (op) {
    case DimOp::kRealAdd:
      return a + b;
    case DimOp::kRealSub:
      return a - b;
    case DimOp::kRealMul:
      return a * b;
    case DimOp::kRealDiv:
      return a / b;
    case DimOp::kRealMin:
      return std::isnan(a) || a < b ? a : b;
    case DimOp::kRealMax:
      return std::isnan(a) || a > b ? a : b;
    default:
      return static_cast<double>(static_cast<float>(a));
  }
}

Status FloorReal(double a, int64_t* out) {
  if (!(std::fabs(a) <= 0x1p62)) {
    return Error(Code::kInvalid, "shape", "found %g where an integer is needed, allowed +-2^62", a);
  }
  *out = static_cast<int64_t>(std::floor(a));
  return {};
}

}  // namespace

const char* NameOf(DimOp op) {
  const auto index = static_cast<uint8_t>(op);
  return index < kDimOpCount ? kDimOps[index].name : "unknown";
}

int ArityOf(DimOp op) {
  const auto index = static_cast<uint8_t>(op);
  return index < kDimOpCount ? kDimOps[index].arity : 0;
}

Status EvaluateDim(DimOp op, int64_t a, int64_t b, int64_t c, int64_t* out) {
  bool fits = true;
  switch (op) {
    case DimOp::kAdd:
      fits = CheckedAdd(a, b, out);
      break;
    case DimOp::kSub:
      fits = CheckedSub(a, b, out);
      break;
    case DimOp::kMul:
      fits = CheckedMul(a, b, out);
      break;
    case DimOp::kFloorDiv:
    case DimOp::kTruncDiv:
    case DimOp::kMod:
      STINT_TRY(Divide(op, a, b, out));
      break;
    case DimOp::kMin:
      *out = std::min(a, b);
      break;
    case DimOp::kMax:
      *out = std::max(a, b);
      break;
    case DimOp::kEqual:
      *out = a == b ? 1 : 0;
      break;
    case DimOp::kLess:
      *out = a < b ? 1 : 0;
      break;
    case DimOp::kSelect:
      *out = a != 0 ? b : c;
      break;
    case DimOp::kBroadcast:
      STINT_TRY(BroadcastExtents(a, b, out));
      break;
    case DimOp::kReal:
      *out = Real(static_cast<double>(a)).bits().constant();
      break;
    case DimOp::kRealAdd:
    case DimOp::kRealSub:
    case DimOp::kRealMul:
    case DimOp::kRealDiv:
    case DimOp::kRealMin:
    case DimOp::kRealMax:
    case DimOp::kFloat32:
      *out = Real(ComputeReal(op, std::bit_cast<double>(a), std::bit_cast<double>(b)))
                 .bits()
                 .constant();
      break;
    case DimOp::kFloor:
      STINT_TRY(FloorReal(std::bit_cast<double>(a), out));
      break;
    default:
      return Error(Code::kInternal, "shape", "found dim operation %d, allowed 1 to %d",
                   static_cast<int>(op), kDimOpCount - 1);
  }
  if (!fits || *out < Dim::kSmallestConstant) return Overflow(op, a, b);
  return {};
}

Dim IntegerDims::Apply(DimOp op, Dim a, Dim b, Dim c) {
  if (!a.is_constant() || !b.is_constant() || !c.is_constant()) {
    return Fail(Error(Code::kInternal, "shape", "found an expression, allowed integers"));
  }
  int64_t value = 0;
  Status status = EvaluateDim(op, a.constant(), b.constant(), c.constant(), &value);
  if (!status.ok()) return Fail(std::move(status));
  return value;
}

void IntegerDims::Require(Dim a, Dim b, const char* what) {
  if (a == b) return;
  Fail(Error(Code::kInvalid, "shape", "found %lld and %lld, allowed equal numbers: %s",
             static_cast<long long>(a.raw()), static_cast<long long>(b.raw()), what));
}

}  // namespace stint
